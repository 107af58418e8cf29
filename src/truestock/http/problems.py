"""Errors become RFC 9457 problem documents here, in one place; no internals leak."""

from collections.abc import Sequence
from typing import Any

import msgspec
import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from truestock.database.errors import translated
from truestock.http.request_ids import current_request_id
from truestock.kernel.errors import TruestockError

CONTENT_TYPE = "application/problem+json"

_log = structlog.get_logger(__name__)
_STATUS_CODES = {
    400: "bad_request",
    401: "not_signed_in",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    406: "not_acceptable",
    413: "body_too_large",
    415: "unsupported_media_type",
    429: "rate_limited",
}


class NotSignedInError(TruestockError):
    """Sign in or send a valid API key."""

    code = "not_signed_in"
    status = 401


class RequestKeyMissingError(TruestockError):
    """A write needs a request_key in the body or an Idempotency-Key header."""

    code = "request_key_missing"
    status = 400


class BodyNotJsonError(TruestockError):
    """The body is not valid JSON of the expected form."""

    code = "invalid_body"
    status = 422


class BodyTooLargeError(TruestockError):
    """The body is larger than allowed."""

    code = "body_too_large"
    status = 413


class ProblemDocument(msgspec.Struct):
    """The members every problem has; facts of the error stand beside them."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str


def problem_document(error: TruestockError) -> dict[str, Any]:
    """Return the problem document of an error, with its facts and the request id."""
    members = ProblemDocument(
        type=f"urn:truestock:problem:{error.code}",
        title=error.title,
        status=error.status,
        code=error.code,
        detail=error.detail,
        request_id=current_request_id(),
    )
    return {**error.facts, **msgspec.to_builtins(members)}


def problem_bytes(error: TruestockError) -> bytes:
    """Return the problem document of an error as JSON bytes."""
    return msgspec.json.encode(problem_document(error), enc_hook=str)


def problem_response(error: TruestockError) -> Response:
    """Return the problem document of an error as a response."""
    headers = {}
    if error.retry_after_seconds is not None:
        headers["Retry-After"] = str(error.retry_after_seconds)
    return Response(problem_bytes(error), error.status, headers, CONTENT_TYPE)


def _plain_problem(status: int, code: str, title: str, **members: Any) -> Response:
    body = {
        **members,
        "type": f"urn:truestock:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": title,
        "request_id": current_request_id(),
    }
    return Response(msgspec.json.encode(body, enc_hook=str), status, None, CONTENT_TYPE)


def _named_faults(faults: Sequence[Any]) -> list[dict[str, str]]:
    return [
        {"field": ".".join(str(part) for part in fault["loc"]), "reason": str(fault["msg"])}
        for fault in faults
    ]


def fault_response(error: Exception) -> Response:
    """Return a 500 problem for a fault of ours; the log has the trace, the caller the id."""
    _log.error("fault", exc_info=error)
    title = "Something went wrong on our side; nothing was half done."
    return _plain_problem(500, "internal_error", title)


def install_problem_answers(app: FastAPI) -> None:
    """Make the application answer every error as a problem document."""

    async def ours(_request: Request, error: Exception) -> Response:
        assert isinstance(error, TruestockError)  # noqa: S101 - registered for this class only
        return problem_response(error)

    async def invalid(_request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class
        title = "The request is not of the expected form."
        return _plain_problem(422, "invalid_input", title, faults=_named_faults(error.errors()))

    async def framework(_request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
        code = _STATUS_CODES.get(error.status_code, f"http_{error.status_code}")
        answer = _plain_problem(error.status_code, code, str(error.detail))
        answer.headers.update(error.headers or {})
        return answer

    async def driver(_request: Request, error: Exception) -> Response:
        known = translated(error)  # type: ignore[arg-type]  # registered for PostgresError only
        return (
            problem_response(known) if isinstance(known, TruestockError) else fault_response(error)
        )

    import asyncpg

    app.add_exception_handler(TruestockError, ours)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, framework)
    app.add_exception_handler(asyncpg.PostgresError, driver)
