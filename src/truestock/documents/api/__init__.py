"""Routes of documents: decode, call one operation or read, encode."""

from fastapi import APIRouter

from truestock.documents.api import documents, policies

__all__ = ["router"]

router = APIRouter(prefix="/api/v1")
router.include_router(documents.router)
router.include_router(policies.router)
