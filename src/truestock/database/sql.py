"""SQL stands in `.sql` files, one statement a file, named like the function that runs it.

A list may have filters: a line that ends in `--if name` stays only when the filter `name` is
given. Parameters are written `:name`; they become numbered ones here. `/*order*/` is replaced by
the chosen sort and the limit, `/*after*/` by the condition that continues behind a cursor,
`/*sort*/` by the two columns that make the next cursor, and `/*sorted*/` by the sort alone, for a
part that must come in that order by itself.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

_NAMED = re.compile(r"(?<![:\w]):([a-z_][a-z0-9_]*)")
_CONDITIONAL = re.compile(r"^(?P<text>.*?)\s*--if (?P<name>[a-z_0-9]+)\s*$")


@cache
def load_sql(module: str, name: str) -> str:
    """Return the text of `sql/<name>.sql` of the slice that `module` (its __name__) lives in."""
    slice_package = ".".join(module.split(".")[:2])
    return files(slice_package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")


def numbered(text: str, given: Mapping[str, Any]) -> tuple[str, list[Any]]:
    """Drop the conditional lines whose filter is not given and number the named parameters.

    Returns the statement and its values in order. A filter counts as given when it is not None.
    """
    kept = []
    for line in text.splitlines():
        found = _CONDITIONAL.match(line)
        if found is None:
            kept.append(line)
        elif given.get(found["name"]) is not None:
            kept.append(found["text"])
    names: list[str] = []

    def place(match: re.Match[str]) -> str:
        if match[1] not in names:
            names.append(match[1])
        return f"${names.index(match[1]) + 1}"

    statement = _NAMED.sub(place, "\n".join(kept))
    return statement, [given[name] for name in names]


@dataclass(frozen=True, slots=True)
class Sort:
    """A column a list may be sorted by: the SQL expression and its type, never null."""

    expression: str
    sql_type: str


@dataclass(frozen=True, slots=True)
class Listing:
    """A keyset-paged list: its statement, its sorts by public name and its unique last key."""

    text: str
    sorts: Mapping[str, Sort]
    key: str
    default: str

    def page(
        self, given: Mapping[str, Any], sort: str, after: tuple[Any, int] | None, limit: int
    ) -> tuple[str, list[Any]]:
        """Return statement and values for one page of `limit` rows (ask for one more to see on).

        `sort` is a public name, `-` before it means descending; `after` is the last row's sort
        value as text and its key. The name must have been checked against `sorts`.
        """
        descending = sort.startswith("-")
        chosen = self.sorts[sort.removeprefix("-")]
        direction, sign = ("DESC", "<") if descending else ("ASC", ">")
        order = f"ORDER BY {chosen.expression} {direction}, {self.key} {direction}"
        text = self.text.replace("/*order*/", f"{order} LIMIT :limit_")
        text = text.replace("/*sorted*/", order)
        text = text.replace(
            "/*sort*/", f"({chosen.expression})::text AS sort_value, {self.key} AS sort_key"
        )
        values = {**given, "limit_": limit}
        condition = ""
        if after is not None:
            condition = (
                f"AND ({chosen.expression}, {self.key}) {sign} "
                f"(:after_value_::text::{chosen.sql_type}, :after_key_::bigint)"
            )
            values |= {"after_value_": after[0], "after_key_": after[1]}
        return numbered(text.replace("/*after*/", condition), values)
