"""What the routes of stock share: who reads, filters of several lists, the ledger."""

from typing import Annotated, cast

from fastapi import Depends, Request
from pydantic import Field

from truestock.http.bodies import ROW_ID_MAX
from truestock.http.handlers import requires
from truestock.kernel.actor import Actor
from truestock.stock.operations.ledger import Ledger

Reader = Annotated[Actor, Depends(requires("stock.read"))]
RowIdFilter = Annotated[int, Field(ge=1, le=ROW_ID_MAX)]
Words = Annotated[str, Field(max_length=200)]


def _ledger(request: Request) -> Ledger:
    return cast("Ledger", request.app.state.ledger)


LedgerOf = Annotated[Ledger, Depends(_ledger)]
"""The ledger of this process."""
