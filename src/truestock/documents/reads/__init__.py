"""Typed questions about documents, one .sql file each."""

from truestock.documents.reads.documents import document_by_id
from truestock.documents.reads.lists import count_documents, document_numbers, search_documents

__all__ = ["count_documents", "document_by_id", "document_numbers", "search_documents"]
