"""What this process believes of balances: the last it read of them or wrote to them itself.

Deciding on beliefs costs no lock and no query. They may be wrong, since other processes, documents
and imports write too; so whoever decides on them writes only under the condition that every
balance still has the version it was believed to have.
"""

from collections.abc import Collection, Iterable

from truestock.database import Database
from truestock.stock.model.movements import BalanceState
from truestock.stock.reads import ledger as reads

BALANCES_MAX = 200_000
"""Above this many believed balances those not needed just then are forgotten; about 60 MB."""


class Beliefs:
    """Balances by id, as this process believes them to be."""

    def __init__(self, database: Database) -> None:
        """Start knowing nothing."""
        self._database = database
        self.states: dict[int, BalanceState] = {}
        self.versions: dict[int, int] = {}

    def learn(self, found: reads.BalancesFound) -> None:
        """Take what a committed transaction left behind."""
        self.states.update(found.states)
        self.versions.update(found.versions)

    def forget(self, balance_ids: Collection[int]) -> None:
        """Drop what turned out to be wrong, or may be."""
        for balance_id in balance_ids:
            self.states.pop(balance_id, None)
            self.versions.pop(balance_id, None)

    def forget_all(self) -> None:
        """Drop everything; only when nothing is decided on it."""
        self.states.clear()
        self.versions.clear()

    def forget_if_many(self, needed: Iterable[int]) -> None:
        """Drop all but what is needed when it has become too much; not while a group is written."""
        if len(self.states) > BALANCES_MAX:
            kept = set(needed)
            self.forget([key for key in self.states if key not in kept])

    async def load(self, balance_ids: set[int]) -> None:
        """Read these. What is believed by then stays: a group may have been decided on it."""
        async with self._database.asking() as tx:
            found = await reads.balances_now(tx, balance_ids)
        for balance_id, state in found.states.items():
            if balance_id not in self.states:
                self.states[balance_id] = state
                self.versions[balance_id] = found.versions[balance_id]
