"""Imports as the API shows and takes them."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from fastapi import Depends
from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

from truestock.exchange.model.imports import ImportKind, ImportRun, Mapping
from truestock.exchange.rules.fields import FIELDS
from truestock.http.bodies import Body, Text, WriteBody
from truestock.http.handlers import requires
from truestock.http.lists import PageQuery
from truestock.kernel.actor import Actor

Importer = Annotated[Actor, Depends(requires("import.run"))]

KindName = Literal["items", "locations", "parties", "opening_stock", "movements", "deliveries"]
StateName = Literal["uploaded", "checked", "applying", "applied", "failed"]
ShortText = Annotated[Text, Field(max_length=300)]

MAPPING_EXAMPLE: JsonDict = {
    "columns": {"sku": "Item code", "name": "Title", "list_price": "Price"},
    "constants": {"currency": "EUR"},
    "decimal_mark": ",",
}


class MappingBody(Body):
    """Which column gives which field, and how texts are read."""

    model_config = ConfigDict(json_schema_extra={"examples": [MAPPING_EXAMPLE]})

    columns: dict[ShortText, ShortText] = Field(
        default_factory=dict, max_length=100, description="Column by field."
    )
    constants: dict[ShortText, ShortText] = Field(
        default_factory=dict,
        max_length=100,
        description="Value by field where there is no column or the cell is empty.",
    )
    date_format: Annotated[Text, Field(max_length=50)] = ""
    decimal_mark: Literal[".", ","] = "."
    encoding: Annotated[Text, Field(max_length=40)] = ""
    delimiter: Annotated[Text, Field(max_length=1)] = ""
    sheet: Annotated[Text, Field(max_length=100)] = ""
    time_zone: Annotated[Text, Field(max_length=64)] = ""
    label: Annotated[Text, Field(max_length=100)] = Field(
        "", description="Makes the same file another import on purpose."
    )
    create_missing: bool = False
    opening_stock: bool = False

    def mapping(self) -> Mapping:
        """Return the mapping asked for."""
        return msgspec.convert(self.model_dump(), Mapping)


class MappingChange(WriteBody):
    """Another mapping for an import."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"mapping": MAPPING_EXAMPLE}]})

    mapping: MappingBody
    strict: bool = Field(False, description="Any refused line, and nothing is imported.")


class PreviewBody(WriteBody):
    """Check every line, with another mapping if one is given."""

    model_config = ConfigDict(json_schema_extra={"examples": [{}]})

    mapping: MappingBody | None = None
    strict: bool | None = None


class ApplyBody(WriteBody):
    """Nothing but the request key, which may stand in the header instead."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"request_key": "apply-7"}]})


class ImportQuery(PageQuery):
    """Filters of the list of imports. Sort: recorded_at."""

    kind: KindName | None = None
    state: StateName | None = None


class RowQuery(BaseModel):
    """Which lines of a file."""

    model_config = ConfigDict(extra="forbid")

    refused: bool = Field(False, description="Only lines with problems.")
    limit: int = Field(50, ge=1, le=100)
    cursor: int = Field(0, ge=0, le=2**31 - 1, description="`next_cursor` of a page.")


class ColumnShown(BaseModel):
    """A column of the file with its first different values."""

    name: str
    samples: list[str]


class FieldShown(BaseModel):
    """A field that rows of this kind may give."""

    name: str
    label: str
    is_required: bool
    hint: str


class ImportSummary(BaseModel):
    """An import as a list shows it."""

    import_id: int
    kind: KindName
    file_name: str
    strict: bool
    state: StateName
    rows_total: int | None
    rows_accepted: int | None
    rows_refused: int | None
    counts: dict[str, int]
    failure: str
    job_id: int | None
    actor_id: int
    actor_name: str
    recorded_at: datetime
    ended_at: datetime | None


class ImportShown(ImportSummary):
    """An import with its columns, its mapping and the fields it may fill."""

    columns: list[ColumnShown]
    fields: list[FieldShown]
    mapping: dict[str, Any]


class ImportPage(BaseModel):
    """A page of imports, newest first."""

    items: list[ImportSummary]
    next_cursor: str | None


class ProblemShown(BaseModel):
    """What is wrong with a line; the field is empty when it is the line as a whole."""

    field: str
    column: str
    code: str
    message: str


class RowShown(BaseModel):
    """A line of the file with the texts of its mapped fields."""

    line_number: int
    values: dict[str, str]
    errors: list[ProblemShown]


class RowPage(BaseModel):
    """A page of lines."""

    items: list[RowShown]
    next_cursor: int | None


class Preview(BaseModel):
    """A checked import and its first lines."""

    found: ImportShown = Field(serialization_alias="import")
    items: list[RowShown]
    next_cursor: int | None


def fields_of(kind: ImportKind) -> list[dict[str, Any]]:
    """Return what rows of a kind may give."""
    return [
        {
            "name": field.name,
            "label": field.label,
            "is_required": field.is_required,
            "hint": field.hint,
        }
        for field in FIELDS[kind]
    ]


def shown(run: ImportRun) -> dict[str, Any]:
    """Return an import as the API shows it."""
    names = ImportSummary.model_fields
    plain: dict[str, Any] = {name: getattr(run, name) for name in names}
    columns = [{"name": each.name, "samples": each.samples} for each in run.table_form.columns]
    mapping = {**msgspec.structs.asdict(run.mapping)}
    given: dict[str, Any] = msgspec.to_builtins(
        plain | {"columns": columns, "fields": fields_of(run.kind), "mapping": mapping}
    )
    return given
