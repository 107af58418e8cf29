"""A mapping from a file or a page: decoded, completed, checked against the table. Pure."""

import re
import tomllib
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from truestock.exchange.errors.imports import MappingInvalidError
from truestock.exchange.model.imports import Field, ImportKind, Mapping
from truestock.exchange.rules.fields import FIELDS

TEXT_LENGTH_MAX = 300
_ENCODING = re.compile(r"[A-Za-z0-9_.-]{1,40}")


def decoded_mapping(content: bytes, *, toml: bool) -> Mapping:
    """Return the mapping in a TOML or JSON file; raises `MappingInvalidError`."""
    try:
        plain: Any = tomllib.loads(content.decode()) if toml else msgspec.json.decode(content)
        return msgspec.convert(plain, Mapping)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.MsgspecError) as error:
        raise MappingInvalidError(reason=str(error)[:300]) from error


def merged(guess: Mapping, given: Mapping | None) -> Mapping:
    """Return the given mapping with what it does not say taken from the guess.

    A mapping that names no column leaves all columns to the guess, without what it has constants
    for.
    """
    if given is None:
        return guess
    columns = given.columns or {
        name: column for name, column in guess.columns.items() if name not in given.constants
    }
    return msgspec.structs.replace(
        given,
        columns=columns,
        date_format=given.date_format or guess.date_format,
        decimal_mark=given.decimal_mark if given.decimal_mark != "." else guess.decimal_mark,
    )


def require_mapping(kind: ImportKind, mapping: Mapping, columns: Iterable[str]) -> None:
    """Raise `MappingInvalidError` naming the first thing that does not fit the table."""
    require_known_fields(kind, mapping)
    there = set(columns)
    for name, column in mapping.columns.items():
        if column not in there:
            raise MappingInvalidError(field=name, column=column, reason="no such column")
    missing = missing_fields(kind, mapping)
    if missing:
        names = [field.name for field in missing]
        raise MappingInvalidError(missing=names, reason="required fields have no column")


def require_known_fields(kind: ImportKind, mapping: Mapping) -> None:
    """Raise `MappingInvalidError` for what fits no table of this kind."""
    known = {field.name for field in FIELDS[kind]}
    for name in (*mapping.columns, *mapping.constants):
        if name not in known:
            raise MappingInvalidError(field=name, reason="no such field", known=sorted(known))
    for name, text in mapping.constants.items():
        if len(text) > TEXT_LENGTH_MAX or "\x00" in text:
            raise MappingInvalidError(field=name, reason="the constant is too long or not a text")
    _require_forms(kind, mapping)


def is_time_zone(name: str) -> bool:
    """Tell whether this is the name of a time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def missing_fields(kind: ImportKind, mapping: Mapping) -> list[Field]:
    """Return the required fields that have neither a column nor a constant."""
    given = mapping.columns.keys() | mapping.constants.keys()
    return [field for field in FIELDS[kind] if field.is_required and field.name not in given]


def _require_forms(kind: ImportKind, mapping: Mapping) -> None:
    if mapping.delimiter and len(mapping.delimiter) != 1:
        raise MappingInvalidError(field="delimiter", reason="one character")
    if mapping.time_zone and not is_time_zone(mapping.time_zone):
        raise MappingInvalidError(field="time_zone", reason="an IANA name like Europe/Berlin")
    if mapping.encoding and not _ENCODING.fullmatch(mapping.encoding):
        raise MappingInvalidError(field="encoding", reason="not a name of an encoding")
    if mapping.date_format and ("%" not in mapping.date_format or len(mapping.date_format) > 50):  # noqa: PLR2004 - far above any pattern
        raise MappingInvalidError(field="date_format", reason="a pattern like %d.%m.%Y")
    if len(mapping.label) > 100 or not mapping.label.isprintable():  # noqa: PLR2004 - a short name
        raise MappingInvalidError(field="label", reason="at most 100 printable characters")
    if kind is not ImportKind.DELIVERIES and (mapping.create_missing or mapping.opening_stock):
        raise MappingInvalidError(reason="only deliveries create what is missing")
