"""Typed questions about the catalogue, one .sql file each."""

from truestock.catalog.reads.items import item_facts
from truestock.catalog.reads.search import items_by_code, search_items

__all__ = ["item_facts", "items_by_code", "search_items"]
