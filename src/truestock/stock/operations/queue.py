"""Group posting: commands that wait together are posted together, and answered after the commit.

Nothing waits when idle. There are two ways to the disk. Plain postings go the short way, the lane
(`lane.py`): decided as they come, on what this process believes of balances, written by one
statement that is undone if a belief was wrong.

The careful way locks first, looks, then decides. It is for commands that need to look, and for
whatever could not go the short way. A group takes from the front what touches no balance that
another group holds or that an earlier waiting command touches, so that commands on one balance
keep their order; two groups may be on their way at once.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from itertools import islice
from typing import NamedTuple

import structlog

from truestock.database import Database
from truestock.database.errors import DeadlockError, LockWaitError
from truestock.kernel.clock import Clock
from truestock.kernel.errors import BusyError, TruestockError
from truestock.stock.errors.movements import BalanceChangedError, RequestClaimedError
from truestock.stock.operations.beliefs import Beliefs
from truestock.stock.operations.group import FactsChangedError, Outcome, run_group
from truestock.stock.operations.lane import Lane
from truestock.stock.operations.submissions import (
    Asked,
    Renew,
    Submission,
    Survey,
    concerns_all,
    fail_all,
)

GROUPS_AT_ONCE = 2
SHARED_FROM = 150
"""Fewer waiting commands than this go together: a commit costs more than deciding them."""
_LOOK_AHEAD = 2_000
_TRIES_MAX = 8
_PATIENCE_MAX = 64
"""So many careful groups at most, before beliefs are tried again where other processes write."""

_log = structlog.get_logger(__name__)


class PostingConnections(NamedTuple):
    """Connections set up for short plans; a lock that is not free is waited for, or not."""

    quick: Database
    patient: Database


class PostingQueue:
    """The queue of one process and the tasks that empty it."""

    def __init__(
        self,
        connections: PostingConnections,
        beliefs: Beliefs,
        clock: Clock,
        *,
        group_max: int,
        waiting_max: int,
    ) -> None:
        """Post on these connections: at most so many commands a commit, and so many waiting."""
        self._quick, self._patient = connections
        self._beliefs = beliefs
        self._group_max = group_max
        self._waiting_max = waiting_max
        self._waiting: deque[Submission] = deque()
        self._waiting_count = 0
        self._lane = Lane(connections.quick, beliefs, clock, group_max, self._take_back)
        self._held: set[int] = set()
        self._running: set[asyncio.Task[None]] = set()
        self._looking: asyncio.Task[None] | None = None
        self._careful_rounds = 0
        self._patience = 1
        self._turning = False
        self._closed = False
        self._group_sizes: Callable[[int], None] = lambda _size: None

    @property
    def waiting_count(self) -> int:
        """How many commands wait."""
        return self._waiting_count + self._lane.waiting_count

    def observe_group_sizes(self, observe: Callable[[int], None]) -> None:
        """Tell the size of every group that was written."""
        self._group_sizes = self._lane.group_sizes = observe

    async def submit(
        self, commands: Sequence[Asked], stamp: int | None = None, renew: Renew | None = None
    ) -> list[Outcome]:
        """Post these commands in order; return their outcomes after the commit.

        Raises `BusyError` when too many wait. The commands of a caller that goes away meanwhile are
        recorded all the same or not at all; a repeat with the same keys tells which.
        """
        if not commands:
            return []
        self._require_room(len(commands))
        seen = Survey(commands, self._beliefs.states)
        submission = Submission(commands, stamp, renew, needs_care=not seen.is_plain)
        if self._waiting or seen.missing or not self._join(submission):
            self._waiting.append(submission)
            self._waiting_count += len(commands)
        self._turn_soon()
        return await submission.future

    def _require_room(self, count: int) -> None:
        if self._closed or self.waiting_count + count > self._waiting_max:
            raise BusyError(waiting=self.waiting_count)

    async def close(self) -> None:
        """Take no more, finish what waits."""
        self._closed = True
        while True:
            tasks = {*self._running, *filter(None, (self._lane.task, self._looking))}
            if tasks:
                await asyncio.wait(tasks)
            elif self.waiting_count:
                self._turn_soon()
                await asyncio.sleep(0)
            else:
                return

    def _turn_soon(self) -> None:
        """Go on at the end of this turn of the loop, so that callers of one turn share a group."""
        if not self._turning:
            self._turning = True
            asyncio.get_running_loop().call_soon(self._turn)

    def _turn(self) -> None:
        """Start whatever may start now; the two ways are never gone at the same time."""
        self._turning = False
        if self._lane.task is None:
            self._beliefs.forget_if_many(self._lane.touched())
        if self._is_care_needed():
            if self._lane.is_idle:
                self._start_careful()
        else:
            self._admit()
        if self._lane.waiting_count and self._lane.task is None and not self._running:
            self._lane.start(self._after_lane_group, self._turn_soon)

    def _is_care_needed(self) -> bool:
        """Tell whether the next group must go the careful way."""
        if not self._waiting:
            return False
        front = islice(self._waiting, self._group_max)
        return self._careful_rounds > 0 or any(each.needs_care for each in front)

    # The short way.

    def _join(self, submission: Submission) -> bool:
        if submission.needs_care or self._running or self._careful_rounds:
            return False
        return self._lane.join(submission)

    def _admit(self) -> None:
        """Let those that wait into the lane, in their order."""
        while self._waiting and not self._running:
            submission = self._waiting[0]
            if not submission.future.cancelled() and not self._let_in(submission):
                return
            self._waiting.popleft()
            self._waiting_count -= len(submission.commands)

    def _let_in(self, submission: Submission) -> bool:
        """Let one in, or see to it that it can be; whom an empty lane does not take needs care."""
        if Survey(submission.commands, self._beliefs.states).missing:
            if not submission.was_looked_up:
                self._looking = self._looking or asyncio.create_task(self._look_up())
                return False
            submission.needs_care = True
        if self._join(submission):
            return True
        if submission.needs_care or self._lane.is_idle:
            submission.needs_care = True
            self._turn_soon()
        return False

    async def _look_up(self) -> None:
        """Read what nothing is believed of, for all that wait; nobody overtakes meanwhile."""
        front = list(islice(self._waiting, self._group_max))
        known = self._beliefs.states
        try:
            await self._beliefs.load(
                Survey((each for one in front for each in one.commands), known).missing
            )
        except TruestockError as error:
            _log.warning("balances_not_read", error=repr(error))  # the careful way will say so
        finally:
            for submission in front:
                submission.was_looked_up = True
            self._looking = None
            self._turn_soon()

    def _after_lane_group(self) -> bool:
        """Tell whether the lane may go on; nothing is being written at this moment."""
        self._beliefs.forget_if_many(self._lane.touched())
        if self._is_care_needed():
            return False
        self._patience = max(1, self._patience // 2)
        self._admit()
        return True

    def _take_back(self, submissions: list[Submission], error: Exception) -> None:
        """Take what the lane could not write; where that happens often, be careful longer."""
        self._waiting.extendleft(reversed(submissions))
        self._waiting_count += sum(len(each.commands) for each in submissions)
        if isinstance(error, BalanceChangedError | RequestClaimedError):
            self._patience = min(self._patience * 2, _PATIENCE_MAX)
            self._careful_rounds = self._patience

    # The careful way.

    def _start_careful(self) -> None:
        while len(self._running) < GROUPS_AT_ONCE:
            group = self._next_group(self._fair_size())
            if not group:
                return
            self._careful_rounds = max(0, self._careful_rounds - 1)
            held = set[int]().union(*(submission.touched() for submission in group))
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
        """Take from the front what touches no balance that is held or was passed over.

        Who was held up by somebody's lock goes apart from the others.
        """
        barred = set(self._held)
        group: list[Submission] = []
        passed: list[Submission] = []
        size = 0
        while self._waiting and size < size_max and len(passed) < _LOOK_AHEAD:
            submission = self._waiting.popleft()
            if submission.future.cancelled():
                self._waiting_count -= len(submission.commands)
            elif (barred and not barred.isdisjoint(submission.touched())) or (
                group and submission.was_held_up != group[0].was_held_up
            ):
                barred |= submission.touched()
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
            fail_all(group, error)
            if not isinstance(error, Exception):
                raise
        finally:
            self._held -= held
            self._running.discard(asyncio.current_task())
            self._turn_soon()

    async def _post(self, group: list[Submission]) -> None:
        """Post a group; when it cannot be committed as a whole, post its callers one by one."""
        try:
            await self._commit(group, self._quick if len(group) > 1 else self._patient)
        except LockWaitError:
            if len(group) == 1:
                raise
            await self._post_around_a_lock(group)
        except Exception as error:
            if len(group) == 1 or concerns_all(error):
                raise
            _log.warning("group_split", size=len(group), error=repr(error))
            for submission in group:
                await self._post_alone(submission, self._patient)

    async def _post_around_a_lock(self, group: list[Submission]) -> None:
        """Post those that the lock does not concern, then wait for it with the others together."""
        held_up: list[Submission] = []
        stuck: set[int] = set()
        for submission in group:
            if stuck.isdisjoint(submission.touched()):
                try:
                    await self._post_alone(submission, self._quick)
                    continue
                except LockWaitError:
                    pass
            stuck |= submission.touched()
            held_up.append(submission)
        try:
            await self._commit(held_up, self._patient)
        except BusyError as error:
            fail_all(held_up, error)

    async def _post_alone(self, submission: Submission, where: Database) -> None:
        """Post one caller's commands; on quick connections raises `LockWaitError`."""
        try:
            await self._commit([submission], where)
        except Exception as error:
            if isinstance(error, LockWaitError) and where is self._quick:
                raise
            submission.fail(error)

    async def _commit(self, group: list[Submission], where: Database) -> None:
        for _ in range(_TRIES_MAX):
            commands = [command for each in group for command in each.commands]
            stamps = {each.stamp for each in group if each.stamp is not None}
            if len(stamps) > 1:
                await self._renew(group, max(stamps))
                continue
            try:
                async with where.writing() as tx:
                    outcomes, left = await run_group(tx, commands, next(iter(stamps), None))
            except FactsChangedError as changed:
                await self._renew(group, changed.stamp)
                continue
            except (RequestClaimedError, DeadlockError):
                continue
            self._beliefs.learn(left)
            self._group_sizes(len(commands))
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
    def _answer(group: list[Submission], outcomes: Sequence[Outcome]) -> None:
        start = 0
        for submission in group:
            end = start + len(submission.commands)
            submission.answer(list(outcomes[start:end]))
            start = end
