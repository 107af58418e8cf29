"""Argon2id in threads of its own: the loop is never blocked, at most two hashes run at once.

19 MiB and two passes (OWASP's first choice): about 20 ms a hash here, and two of them at once cost
less memory than one request body may.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Final, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from truestock.identity import rules
from truestock.identity.errors import SignInBusyError

HASHES_AT_ONCE: Final = 2
HASHES_WAITING_MAX: Final = 64
"""Beyond this many, sign-in is refused for a second: about 0.7 s of work per thread."""

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
_threads = ThreadPoolExecutor(HASHES_AT_ONCE, thread_name_prefix="password")
_waiting = 0
_T = TypeVar("_T")


async def hashed_password(password: str) -> str:
    """Return the Argon2id hash of a password; raises `SignInBusyError` when too many wait."""
    return await _in_thread(lambda: _hasher.hash(rules.normal_password(password)))


async def password_holds(password_hash: str | None, password: str) -> bool:
    """Tell whether a password is the hashed one; takes as long when there is no hash."""
    normal = rules.normal_password(password)
    holds = await _in_thread(lambda: _holds(password_hash or _hash_of_nobody(), normal))
    return holds and password_hash is not None


def needs_new_hash(password_hash: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


@cache
def _hash_of_nobody() -> str:
    return _hasher.hash("nobody has this password")


def _holds(password_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


async def _in_thread(work: Callable[[], _T]) -> _T:
    global _waiting  # noqa: PLW0603 - one count for the one pool of threads of this process
    if _waiting >= HASHES_WAITING_MAX:
        raise SignInBusyError
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, work)
    finally:
        _waiting -= 1
