"""The short way to the disk: plain postings, decided on beliefs, one statement a group.

While one group is being written the next one gathers, already decided, on the assumption that the
first will be written. If it is not, both are given back to be posted the careful way.
"""

import asyncio
from collections import deque
from collections.abc import Callable

from truestock.database import Database
from truestock.database.errors import LockWaitError
from truestock.kernel.clock import Clock
from truestock.kernel.errors import BusyError
from truestock.stock.errors.movements import BalanceChangedError
from truestock.stock.operations.beliefs import Beliefs
from truestock.stock.operations.believed_group import BelievedGroup
from truestock.stock.operations.submissions import Submission, concerns_all, fail_all

SHARED_FROM = 64
"""Fewer commands than this go together: one more commit costs more than it helps. More are shared
out: a group is half of what was lately under way, so that the database writes one half while the
other is decided."""
_FADING = 0.9
"""Of the number lately under way, from group to group."""


class Lane:
    """Writes believed groups one after the other."""

    def __init__(
        self,
        database: Database,
        beliefs: Beliefs,
        clock: Clock,
        group_max: int,
        give_back: Callable[[list[Submission], Exception], None],
    ) -> None:
        """Write on this database, whose connections give up soon when a lock is not free.

        `give_back` takes submissions that need care, and the error that told so.
        """
        self._database = database
        self._beliefs = beliefs
        self._clock = clock
        self._group_max = group_max
        self._give_back = give_back
        self._open = BelievedGroup(beliefs)
        self._closed: deque[BelievedGroup] = deque()
        self._under_way_lately = 0.0
        self._being_written = 0
        self.waiting_count = 0
        """How many commands wait here, decided but not yet being written."""
        self.task: asyncio.Task[None] | None = None
        self.group_sizes: Callable[[int], None] = lambda _size: None

    @property
    def is_idle(self) -> bool:
        """Tell whether nothing is being written here and nothing waits for it."""
        return self.task is None and not self.waiting_count

    def touched(self) -> set[int]:
        """Return the balances on which something was decided that is not being written yet."""
        return set[int]().union(*(group.touched() for group in (*self._closed, self._open)))

    def join(self, submission: Submission) -> bool:
        """Decide a plain submission in the open group; False if it must wait or needs care.

        Something must be believed of all its balances.
        """
        group = self._open
        if group.count >= self._group_max or not group.fits(submission):
            return False
        group.take(submission, self._clock())
        self.waiting_count += len(submission.commands)
        under_way = self._being_written + self.waiting_count
        self._under_way_lately = max(under_way, self._under_way_lately)
        if group.count >= max(SHARED_FROM, self._under_way_lately / 2):
            self._close_open_group()
        return True

    def start(self, after_each: Callable[[], bool], at_end: Callable[[], None]) -> None:
        """Write group after group while there are any and `after_each` says to go on."""

        async def run() -> None:
            try:
                while self.waiting_count:
                    await self._write_next()
                    if not after_each():
                        break
            finally:
                self.task = None
                at_end()

        self.task = asyncio.get_running_loop().create_task(run())

    def _close_open_group(self) -> None:
        self._open.close()
        self._closed.append(self._open)
        self._open = BelievedGroup(self._beliefs)

    async def _write_next(self) -> None:
        if not self._closed:
            self._close_open_group()
        group = self._closed.popleft()
        self.waiting_count -= group.count
        self._being_written = group.count
        self._under_way_lately *= _FADING
        try:
            async with self._database.writing_at_once() as tx:
                recorded = await group.write(tx)
            self._being_written = 0
        except Exception as error:  # noqa: BLE001 - each caller gets its own error or another try
            self._give_up(group, error)
        except BaseException:
            self._give_up(group, BusyError())
            raise
        else:
            self.group_sizes(group.count)
            asyncio.get_running_loop().call_soon(group.answer, recorded)

    def _give_up(self, group: BelievedGroup, error: Exception) -> None:
        """Forget what was believed; give this group and those built on it back."""
        members = group.members
        for submission in members:
            submission.was_held_up = isinstance(error, LockWaitError)
        if concerns_all(error) and not isinstance(error, BusyError):
            fail_all(members, error)
            members = []
        for later in (*self._closed, self._open):
            members = [*members, *later.members]
            later.forget()
        group.forget()
        self._being_written = 0
        if isinstance(error, BalanceChangedError):
            self._beliefs.forget_all()  # who changed this balance has probably changed others
        self._closed.clear()
        self.waiting_count = 0
        self._open = BelievedGroup(self._beliefs)
        for submission in members:
            submission.needs_care = True
        self._give_back(members, error)
