"""The OpenAPI document of every route, FastAPI's and the thin ones, in one."""

from collections.abc import Iterable
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi

from truestock.http.paths import without_kinds
from truestock.http.thin import ThinRoute
from truestock.http.thin_schema import problem_schema, thin_schema
from truestock.web.endpoints import API_PREFIX, endpoints

_PROBLEM = {
    "description": "Refused; `code` says why.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
_SECURITY_SCHEMES = {
    "api_key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": "truestock_session",
        "description": "A signed-in person; writes also carry `X-CSRF-Token`.",
    },
}


def openapi_document(app: FastAPI, thin: Iterable[ThinRoute]) -> dict[str, Any]:
    """Return the document. Every operation says its permission and that problems are possible."""
    document = get_openapi(
        title=app.title, version=app.version, summary=app.summary, routes=app.routes
    )
    permissions = {
        (without_kinds(found.template), found.method.lower()): found.permission
        for found in endpoints(app)
    }
    for path, methods in document.get("paths", {}).items():
        for method, operation in methods.items():
            _complete(operation, path, permissions.get((path, method)))
    paths, schemas = thin_schema(thin)
    for path, methods in paths.items():
        document.setdefault("paths", {}).setdefault(path, {}).update(methods)
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update({**problem_schema(), **schemas})
    components["securitySchemes"] = _SECURITY_SCHEMES
    return document


def _complete(operation: dict[str, Any], path: str, permission: str | None) -> None:
    """Add to one operation what is the same everywhere."""
    responses = operation.setdefault("responses", {})
    if "422" in responses and "HTTPValidationError" in str(responses["422"]):
        del responses["422"]
    if path.startswith(API_PREFIX):
        responses.setdefault("4XX", _PROBLEM)
        responses.setdefault("5XX", _PROBLEM)
    if permission is not None:
        operation["x-permission"] = permission
        operation["security"] = [{"api_key": []}, {"session": []}]
