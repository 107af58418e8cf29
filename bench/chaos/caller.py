"""One HTTP connection to Truestock that tells definite answers from unknown outcomes."""

import http.client
import json
from typing import Any

SECONDS_MAX = 8.0
DEFINITE = frozenset({200, 201, 400, 404, 409, 412, 422, 428})
"""Statuses that answer a write for good. 429 and 5xx say: ask again with the same key."""
FAULTS = 500


class UnknownOutcomeError(Exception):
    """No definite answer: recorded or not, a retry with the same key will tell."""


class Caller:
    """Sends requests to 127.0.0.1 on one connection, opened anew after every failure."""

    def __init__(self, port: int, api_key: str) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS_MAX)
        self._headers = {"X-API-Key": api_key, "Content-Type": "application/json"}

    def post(self, path: str, body: Any, request_key: str | None = None) -> Any:
        """Return the decoded answer; raises `UnknownOutcomeError`."""
        headers = self._headers | ({"Idempotency-Key": request_key} if request_key else {})
        try:
            self._connection.request("POST", path, json.dumps(body), headers)
            answer = self._connection.getresponse()
            content = answer.read()
            decoded = json.loads(content) if answer.status in DEFINITE else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            self.close()
            raise UnknownOutcomeError(type(error).__name__) from error
        if decoded is None:
            if answer.status < FAULTS and answer.status != 429:
                raise SystemExit(f"{path} answered {answer.status}: {content[:500]!r}")
            raise UnknownOutcomeError(f"status {answer.status} {_code(content)}")
        return decoded

    def close(self) -> None:
        """Drop the connection; the next request opens another one."""
        self._connection.close()


def _code(content: bytes) -> str:
    try:
        return str(json.loads(content)["code"])
    except (ValueError, KeyError, TypeError):
        return content[:80].decode("utf-8", "replace")
