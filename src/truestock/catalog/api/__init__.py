"""Routes of the catalogue: items, suppliers and customers, supplier terms."""

from fastapi import APIRouter

from truestock.catalog.api import items, parties, terms
from truestock.catalog.api.look_up import thin_routes

__all__ = ["router", "thin_routes"]

router = APIRouter(prefix="/api/v1")
router.include_router(items.router)
router.include_router(parties.router)
router.include_router(terms.router)
