"""What OpenAPI says of thin routes, made from the classes that decode and encode them."""

from collections.abc import Iterable
from typing import Any

import msgspec

from truestock.http.paths import template_regex, without_kinds
from truestock.http.problems import (
    BodyNotJsonError,
    BodyTooLargeError,
    NotSignedInError,
    ProblemDocument,
)
from truestock.http.security import MediaTypeRefusedError
from truestock.http.thin import ThinRoute
from truestock.kernel.errors import BusyError, ForbiddenError, InvalidInputError, TruestockError

_REFERENCE = "#/components/schemas/{name}"
_ALWAYS: tuple[type[TruestockError], ...] = (NotSignedInError, ForbiddenError, InvalidInputError)
_WITH_BODY: tuple[type[TruestockError], ...] = (
    BodyNotJsonError,
    BodyTooLargeError,
    MediaTypeRefusedError,
    BusyError,
)

_KEY_HEADER = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Your key for this write; `request_key` in the body does the same.",
    "schema": {"type": "string", "maxLength": 200},
}


def _operation_id(route: ThinRoute) -> str:
    words = without_kinds(route.path).replace("{", "").replace("}", "").strip("/")
    return f"{words.replace('/', '_').replace('-', '_')}_{route.method.lower()}"


def _parameters(route: ThinRoute) -> list[dict[str, Any]]:
    in_path = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in template_regex(route.path).groupindex
    ]
    in_query = [
        {"name": name, "in": "query", "description": sentence, "schema": {"type": "string"}}
        for name, sentence in route.query.items()
    ]
    keyed = "request_key" in getattr(route.body, "__struct_fields__", ())
    return [*in_path, *in_query, *([_KEY_HEADER] if keyed else [])]


def _problems(route: ThinRoute) -> dict[str, Any]:
    classes = {*_ALWAYS, *route.errors, *(_WITH_BODY if route.body is not None else ())}
    by_status: dict[int, list[str]] = {}
    for found in sorted(classes, key=lambda each: each.code):
        sentence = (found.__doc__ or "").strip().splitlines()[0]
        by_status.setdefault(found.status, []).append(f"`{found.code}`: {sentence}")
    content = {"application/problem+json": {"schema": {"$ref": _REFERENCE.format(name="Problem")}}}
    return {
        str(status): {"description": " ".join(lines), "content": content}
        for status, lines in sorted(by_status.items())
    }


def _json_content(schema: Any, example: Any) -> dict[str, Any]:
    shown = {"schema": schema}
    if example is not None:
        shown["example"] = msgspec.to_builtins(example)
    return {"application/json": shown}


def _done(route: ThinRoute, schemas: dict[int, Any]) -> dict[str, Any]:
    content = _json_content(schemas[id(route.answer)], route.answer_example)
    done: dict[str, Any] = {str(route.status): {"description": "Done.", "content": content}}
    if route.status_replayed is not None:
        sentence = "Done before under this request key."
        done[str(route.status_replayed)] = {"description": sentence, "content": content}
    return done


def _operation(route: ThinRoute, schemas: dict[int, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "operationId": _operation_id(route),
        "tags": list(route.tags),
        "x-permission": route.permission,
        "security": [{"api_key": []}, {"session": []}],
        "responses": {**_done(route, schemas), **_problems(route)},
    }
    if parameters := _parameters(route):
        operation["parameters"] = parameters
    if route.body is not None:
        content = _json_content(schemas[id(route.body)], route.body_example)
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def thin_schema(routes: Iterable[ThinRoute]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the paths and the component schemas of the routes, in the form of OpenAPI 3.1."""
    listed = list(routes)
    types: list[Any] = []
    for route in listed:
        types.extend(each for each in (route.body, route.answer) if each is not None)
    made, components = msgspec.json.schema_components(types, ref_template=_REFERENCE)
    schemas = {id(each): schema for each, schema in zip(types, made, strict=True)}
    paths: dict[str, Any] = {}
    for route in listed:
        at = paths.setdefault(without_kinds(route.path), {})
        at[route.method.lower()] = _operation(route, schemas)
    return paths, {**components, **problem_schema()}


def problem_schema() -> dict[str, Any]:
    """Return the schema of a problem answer; facts of the error stand beside its members."""
    (_,), components = msgspec.json.schema_components([ProblemDocument], ref_template=_REFERENCE)
    problem = {**components["ProblemDocument"], "additionalProperties": True, "title": "Problem"}
    return {"Problem": problem}
