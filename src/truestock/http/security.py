"""The outer wall, one pure ASGI layer: who really calls, how much may come in, what goes out.

Guarantees: the client's address and scheme come from forwarded headers only when the peer is a
trusted proxy; a body never grows beyond its limit; a write from another web site is refused unless
it carries an API key; a write with a body is JSON (or an upload where uploads are taken); every
answer carries the security headers; cross-origin reading is for listed origins only.

It stands inside the layer that gives a request its id and outside everything else.
"""

from collections.abc import Sequence
from contextvars import ContextVar
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from truestock.http.problems import BodyTooLargeError, problem_response
from truestock.kernel.errors import TruestockError
from truestock.kernel.settings import Settings, UnsafeSettingsError

CONTENT_SECURITY_POLICY: Final = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; "
    "img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""No inline script or style; WebAssembly for the barcode reader."""

SECURITY_HEADERS: Final = (
    (b"content-security-policy", CONTENT_SECURITY_POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(self), geolocation=(), microphone=(), payment=(), usb=()"),
)
STRICT_TRANSPORT: Final = (b"strict-transport-security", b"max-age=31536000; includeSubDomains")
UPLOAD_PREFIXES: Final = ("/api/v1/imports", "/api/v1/files")
"""Routes that take files: other content types than JSON, and the limit of uploads."""

_API = "/api/"
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_CORS_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE"
_CORS_TAKES = b"Content-Type, Idempotency-Key, If-Match, If-None-Match, X-API-Key, X-Request-ID"
_CORS_SHOWS = b"ETag, Idempotent-Replayed, Location, Retry-After, X-Request-ID"
_address: ContextVar[str] = ContextVar("address", default="")

Network = IPv4Network | IPv6Network


class OriginRefusedError(TruestockError):
    """This write was sent by a page of another web site."""

    code = "origin_refused"
    status = 403


class MediaTypeRefusedError(TruestockError):
    """The body must be sent as application/json."""

    code = "unsupported_media_type"
    status = 415


def current_address() -> str:
    """Return the address of the caller being served, or an empty string outside of a request."""
    return _address.get()


def rate_bucket(address: str) -> str:
    """Return what an address is counted under: itself, or its /64 network for IPv6."""
    if ":" not in address:
        return address
    try:
        return str(IPv6Network((address.partition("%")[0], 64), strict=False))
    except ValueError:
        return address


class TrustedProxies:
    """Networks whose X-Forwarded-For and -Proto are believed; `unix` is a peer on a socket file."""

    def __init__(self, trusted: Sequence[str]) -> None:
        """Take networks in CIDR form, addresses, `unix`, or `*` for everybody."""
        wide = ["0.0.0.0/0", "::/0", "unix"] if "*" in trusted else []
        self._unix = "unix" in (*trusted, *wide)
        networks = [part for part in (*trusted, *wide) if part not in {"*", "unix"}]
        self._networks: list[Network] = [ip_network(part, strict=False) for part in networks]
        self.anybody = self._unix or bool(self._networks)

    def holds(self, address: str) -> bool:
        """Tell whether this peer is one of them; an empty address is a peer on a socket file."""
        if not address:
            return self._unix
        found = _parsed(address)
        return found is not None and any(found in network for network in self._networks)

    def client_of(self, peer: str, forwarded_for: bytes) -> str:
        """Return the nearest address, from the right, that is not a trusted proxy itself."""
        if not self.holds(peer):
            return peer
        client = peer
        for part in reversed(forwarded_for.decode("latin-1").split(",")):
            found = _parsed(part.strip())
            if found is None:
                return client
            client = str(found)
            if not self.holds(client):
                return client
        return client


def _parsed(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


class _Headers:
    """The few request headers that matter here, found in one pass."""

    __slots__ = (
        "api_key",
        "content_length",
        "content_type",
        "fetch_site",
        "forwarded_for",
        "forwarded_proto",
        "host",
        "origin",
        "wanted_method",
    )

    def __init__(self, headers: Sequence[tuple[bytes, bytes]]) -> None:
        self.api_key = False
        self.content_length = self.content_type = self.fetch_site = b""
        self.forwarded_for = self.forwarded_proto = self.host = b""
        self.origin = self.wanted_method = b""
        for name, value in headers:
            attribute = _ATTRIBUTES.get(name)
            if attribute is None:
                if name == b"x-api-key":
                    self.api_key = True
                elif name == b"x-forwarded-for":  # several lines read as one list
                    joined = self.forwarded_for
                    self.forwarded_for = joined + b"," + value if joined else value
            else:
                setattr(self, attribute, value)


_ATTRIBUTES: Final = {
    b"content-length": "content_length",
    b"content-type": "content_type",
    b"sec-fetch-site": "fetch_site",
    b"x-forwarded-proto": "forwarded_proto",
    b"host": "host",
    b"origin": "origin",
    b"access-control-request-method": "wanted_method",
}


class SecurityLayer:
    """The ASGI middleware; see the module's guarantees."""

    def __init__(
        self, app: ASGIApp, settings: Settings, upload_prefixes: tuple[str, ...] = UPLOAD_PREFIXES
    ) -> None:
        """Refuse (`UnsafeSettingsError`) to open cross-origin reading to everybody."""
        if "*" in settings.cors_origins:
            raise UnsafeSettingsError("TRUESTOCK_CORS_ORIGINS must list origins, not a wildcard.")
        self._app = app
        self._body_max = settings.body_bytes_max
        self._upload_max = settings.upload_bytes_max
        self._upload_prefixes = upload_prefixes
        self._proxies = TrustedProxies(settings.trusted_proxies)
        self._own_origin = settings.base_url.rstrip("/").lower().encode()
        self._cors = {origin.rstrip("/").lower().encode() for origin in settings.cors_origins}
        self._vary = [(b"vary", b"Origin")] if self._cors else []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = _Headers(scope["headers"])
        self._settle_caller(scope, headers)
        extra = self._extra_headers(scope, headers.origin)
        watch = _Watch(send, extra, is_api=scope["path"].startswith(_API))
        if self._is_preflight(scope, headers):
            await self._answer_preflight(headers, watch)
            return
        refusal = self._refusal(scope, headers)
        if refusal is not None:
            await problem_response(refusal)(scope, receive, watch.send)
        elif headers.content_length:
            await self._app(scope, receive, watch.send)
        else:
            await self._serve_counting(scope, receive, watch)

    def _settle_caller(self, scope: Scope, headers: _Headers) -> None:
        peer = scope.get("client")
        address = str(peer[0]) if peer else ""
        if self._proxies.anybody and self._proxies.holds(address):
            if headers.forwarded_for:
                address = self._proxies.client_of(address, headers.forwarded_for)
                scope["client"] = (address, 0)
            proto = headers.forwarded_proto.strip().lower()
            if proto in {b"http", b"https"}:
                scope["scheme"] = proto.decode()
        _address.set(address)

    def _extra_headers(self, scope: Scope, origin: bytes) -> list[tuple[bytes, bytes]]:
        extra = [*SECURITY_HEADERS, *self._vary]
        if scope.get("scheme") == "https":
            extra.append(STRICT_TRANSPORT)
        if origin and origin.lower() in self._cors:
            extra.append((b"access-control-allow-origin", origin))
            extra.append((b"access-control-expose-headers", _CORS_SHOWS))
        return extra

    def _is_preflight(self, scope: Scope, headers: _Headers) -> bool:
        return bool(scope["method"] == "OPTIONS" and headers.origin and headers.wanted_method)

    async def _answer_preflight(self, headers: _Headers, watch: "_Watch") -> None:
        allowed = headers.origin.lower() in self._cors
        answer = [(b"content-length", b"0")]
        if allowed:
            answer += [
                (b"access-control-allow-methods", _CORS_METHODS),
                (b"access-control-allow-headers", _CORS_TAKES),
                (b"access-control-max-age", b"600"),
            ]
        status = 204 if allowed else 403
        await watch.send({"type": "http.response.start", "status": status, "headers": answer})
        await watch.send({"type": "http.response.body", "body": b""})

    def _refusal(self, scope: Scope, headers: _Headers) -> TruestockError | None:
        length = headers.content_length
        if length:
            size_max = self._size_max(scope["path"])
            if not length.isdigit() or int(length[:20]) > size_max:
                return BodyTooLargeError(bytes_max=size_max)
        if scope["method"] in _UNSAFE and scope["path"].startswith(_API):
            if not headers.api_key and self._is_foreign(scope, headers):
                return OriginRefusedError()
            if length not in {b"", b"0"} or headers.content_type:
                return self._media_refusal(scope["path"], headers.content_type)
        return None

    def _size_max(self, path: str) -> int:
        is_upload = path.startswith(self._upload_prefixes)
        return self._upload_max if is_upload else self._body_max

    def _media_refusal(self, path: str, content_type: bytes) -> TruestockError | None:
        media = content_type.partition(b";")[0].strip().lower()
        is_json = media == b"application/json" or (
            media.startswith(b"application/") and media.endswith(b"+json")
        )
        if is_json or path.startswith(self._upload_prefixes):
            return None
        return MediaTypeRefusedError(content_type=media.decode("latin-1")[:100])

    def _is_foreign(self, scope: Scope, headers: _Headers) -> bool:
        """Tell whether a browser says that a page of another origin sent this."""
        if headers.fetch_site:  # scripts cannot forge it
            return headers.fetch_site not in {b"same-origin", b"none"}
        if not headers.origin:
            return False
        own = scope.get("scheme", "http").encode() + b"://" + headers.host
        return headers.origin.lower() not in {own.lower(), self._own_origin}

    async def _serve_counting(self, scope: Scope, receive: Receive, watch: "_Watch") -> None:
        """Serve a body of unknown length and stop it at the limit."""
        size_max = self._size_max(scope["path"])
        counted = _CountedBody(receive, size_max)
        watch.body = counted
        try:
            await self._app(scope, counted.receive, watch.send)
        except BodyTooLargeError:
            if not counted.exceeded:
                raise
        if counted.exceeded and not watch.started:
            watch.body = None
            refusal = BodyTooLargeError(bytes_max=size_max)
            await problem_response(refusal)(scope, receive, watch.send)


class _CountedBody:
    """A body that is counted as it comes and raises `BodyTooLargeError` beyond its limit."""

    __slots__ = ("_left", "_receive", "exceeded")

    def __init__(self, receive: Receive, size_max: int) -> None:
        self._receive = receive
        self._left = size_max
        self.exceeded = False

    async def receive(self) -> Message:
        """Pass on one piece."""
        message = await self._receive()
        if message["type"] == "http.request":
            self._left -= len(message.get("body", b""))
            if self._left < 0:
                self.exceeded = True
                raise BodyTooLargeError
        return message


class _Watch:
    """Adds headers to the answer; drops an answer made of a body that was cut off."""

    __slots__ = ("_extra", "_is_api", "_send", "body", "started")

    def __init__(self, send: Send, extra: list[tuple[bytes, bytes]], *, is_api: bool) -> None:
        self._send = send
        self._extra = extra
        self._is_api = is_api
        self.started = False
        self.body: _CountedBody | None = None

    async def send(self, message: Message) -> None:
        """Pass on one piece of the answer."""
        if not self.started:
            if self.body is not None and self.body.exceeded:
                return
            if message["type"] == "http.response.start":
                self.started = True
                self._add_headers(message)
        await self._send(message)

    def _add_headers(self, message: Message) -> None:
        given = list(message.get("headers", ()))
        if self._is_api and not any(name == b"cache-control" for name, _ in given):
            given.append((b"cache-control", b"no-store"))
        message["headers"] = given + self._extra
