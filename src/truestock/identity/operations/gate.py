"""The one way in: from the headers of a request to its actor, counted against its limit.

An API key, when sent, is all that is looked at: a wrong one is refused even beside a good cookie. A
session's writes need its CSRF token. Who is nobody is counted by address.
"""

import hmac
from collections.abc import MutableMapping
from typing import Any, Final

from truestock.http.rate_limits import RateLimits
from truestock.http.security import current_address, rate_bucket
from truestock.identity.errors import CsrfRefusedError
from truestock.identity.model import SessionFound
from truestock.identity.operations.finder import ActorFinder
from truestock.kernel.actor import Actor
from truestock.kernel.settings import Settings

COOKIE_SECURE: Final = "__Host-truestock"
COOKIE_PLAIN: Final = "truestock_session"
"""On plain http, where browsers refuse the prefix: the demo on the loopback."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class Gate:
    """Knows who calls; one for each process, used by every route, thin ones too."""

    def __init__(self, finder: ActorFinder, limits: RateLimits, settings: Settings) -> None:
        """Take the finder, the limits, and from the settings whether we are always on https."""
        self.finder = finder
        self.limits = limits
        self._always_secure = settings.base_url.lower().startswith("https://")

    def is_secure(self, scope: MutableMapping[str, Any]) -> bool:
        """Tell whether the caller's side is https, so that its cookie is the secure one."""
        return self._always_secure or scope.get("scheme") == "https"

    def cookie_name(self, scope: MutableMapping[str, Any]) -> str:
        """Return the name of the session cookie of this request."""
        return COOKIE_SECURE if self.is_secure(scope) else COOKIE_PLAIN

    async def actor_of(self, scope: MutableMapping[str, Any]) -> Actor | None:
        """Return who sends this request, from its ASGI scope, or None.

        Raises `CsrfRefusedError` and `RateLimitedError`. A session found is left in
        `scope["state"]["session"]`.
        """
        api_key = cookies = csrf = None
        for name, value in scope["headers"]:
            if name == b"x-api-key":
                api_key = value if api_key is None else b""
            elif name == b"cookie":
                cookies = value if cookies is None else cookies + b"; " + value
            elif name == b"x-csrf-token":
                csrf = value
        if api_key is not None:
            actor = await self.finder.by_api_key(api_key.decode("latin-1"))
            if actor is not None:
                await self.limits.key.hit(actor.actor_id)
                return actor
        elif cookies is not None:
            session = await self._session_of(scope, cookies)
            if session is not None:
                return await self._admit(scope, session, csrf)
        await self.count_stranger()
        return None

    async def count_stranger(self) -> None:
        """Count a request of nobody by its address; raises `RateLimitedError`."""
        await self.limits.anonymous.hit(rate_bucket(current_address()))

    async def _session_of(
        self, scope: MutableMapping[str, Any], cookies: bytes
    ) -> SessionFound | None:
        token = self.session_token(scope, cookies)
        return await self.finder.by_session(token) if token else None

    def session_token(self, scope: MutableMapping[str, Any], cookies: bytes) -> str | None:
        """Return the session cookie's value out of the Cookie header; None without or with two."""
        wanted = self.cookie_name(scope)
        pairs = (part.strip().partition("=") for part in cookies.decode("latin-1").split(";"))
        values = [value for name, _, value in pairs if name == wanted]
        return values[0] if len(values) == 1 else None

    async def _admit(
        self, scope: MutableMapping[str, Any], session: SessionFound, csrf: bytes | None
    ) -> Actor:
        await self.limits.user.hit(session.actor.actor_id)
        if scope["method"] not in _SAFE:
            offered = csrf or b""
            if not hmac.compare_digest(offered, session.csrf_token.encode()):
                raise CsrfRefusedError
        scope.setdefault("state", {})["session"] = session
        return session.actor
