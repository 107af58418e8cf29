"""Routes of files in and out."""

from fastapi import APIRouter

from truestock.exchange.api import exports, imports, mappings

__all__ = ["router"]

router = APIRouter(prefix="/api/v1")
router.include_router(imports.router)
router.include_router(mappings.router)
router.include_router(exports.router)
