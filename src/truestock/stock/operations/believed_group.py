"""A group decided on believed balances as its commands come, and written by one statement.

Only plain postings take this way: what needs to look at reservations, serials, reversals or earlier
answers goes the careful way of `group.py`, and so does everything that turns out to be in the way.
"""

from collections.abc import Iterable
from datetime import datetime

from truestock.database import Transaction
from truestock.database.request_keys import stored_problem
from truestock.kernel.errors import BusyError, TruestockError
from truestock.stock.model.movements import BalanceState, Command, Post, Refused
from truestock.stock.operations.beliefs import Beliefs
from truestock.stock.operations.group import Outcome, touched_balances
from truestock.stock.operations.submissions import Submission
from truestock.stock.rules.posting import LedgerState, decide
from truestock.stock.writes.ledger import ChangedBalance, GroupRecord, Recorded


class BelievedGroup:
    """Decides submissions in order, moving the beliefs on; then writes and answers them."""

    def __init__(self, beliefs: Beliefs) -> None:
        """Start empty."""
        self.members: list[Submission] = []
        self.count = 0
        """Of commands."""
        self.stamp: int | None = None
        self._beliefs = beliefs
        self._state = LedgerState(beliefs.states)
        self._before: dict[int, BalanceState] = {}
        self._record = GroupRecord()
        self._posted: list[tuple[Submission, int, int]] = []
        """(whose, which of its commands, which movement of the group)."""
        self._changed: list[ChangedBalance] = []

    def fits(self, submission: Submission) -> bool:
        """Tell whether it was resolved with the same facts."""
        return not self.members or submission.stamp == self.stamp

    def take(self, submission: Submission, now: datetime) -> None:
        """Decide the commands of a plain submission that fits."""
        self.members.append(submission)
        self.count += len(submission.commands)
        self.stamp = submission.stamp
        outcomes: list[Outcome] = []
        submission.outcomes = outcomes
        state, states, before = self._state, self._beliefs.states, self._before
        for command in submission.commands:
            if isinstance(command, TruestockError):
                outcomes.append(command)
                continue
            assert type(command) is Post  # noqa: S101 - it is plain
            decision = decide(state, command, now)
            if isinstance(decision, TruestockError):
                outcomes.append(self._refuse(command, decision))
                continue
            for balance_id in decision.balances:
                if balance_id not in before:
                    before[balance_id] = states[balance_id]
            states.update(decision.balances)
            place = self._record.add_posted(command, decision.lines_after)
            self._posted.append((submission, len(outcomes), place))
            outcomes.append(_TO_COME)

    def _refuse(self, command: Command, error: TruestockError) -> Refused:
        """Keep a refusal; the balances it is about are proven like those that change."""
        for balance_id in touched_balances(command):
            self._before.setdefault(balance_id, self._beliefs.states[balance_id])
        problem = stored_problem(error)
        self._record.add_answer(command, {"refusal": problem})
        return Refused(problem)

    def close(self) -> None:
        """Take no more: from here on beliefs are those of the next group."""
        states, versions = self._beliefs.states, self._beliefs.versions
        for balance_id in sorted(self._before):
            after, version = states[balance_id], versions[balance_id]
            versions[balance_id] = version + 1
            self._changed.append(
                ChangedBalance(
                    balance_id,
                    version,
                    self._before[balance_id].quantity_on_hand,
                    after.quantity_on_hand,
                    after.quantity_reserved,
                )
            )

    async def write(self, tx: Transaction) -> Recorded | None:
        """Write everything in one statement; raises as `GroupRecord.write` does."""
        if self._record.is_empty():
            return None
        return await self._record.write(tx, self._changed, stamp=self.stamp)

    def answer(self, recorded: Recorded | None) -> None:
        """Tell every caller, now that the database has said ids and moment."""
        if recorded is not None:
            for submission, index, place in self._posted:
                submission.outcomes[index] = self._record.posted(place, recorded)
        for submission in self.members:
            submission.answer(submission.outcomes)

    def touched(self) -> Iterable[int]:
        """Return the balances that were decided on."""
        return self._before.keys()

    def forget(self) -> None:
        """Drop what was believed of the balances this group touched."""
        self._beliefs.forget(list(self._before))


_TO_COME = BusyError()
"""Stands for a movement that has no id yet."""
