"""Group posting: commands that wait together are posted together, and answered after the commit.

Nothing waits when idle. Commands on the same balance keep their order of arrival: a group takes
what waits from the front, leaving behind whatever touches a balance that another group holds or
that an earlier waiting command touches. Two groups may be on their way to the disk at once, so
one is decided while the other is written.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import structlog

from truestock.database import Database
from truestock.database.request_keys import SERVER_FAULT
from truestock.kernel.errors import BusyError, TruestockError
from truestock.stock.errors.movements import RequestClaimedError
from truestock.stock.model.movements import Command
from truestock.stock.operations.group import (
    FactsChangedError,
    Outcome,
    post_group,
    touched_balances,
)

GROUPS_AT_ONCE = 2
SHARED_FROM = 150
"""Fewer waiting commands than this go together: a commit costs more than deciding them."""
_LOOK_AHEAD = 2_000
_TRIES_MAX = 8

_log = structlog.get_logger(__name__)

Asked = Command | TruestockError
"""A resolved command, or why it could not be resolved; the error is then its outcome."""

Renew = Callable[[int], Awaitable[tuple[Sequence[Asked], int | None]]]


class Submission:
    """Commands of one caller, resolved, with the stamp of the facts used for that."""

    __slots__ = ("balances", "commands", "future", "renew", "stamp")

    def __init__(self, commands: Sequence[Asked], stamp: int | None, renew: Renew | None) -> None:
        """Take the commands; `renew` resolves them anew when facts have changed."""
        self.renew = renew
        self.future: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        self.take(commands, stamp)

    def take(self, commands: Sequence[Asked], stamp: int | None) -> None:
        """Set the commands, at first or after resolving anew."""
        self.commands = commands
        self.stamp = stamp
        if len(commands) == 1:
            self.balances = touched_balances(commands[0])
        else:
            self.balances = set[int]().union(*map(touched_balances, commands))


class PostingQueue:
    """The queue of one process and the tasks that empty it."""

    def __init__(self, database: Database, *, group_max: int, waiting_max: int) -> None:
        """Post on this database: at most so many commands a commit, and so many waiting."""
        self._database = database
        self._group_max = group_max
        self._waiting_max = waiting_max
        self._waiting: deque[Submission] = deque()
        self._waiting_count = 0
        self._held: set[int] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._starting = False
        self._closed = False
        self.group_sizes: Callable[[int], None] = lambda _size: None

    @property
    def waiting_count(self) -> int:
        """How many commands wait."""
        return self._waiting_count

    async def submit(
        self, commands: Sequence[Asked], stamp: int | None = None, renew: Renew | None = None
    ) -> list[Outcome]:
        """Post these commands in order; return their outcomes after the commit.

        Raises `BusyError` when too many wait. A caller that goes away before its group started
        leaves nothing behind; later its commands are recorded all the same.
        """
        if self._closed or self._waiting_count + len(commands) > self._waiting_max:
            raise BusyError(waiting=self._waiting_count)
        submission = Submission(commands, stamp, renew)
        self._waiting.append(submission)
        self._waiting_count += len(commands)
        self._start_soon()
        return await submission.future

    async def close(self) -> None:
        """Take no more, finish what waits."""
        self._closed = True
        while self._running or self._waiting:
            await asyncio.wait(set(self._running)) if self._running else await asyncio.sleep(0)

    def _start_soon(self) -> None:
        """Start at the end of this turn of the loop, so that callers of one turn share a group."""
        if not self._starting:
            self._starting = True
            asyncio.get_running_loop().call_soon(self._start)

    def _start(self) -> None:
        self._starting = False
        while len(self._running) < GROUPS_AT_ONCE:
            group = self._next_group(self._fair_size())
            if not group:
                return
            held = set[int]().union(*(submission.balances for submission in group))
            self._held |= held
            task = asyncio.get_running_loop().create_task(self._run(group, held))
            self._running.add(task)

    def _fair_size(self) -> int:
        """Return how many commands to take: many are shared out among the groups to come."""
        free = GROUPS_AT_ONCE - len(self._running)
        if self._waiting_count < SHARED_FROM:
            return self._group_max
        return min(self._group_max, -(-self._waiting_count // free))

    def _next_group(self, size_max: int) -> list[Submission]:
        """Take from the front what touches no balance that is held or was passed over."""
        if not self._waiting:
            return []
        barred = set(self._held)
        group: list[Submission] = []
        passed: list[Submission] = []
        size = 0
        while self._waiting and size < size_max and len(passed) < _LOOK_AHEAD:
            submission = self._waiting.popleft()
            if submission.future.cancelled():
                self._waiting_count -= len(submission.commands)
            elif barred and not barred.isdisjoint(submission.balances):
                barred |= submission.balances
                passed.append(submission)
            else:
                group.append(submission)
                size += len(submission.commands)
        self._waiting.extendleft(reversed(passed))
        self._waiting_count -= size
        return group

    async def _run(self, group: list[Submission], held: set[int]) -> None:
        try:
            await self._post(group)
        except BaseException as error:
            for submission in group:
                if not submission.future.done():
                    submission.future.set_exception(_for_caller(error))
            if not isinstance(error, Exception):
                raise
        finally:
            self._held -= held
            self._running.discard(asyncio.current_task())
            self._start()

    async def _post(self, group: list[Submission]) -> None:
        """Post a group; when it cannot be committed as a whole, post its callers one by one."""
        try:
            await self._commit(group)
        except Exception as error:
            if len(group) == 1 or _concerns_all(error):
                raise
            _log.warning("group_split", size=len(group), error=repr(error))
            for submission in group:
                await self._post_alone(submission)

    async def _post_alone(self, submission: Submission) -> None:
        try:
            await self._commit([submission])
        except Exception as error:  # noqa: BLE001 - each caller gets its own error, whatever it is
            if not submission.future.done():
                submission.future.set_exception(_for_caller(error))

    async def _commit(self, group: list[Submission]) -> None:
        for _ in range(_TRIES_MAX):
            commands = [command for each in group for command in each.commands]
            stamps = {each.stamp for each in group if each.stamp is not None}
            if len(stamps) > 1:
                await self._renew(group, max(stamps))
                continue
            try:
                async with self._database.writing() as tx:
                    outcomes = await post_group(tx, commands, next(iter(stamps), None))
            except FactsChangedError as changed:
                await self._renew(group, changed.stamp)
                continue
            except RequestClaimedError:
                continue
            self.group_sizes(len(commands))
            self._answer(group, outcomes)
            return
        raise BusyError

    @staticmethod
    async def _renew(group: list[Submission], stamp: int) -> None:
        """Resolve the callers' commands anew, with facts at least as new as the stamp."""
        for submission in group:
            if submission.renew is not None:
                submission.take(*await submission.renew(stamp))

    @staticmethod
    def _answer(group: list[Submission], outcomes: list[Outcome]) -> None:
        start = 0
        for submission in group:
            end = start + len(submission.commands)
            if not submission.future.done():
                submission.future.set_result(outcomes[start:end])
            start = end


def _concerns_all(error: Exception) -> bool:
    """Tell whether an error says something of the database rather than of one command."""
    return isinstance(error, TruestockError) and error.status >= SERVER_FAULT


def _for_caller(error: BaseException) -> BaseException:
    """Return what a caller is told; a stopped group leaves its callers with a retry."""
    return error if isinstance(error, Exception) else BusyError()
