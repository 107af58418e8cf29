"""Who may import what: the right to import, and the right to do the same by hand.

A file may be of any site: who is limited to sites sees only what they have uploaded themselves.
"""

from truestock.exchange.errors.imports import ImportNotFoundError
from truestock.exchange.model.imports import ImportKind, ImportRun, Mapping
from truestock.kernel.actor import Actor

RIGHTS: dict[ImportKind, tuple[str, ...]] = {
    ImportKind.ITEMS: ("item.write",),
    ImportKind.LOCATIONS: ("location.write",),
    ImportKind.PARTIES: ("party.write",),
    ImportKind.OPENING_STOCK: ("stock.post", "stock.adjust"),
    ImportKind.MOVEMENTS: ("stock.post",),
    ImportKind.DELIVERIES: ("document.write", "document.post", "stock.post"),
}
RIGHTS_TO_CREATE = ("item.write", "location.write")


def whose_imports(actor: Actor) -> int | None:
    """Return whose imports the actor sees: only the own ones, or None for everybody's."""
    return None if actor.site_ids is None else actor.actor_id


def require_seen(actor: Actor, run: ImportRun) -> ImportRun:
    """Return the import; raise `ImportNotFoundError` unless the actor may see it."""
    if whose_imports(actor) not in {None, run.actor_id}:
        raise ImportNotFoundError(import_id=run.import_id)
    return run


def require_import_rights(actor: Actor, kind: ImportKind, mapping: Mapping) -> None:
    """Raise `ForbiddenError` unless the actor may import this kind of file."""
    actor.require("import.run")
    for permission in RIGHTS[kind]:
        actor.require(permission)
    if mapping.create_missing:
        for permission in RIGHTS_TO_CREATE:
            actor.require(permission)
