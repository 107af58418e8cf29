"""What a caller hands in to be posted, and how it is answered."""

import asyncio
from collections.abc import Awaitable, Callable, Container, Iterable, Sequence

from truestock.database.request_keys import SERVER_FAULT
from truestock.kernel.errors import BusyError, TruestockError
from truestock.stock.model.movements import Command, Post
from truestock.stock.operations.group import Outcome, touched_balances

Asked = Command | TruestockError
"""A resolved command, or why it could not be resolved; the error is then its outcome."""

Renew = Callable[[int], Awaitable[tuple[Sequence[Asked], int | None]]]


class Survey:
    """What must be known of commands before they are let in, found in one pass."""

    __slots__ = ("is_plain", "missing")

    def __init__(self, commands: Iterable[Asked], known: Container[int]) -> None:
        """Look at every command; `known` are the balances of which something is believed."""
        self.is_plain = True
        """All are postings that depend on nothing but their balances."""
        self.missing: set[int] = set()
        """Balances of which nothing is believed."""
        for command in commands:
            if type(command) is Post:
                self._look_at(command, known)
            else:
                self.is_plain &= isinstance(command, TruestockError)

    def _look_at(self, command: Post, known: Container[int]) -> None:
        if (
            command.reservation_id is not None
            or command.reverses_id is not None
            or not command.lines
        ):
            self.is_plain = False
        for line in command.lines:
            if line.serial_lot_id is not None:
                self.is_plain = False
            if line.source_balance_id not in known:
                self.missing.add(line.source_balance_id)
            if line.target_balance_id not in known:
                self.missing.add(line.target_balance_id)


class Submission:
    """Commands of one caller, resolved, with the stamp of the facts used for that."""

    __slots__ = (
        "balances",
        "commands",
        "future",
        "needs_care",
        "outcomes",
        "renew",
        "stamp",
        "was_held_up",
        "was_looked_up",
    )

    def __init__(
        self,
        commands: Sequence[Asked],
        stamp: int | None,
        renew: Renew | None,
        *,
        needs_care: bool,
    ) -> None:
        """Take the commands; `renew` resolves them anew when facts have changed."""
        self.renew = renew
        self.future: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        self.commands = commands
        self.stamp = stamp
        self.needs_care = needs_care
        self.was_looked_up = False
        """What could be believed of its balances has been read."""
        self.was_held_up = False
        """By somebody who holds a lock for long; it must not hold up others in turn."""
        self.balances: set[int] | None = None
        self.outcomes: list[Outcome] = []

    def take(self, commands: Sequence[Asked], stamp: int | None) -> None:
        """Set the commands after resolving anew."""
        self.commands = commands
        self.stamp = stamp
        self.balances = None

    def touched(self) -> set[int]:
        """Return the balances that its commands lock."""
        if self.balances is None:
            self.balances = set[int]().union(*map(touched_balances, self.commands))
        return self.balances

    def answer(self, outcomes: list[Outcome]) -> None:
        """Tell the caller, if it is still there."""
        if not self.future.done():
            self.future.set_result(outcomes)

    def fail(self, error: BaseException) -> None:
        """Tell the caller that it went wrong; who was stopped may try again."""
        if not self.future.done():
            self.future.set_exception(error if isinstance(error, Exception) else BusyError())


def fail_all(submissions: Iterable[Submission], error: BaseException) -> None:
    """Tell all of these callers that it went wrong."""
    for submission in submissions:
        submission.fail(error)


def concerns_all(error: Exception) -> bool:
    """Tell whether an error says something of the database rather than of one command."""
    return isinstance(error, TruestockError) and error.status >= SERVER_FAULT
