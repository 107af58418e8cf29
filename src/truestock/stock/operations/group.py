"""One group of commands in one transaction: lock, look, decide in order, write, answer.

The caller's transaction commits it; nobody may be answered before. What a command gets is a value:
`Posted` or `Reserved`, `Refused` (stored, and given again on a repeat), or an error that is not
stored (the same key with another payload).
"""

from collections.abc import Sequence
from typing import Any

import msgspec

from truestock.database import Transaction
from truestock.database.request_keys import stored_problem
from truestock.kernel.errors import BusyError, RequestKeyReusedError, TruestockError
from truestock.stock.model.movements import (
    Command,
    Post,
    Posted,
    Refused,
    Reserve,
    Reserved,
)
from truestock.stock.reads import ledger as reads
from truestock.stock.rules.posting import Decision, LedgerState, absorb, decide
from truestock.stock.writes.ledger import ChangedBalance, GroupRecord, write_serials

Outcome = Posted | Reserved | Refused | TruestockError


class FactsChangedError(Exception):
    """Cached facts of items or locations are out of date; resolve anew and try again."""

    def __init__(self, stamp: int) -> None:
        """Carry the stamp the database has now."""
        super().__init__(stamp)
        self.stamp = stamp


def touched_balances(command: Command | TruestockError) -> set[int]:
    """Return the ids of the balances a command locks; one that was not resolved locks none."""
    if isinstance(command, TruestockError):
        return set()
    if isinstance(command, Post):
        ids = {line.source_balance_id for line in command.lines}
        ids.update([line.target_balance_id for line in command.lines])
        return ids
    return {command.balance_id}


async def post_group(
    tx: Transaction, asked: Sequence[Command | TruestockError], stamp: int | None
) -> list[Outcome]:
    """Run commands in order in this transaction; return an outcome for each.

    A command that could not be resolved stands as its error and is its own outcome. `stamp` is that
    of the facts the commands were resolved with; None skips the check. Raises `FactsChangedError`
    when it is not the present one; then nothing may be committed.
    """
    outcomes, _ = await run_group(tx, asked, stamp)
    return outcomes


async def run_group(
    tx: Transaction, asked: Sequence[Command | TruestockError], stamp: int | None
) -> tuple[list[Outcome], reads.BalancesFound]:
    """Do as `post_group` does; return also what the balances are once this is committed."""
    commands = [command for command in asked if not isinstance(command, TruestockError)]
    if not commands:
        errors = [command for command in asked if isinstance(command, TruestockError)]
        return list[Outcome](errors), reads.BalancesFound({}, {})
    ids: set[int] = set()
    for command in commands:
        ids |= touched_balances(command)
    lots = _serial_lots(commands)
    locked = await reads.locked_balances(tx, sorted(ids), lots)
    facts = await reads.group_facts(tx, commands, lots)
    if stamp is not None and stamp != facts.stamp:
        raise FactsChangedError(facts.stamp)
    group = _Group(locked, facts)
    for place, command in enumerate(commands):
        group.take(place, command)
    await group.write(tx)
    outcomes = iter(group.outcomes)
    told = [each if isinstance(each, TruestockError) else next(outcomes) for each in asked]
    return told, group.left()


def _serial_lots(commands: Sequence[Command]) -> list[int]:
    return sorted(
        {
            line.serial_lot_id
            for command in commands
            if isinstance(command, Post)
            for line in command.lines
            if line.serial_lot_id is not None
        }
    )


