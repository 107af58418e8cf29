"""The slices by name, and the way to the file of a kind that each may have (`api`, `jobs`)."""

from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType

SLICES = (
    "identity",
    "catalog",
    "stock",
    "documents",
    "traceability",
    "planning",
    "channels",
    "exchange",
    "monitoring",
    "overview",
)
"""From the bottom of the map to its top."""


def slice_modules(kind: str) -> Iterator[ModuleType]:
    """Import and yield `truestock.<slice>.<kind>` of every slice that has one, in map order."""
    for name in SLICES:
        path = f"truestock.{name}.{kind}"
        if find_spec(path) is not None:
            yield import_module(path)
