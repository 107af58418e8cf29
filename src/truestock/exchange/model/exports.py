"""Exports: formats, columns, stored files."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ExportFormat(StrEnum):
    """What a list can be written as."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"


MEDIA_TYPES = {
    ExportFormat.CSV: "text/csv; charset=utf-8",
    ExportFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ExportFormat.PARQUET: "application/vnd.apache.parquet",
}


class ColumnKind(StrEnum):
    """What the values of an exported column are."""

    TEXT = "text"
    WHOLE = "whole"
    DECIMAL = "decimal"
    YES_NO = "yes_no"
    MOMENT = "moment"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class ExportColumn:
    """A column: its header, which is the list's own name of the value, and what its values are."""

    name: str
    kind: ColumnKind = ColumnKind.TEXT


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportFile:
    """A stored export; sizes are None while it is being written."""

    export_id: int
    list_name: str
    format: ExportFormat
    file_name: str
    query: dict[str, object]
    actor_id: int
    row_count: int | None
    byte_count: int | None
    recorded_at: datetime
    ready_at: datetime | None