class _Group:
    """The running state of one group."""

    def __init__(self, locked: reads.BalancesFound, facts: reads.GroupFacts) -> None:
        self.state = LedgerState(
            dict(locked.states), facts.reservations, facts.serial_places, facts.reversed_ids
        )
        self.outcomes: list[Outcome] = []
        self._locked = locked
        self._facts = facts
        self._record = GroupRecord()
        self._serials: dict[int, int | None] = {}
        self._reservation_ids = iter(facts.reservation_ids)
        self._first: dict[tuple[int, str], tuple[int, bytes]] = {}
        self._posted: dict[int, int] = {}
        """By place of the command: the place of its movement."""
        self._twins: list[tuple[int, int]] = []
        self._replayed: list[tuple[int, int]] = []

    def take(self, place: int, command: Command) -> None:
        """Answer one command: from before, from earlier in this group, or by deciding."""
        earlier = self._facts.answered.get(place)
        if earlier is not None:
            self.outcomes.append(self._earlier(place, command, earlier))
            return
        twin = self._first.get((command.actor_id, command.request_key))
        if twin is not None:
            if twin[1] == command.payload_hash:
                self._twins.append((place, twin[0]))
            self.outcomes.append(_reused(command))  # a twin's is replaced by `write`
            return
        self._first[command.actor_id, command.request_key] = (place, command.payload_hash)
        decision = decide(self.state, command, self._facts.now)
        if isinstance(decision, TruestockError):
            problem = stored_problem(decision)
            self._record.add_answer(command, {"refusal": problem})
            self.outcomes.append(Refused(problem))
        else:
            self.outcomes.append(self._accept(place, command, decision))
            absorb(self.state, command, decision)

    def _accept(self, place: int, command: Command, decision: Decision) -> Outcome:
        if isinstance(command, Post):
            return self._accept_post(place, command, decision)
        if isinstance(command, Reserve):
            reservation_id = next(self._reservation_ids)
            self._record.add_reserved(command, reservation_id)
            reserved = Reserved(reservation_id, "pending", command.quantity)
        else:
            held = self.state.reservations[command.reservation_id]
            self._record.add_resolved(command.reservation_id, command.state, 0, None)
            reserved = Reserved(command.reservation_id, command.state, held.quantity)
        self._record.add_answer(command, {"answer": msgspec.to_builtins(reserved)})
        return reserved

    def _accept_post(self, place: int, command: Post, decision: Decision) -> Outcome:
        at = self._posted[place] = self._record.add_posted(command, decision.lines_after)
        if command.reservation_id is not None:
            held = self.state.reservations[command.reservation_id]
            taken = sum(
                line.quantity for line in command.lines if line.source_balance_id == held.balance_id
            )
            self._record.add_resolved(command.reservation_id, "posted", taken, at)
        if decision.serial_places:
            self._serials |= decision.serial_places
        return BusyError()  # replaced by `write`, which learns the movement's id

    def _earlier(self, place: int, command: Command, found: reads.EarlierAnswer) -> Outcome:
        if bytes.fromhex(found.payload_hash) != command.payload_hash:
            return _reused(command)
        if found.movement_id is not None:
            self._replayed.append((place, found.movement_id))
            return RequestKeyReusedError()  # replaced by `write`
        answer = found.answer or {}
        if "refusal" in answer:
            return Refused(answer["refusal"], replayed=True)
        kept: dict[str, Any] = answer["answer"] | {"replayed": True}
        return msgspec.convert(kept, Reserved)

    async def write(self, tx: Transaction) -> None:
        """Write what was decided, and put the answers that come of it into their places."""
        if not self._record.is_empty():
            recorded = await self._record.write(tx, self._changed(), now=self._facts.now)
            await self._record.write_reservations(tx, recorded)
            await write_serials(tx, self._serials)
            for place, at in self._posted.items():
                self.outcomes[place] = self._record.posted(at, recorded)
        if self._replayed:
            found = await reads.posted_answers(tx, [movement for _, movement in self._replayed])
            for place, movement_id in self._replayed:
                self.outcomes[place] = found[movement_id]
        for place, first in self._twins:
            self.outcomes[place] = _repeated(self.outcomes[first])

    def left(self) -> reads.BalancesFound:
        """Return the balances as this group leaves them."""
        states, versions = self.state.balances, self._locked.versions
        return reads.BalancesFound(
            states,
            {
                key: versions[key] + (states[key] is not old)
                for key, old in self._locked.states.items()
            },
        )

    def _changed(self) -> list[ChangedBalance]:
        after = self.state.balances
        return [
            ChangedBalance(
                key,
                self._locked.versions[key],
                old.quantity_on_hand,
                new.quantity_on_hand,
                new.quantity_reserved,
            )
            for key, old in self._locked.states.items()
            if (new := after[key]) is not old
        ]


def _repeated(outcome: Outcome) -> Outcome:
    """Return the answer of an earlier twin in this group, marked as a repeat."""
    if isinstance(outcome, TruestockError):
        return outcome
    return msgspec.structs.replace(outcome, replayed=True)


def _reused(command: Command) -> RequestKeyReusedError:
    return RequestKeyReusedError(request_key=command.request_key)
