"""Who may import what: the right to import, and the right to do the same by hand."""

from truestock.exchange.model.imports import ImportKind, Mapping
from truestock.kernel.actor import Actor

RIGHTS: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.ITEMS: ("item.write",),
    ImportKind.LOCATIONS: ("location.write",),
    ImportKind.PARTIES: ("party.write",),
    ImportKind.OPENING_STOCK: ("stock.post",),
    ImportKind.MOVEMENTS: ("stock.post",),
    ImportKind.DELIVERIES: ("document.write", "document.post", "stock.post"),
}
RIGHTS_TO_CREATE = ("item.write", "location.write")


def require_import_rights(actor: Actor, kind: ImportKind, mapping: Mapping) -> None:
    """Raise `ForbiddenError` unless the actor may import this kind of file."""
    actor.require("import.run")
    for permission in RIGHTS[kind]:
        actor.require(permission)
    if mapping.create_missing:
        for permission in RIGHTS_TO_CREATE:
            actor.require(permission)
