"""Routes of stock: decode, call one operation or read, encode."""

from fastapi import APIRouter

from truestock.stock.api import locations, sites

__all__ = ["router"]

router = APIRouter(prefix="/api/v1")
router.include_router(locations.router)
router.include_router(sites.router)
