"""Logs: one JSON object a line on standard output, coloured text on a terminal, never a secret.

Entry points call `configure_logs` once. What libraries say through `logging` takes the same road,
from warnings on. A value is hidden when its name says secret, and a text loses what looks like a
password or a key.
"""

import logging
import re
import sys
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TextIO

import msgspec
import structlog

Facts = Callable[[], Mapping[str, Any]]
"""Gives what every line of the present task should carry, such as the request id."""

HIDDEN = "(hidden)"

_SECRET_NAME = re.compile(
    r"passw|secret|token|api[_-]?key|authori[sz]ation|cookie|csrf|credential|private|dsn|database_url"
    r"|redis_url|totp|session_id",
    re.IGNORECASE,
)
_SECRET_TEXT = re.compile(
    r"(?P<scheme>\b[a-z][a-z0-9+.-]*://[^\s:/@]*:)[^\s@]+(?=@)"  # a password within an address
    r"|(?P<bearer>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}"  # an Authorization header's value
    r"|\b(?P<key>(?:ts[a-z]{0,2}|sk|pk)_)[A-Za-z0-9_-]{16,}"  # an API key, ours or another's
    r"|(?P<pair>\b(?:password|passwd|secret|token|api[_-]?key)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;)}]+",
    re.IGNORECASE,
)
_DEPTH_MAX = 6


def _kept_part(match: re.Match[str]) -> str:
    kept = match["scheme"] or match["bearer"] or match["key"] or match["pair"] or ""
    return kept + HIDDEN


def redacted(value: Any, depth: int = 0) -> Any:
    """Return the value without secrets: by the names in mappings and by the look of texts."""
    if isinstance(value, str):
        return _SECRET_TEXT.sub(_kept_part, value)
    if depth > _DEPTH_MAX:
        return value
    if isinstance(value, Mapping):
        return {
            name: HIDDEN if _SECRET_NAME.search(str(name)) else redacted(inner, depth + 1)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [redacted(inner, depth + 1) for inner in value]
    return value


def _redact(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    return {
        name: HIDDEN
        if _SECRET_NAME.search(name)
        else value
        if isinstance(value, int | float)
        else redacted(value)
        for name, value in line.items()
    }


def _json(line: Any, **_ignored: Any) -> str:
    return msgspec.json.encode(line, enc_hook=str).decode()


def _with_facts(facts: Facts) -> structlog.types.Processor:
    def add(_logger: Any, _method: str, line: Any) -> Any:
        for name, value in facts().items():
            line.setdefault(name, value)
        return line

    return add


def _chain(facts: Facts, *, pretty: bool) -> list[structlog.types.Processor]:
    chain: list[structlog.types.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
        _with_facts(facts),
    ]
    return chain if pretty else [*chain, structlog.processors.format_exc_info]


def _renderer(*, pretty: bool) -> structlog.types.Processor:
    if pretty:
        return structlog.dev.ConsoleRenderer(timestamp_key="at")
    return structlog.processors.JSONRenderer(serializer=_json)


class _Trusted:
    """The chain of processors without the search for secrets, once it is configured."""

    processors: list[structlog.types.Processor] | None = None


def trusted_logger() -> Any:
    """Return a logger for lines whose every value is our own: nothing is searched for secrets.

    A third of the cost; for the one line of every request. Ask after `configure_logs`.
    """
    if _Trusted.processors is None:
        return structlog.get_logger()
    return structlog.wrap_logger(None, processors=_Trusted.processors)


def configure_logs(
    level: str,
    *,
    facts: Facts = dict,
    pretty: bool | None = None,
    stream: TextIO | None = None,
) -> None:
    """Send every log line of this process to standard output; `pretty` None asks the terminal.

    `level` is a name of the standard library's; an unknown one means INFO. Commands whose output
    is an answer give standard error as `stream`.
    """
    output = stream or sys.stdout
    shown_pretty = output.isatty() if pretty is None else pretty
    number = logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
    ending = [_redact, _renderer(pretty=shown_pretty)]
    chain = _chain(facts, pretty=shown_pretty)
    _Trusted.processors = [*chain, ending[-1]]
    structlog.configure(
        processors=[*chain, *ending],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(output),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(output)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name, *chain],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *ending],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(number if number <= logging.DEBUG else max(number, logging.WARNING))
