"""Changes of saved views."""

from truestock.database import Transaction, load_sql

_ADD = load_sql(__name__, "add_view")
_REMOVE = load_sql(__name__, "remove_view")


async def add_view(
    tx: Transaction, actor_id: int, page: str, name: str, query: str, *, shared: bool
) -> int:
    """Keep a view; return its id."""
    return int(await tx.value(_ADD, actor_id, page, name, query, shared))


async def remove_view(tx: Transaction, view_id: int, actor_id: int) -> bool:
    """Remove a view of this actor; tell whether there was one."""
    return await tx.value(_REMOVE, view_id, actor_id) is not None
