"""Imports: kinds, fields, the mapping of a file's columns, lines and what is wrong with them."""

from collections.abc import Mapping as AnyMapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal

import msgspec


class ImportKind(StrEnum):
    """What the rows of a file are."""

    ITEMS = "items"
    LOCATIONS = "locations"
    PARTIES = "parties"
    OPENING_STOCK = "opening_stock"
    MOVEMENTS = "movements"
    DELIVERIES = "deliveries"


class ImportState(StrEnum):
    """How far an import is."""

    UPLOADED = "uploaded"
    CHECKED = "checked"
    APPLYING = "applying"
    APPLIED = "applied"
    FAILED = "failed"


class Form(StrEnum):
    """How the text of a cell is read."""

    TEXT = "text"
    CODE = "code"
    WORD = "word"
    WHOLE = "whole"
    QUANTITY = "quantity"
    MONEY = "money"
    DECIMAL = "decimal"
    MOMENT = "moment"
    DAY = "day"
    YES_NO = "yes_no"
    PACKS = "packs"


@dataclass(frozen=True, slots=True)
class Field:
    """One thing a row may give. `aliases` are header names that mean it, in lower case."""

    name: str
    label: str
    form: Form = Form.TEXT
    is_required: bool = False
    hint: str = ""
    aliases: tuple[str, ...] = ()


class TableForm(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a file is read, found out or given; `columns` are its headers with a few values each."""

    container: Literal["csv", "xlsx"] = "csv"
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    columns: list["Column"] = []


class Column(msgspec.Struct, frozen=True):
    """A header and the first different values under it."""

    name: str
    samples: list[str] = []


class Mapping(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """Which column gives which field, and how texts are read.

    `columns` and `constants` are by field name; a constant stands where the column is absent or
    the cell empty. `date_format` is a strptime pattern; ISO dates are always understood. `label`
    makes an import of the same content a different one on purpose. Deliveries alone have the last
    two: make the items, site and location that are not there, and receive first what will be sold.
    """

    columns: dict[str, str] = {}
    constants: dict[str, str] = {}
    date_format: str = ""
    decimal_mark: Literal[".", ","] = "."
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    time_zone: str = ""
    label: str = ""
    create_missing: bool = False
    opening_stock: bool = False


@dataclass(frozen=True, slots=True)
class SavedMapping:
    """A mapping kept under a name for files of a kind."""

    kind: ImportKind
    name: str
    mapping: Mapping


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a line; `field` is empty when it is the line as a whole."""

    line_number: int
    field: str
    code: str
    message: str


@dataclass(slots=True)
class Line:
    """A line of a file with the values of its fields, and what is wrong with it."""

    number: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a file is looked at. Bytes are unpacked."""

    bytes_max: int
    rows_max: int
    columns_max: int = 500
    cell_length_max: int = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportRun:
    """A stored import."""

    import_id: int
    kind: ImportKind
    file_name: str
    content_hash: bytes
    table_form: TableForm
    mapping: Mapping
    strict: bool
    state: ImportState
    rows_total: int | None
    rows_accepted: int | None
    rows_refused: int | None
    position: int
    counts: AnyMapping[str, int]
    failure: str
    job_id: int | None
    actor_id: int
    actor_name: str
    recorded_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is: rows done of all rows, and the counts so far."""

    done: int
    total: int
    message: str
    counts: AnyMapping[str, int]
