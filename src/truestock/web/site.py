"""The built single-page application: files with a hash in their name for ever, the page never.

All files are kept in memory with their compressed siblings. While developing, a newer build is
noticed when the page is asked for. Without a build, a plain page says how to make one.
"""

import hashlib
import mimetypes
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from starlette.types import Scope, Send

PAGE = "/index.html"
_FOR_EVER = b"public, max-age=31536000, immutable"
_ASK_AGAIN = b"no-cache"
_TEXT = ("text/", "application/javascript", "application/json", "image/svg+xml")
_NOT_BUILT = b"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Truestock</title></head>
<body><h1>The web application is not built</h1>
<p>The API is at <a href="/docs">/docs</a>. To build the pages, run <code>make web</code> in the
checkout, then load this page again.</p></body></html>
"""


@dataclass(frozen=True, slots=True)
class _File:
    body: bytes
    compressed: bytes | None
    media_type: bytes
    etag: bytes
    cache: bytes


def _media_type(name: str) -> bytes:
    if name.endswith(".webmanifest"):
        return b"application/manifest+json"
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    kind = "text/javascript" if kind == "application/javascript" else kind
    return (f"{kind}; charset=utf-8" if kind.startswith(_TEXT) else kind).encode()


def _loaded(path: Path, url: str) -> _File:
    body = path.read_bytes()
    sibling = path.with_name(path.name + ".gz")
    return _File(
        body=body,
        compressed=sibling.read_bytes() if sibling.is_file() else None,
        media_type=_media_type(path.name),
        etag=b'"' + hashlib.blake2b(body, digest_size=12).hexdigest().encode() + b'"',
        cache=_FOR_EVER if url.startswith("/assets/") else _ASK_AGAIN,
    )


def _header(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> bytes:
    return next((value for name, value in headers if name == wanted), b"")


class Site:
    """Answers GET and HEAD for every path that is not the API's."""

    def __init__(self, folder: Path) -> None:
        """Take the folder of the build; it may be absent."""
        self._folder = folder
        self._files: dict[str, _File] = {}
        self._built_at = -1
        self._look()

    @property
    def is_built(self) -> bool:
        """Tell whether there is a page to show."""
        return PAGE in self._files

    def _look(self) -> None:
        page = self._folder / "index.html"
        built_at = page.stat().st_mtime_ns if page.is_file() else 0
        if built_at == self._built_at:
            return
        self._built_at = built_at
        found = sorted(self._folder.rglob("*")) if built_at else []
        files = {
            "/" + path.relative_to(self._folder).as_posix(): path
            for path in found
            if path.is_file() and path.suffix not in {".gz", ".br", ".map"}
        }
        self._files = {url: _loaded(path, url) for url, path in files.items()}

    def _file(self, path: str) -> _File | None:
        found = self._files.get(path)
        if found is not None and path != PAGE:
            return found
        if "." in path.rsplit("/", 1)[-1] and path != PAGE:
            return None  # a file that is gone must not turn into the page
        self._look()
        return self._files.get(PAGE)

    async def answer(self, scope: Scope, send: Send) -> None:
        """Send the file, or the page for a path of the application, or 404, 405 or 304."""
        if scope["method"] not in {"GET", "HEAD"}:
            await _send(send, 405, [(b"allow", b"GET, HEAD")], b"")
            return
        file = self._file(scope["path"])
        if file is None:
            status = 404 if self.is_built or scope["path"] != "/" else 200
            plain = [(b"content-type", b"text/html; charset=utf-8"), (b"cache-control", _ASK_AGAIN)]
            body = b"Not found." if self.is_built else _NOT_BUILT
            await _send(send, status, plain, body, bodyless=scope["method"] == "HEAD")
            return
        headers = [(b"etag", file.etag), (b"cache-control", file.cache)]
        if file.compressed is not None:
            headers.append((b"vary", b"accept-encoding"))
        if _header(scope["headers"], b"if-none-match") == file.etag:
            await _send(send, 304, headers, b"", bodyless=True)
            return
        body = file.body
        if file.compressed is not None and b"gzip" in _header(scope["headers"], b"accept-encoding"):
            body = file.compressed
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-type", file.media_type))
        await _send(send, 200, headers, body, bodyless=scope["method"] == "HEAD")


async def _send(
    send: Send,
    status: int,
    headers: list[tuple[bytes, bytes]],
    body: bytes,
    *,
    bodyless: bool = False,
) -> None:
    if status != 304:  # noqa: PLR2004 - "not modified" carries no length
        headers = [*headers, (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if bodyless else body})
