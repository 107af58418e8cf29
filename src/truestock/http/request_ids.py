"""A request id for every request: taken over when valid, else made; it is in logs and answers."""

import re
import secrets
from contextvars import ContextVar

HEADER = "X-Request-ID"

_VALID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Return the id of the request being handled, or an empty string outside of one."""
    return _current.get()


def begin_request(offered: str | None) -> str:
    """Take the offered id if it is well formed, else make one; it holds for this task."""
    request_id = offered if offered and _VALID.fullmatch(offered) else secrets.token_hex(12)
    _current.set(request_id)
    return request_id
