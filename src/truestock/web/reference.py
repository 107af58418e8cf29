"""The API reference: the OpenAPI document as JSON, and as a plain page without any script."""

from html import escape
from typing import Any

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

reference_router = APIRouter(include_in_schema=False)

_METHODS = ("get", "post", "put", "patch", "delete")
_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:64rem;margin:2rem auto;padding:0 1rem}
code,pre{font:0.875rem/1.5 ui-monospace,monospace}
pre{overflow:auto;padding:.75rem;border:1px solid color-mix(in srgb,currentColor 25%,transparent)}
details{border-bottom:1px solid color-mix(in srgb,currentColor 20%,transparent);padding:.5rem 0}
summary{cursor:pointer}.method{display:inline-block;min-width:4rem;font-weight:700}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.25rem .5rem .25rem 0;
vertical-align:top}
"""


@reference_router.get("/api/v1/openapi.json")
async def openapi_json(request: Request) -> Response:
    """Return the OpenAPI document."""
    return Response(msgspec.json.encode(request.app.openapi()), media_type="application/json")


@reference_router.get("/docs/style.css")
async def reference_style() -> Response:
    """Return the style of the reference."""
    return Response(_STYLE, media_type="text/css")


@reference_router.get("/docs")
async def reference(request: Request) -> HTMLResponse:
    """Return the reference as a page."""
    return HTMLResponse(reference_page(request.app.openapi()))


def reference_page(document: dict[str, Any]) -> str:
    """Return the document as HTML: one section a tag, one folded part a route."""
    by_tag: dict[str, list[str]] = {}
    for path, methods in document["paths"].items():
        for method in _METHODS:
            if method in methods:
                tag = (methods[method].get("tags") or ["other"])[0]
                by_tag.setdefault(tag, []).append(_operation(document, path, method))
    sections = "".join(
        f"<h2>{escape(tag)}</h2>{''.join(shown)}" for tag, shown in sorted(by_tag.items())
    )
    title = escape(f"{document['info']['title']} API {document['info']['version']}")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<link rel="stylesheet" href="/docs/style.css"></head><body><main>'
        f"<h1>{title}</h1><p>Send an API key as <code>X-API-Key</code>. Writes take an "
        "<code>Idempotency-Key</code>; the same key gives the same answer. Everything that is "
        "refused is answered as <code>application/problem+json</code> with a stable "
        '<code>code</code>. Machine-readable: <a href="/api/v1/openapi.json">openapi.json</a>.</p>'
        f"{sections}</main></body></html>"
    )


def _operation(document: dict[str, Any], path: str, method: str) -> str:
    operation = document["paths"][path][method]
    permission = operation.get("x-permission", "public")
    body = _body(document, operation)
    return (
        f'<details><summary><span class="method">{method.upper()}</span> '
        f"<code>{escape(path)}</code> {escape(operation.get('summary', ''))}</summary>"
        f"<p>{escape(operation.get('description', ''))}</p>"
        f"<p>Permission: <code>{escape(permission)}</code></p>"
        f"{_parameters(operation)}{body}{_responses(operation)}</details>"
    )


def _parameters(operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(each['name'])}</code></td><td>{escape(each['in'])}</td>"
        f"<td>{escape(each.get('description', ''))}</td></tr>"
        for each in operation.get("parameters", ())
    )
    return f"<table><tr><th>Parameter</th><th>In</th><th></th></tr>{rows}</table>" if rows else ""


def _body(document: dict[str, Any], operation: dict[str, Any]) -> str:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if not content:
        return ""
    schema = content.get("schema", {})
    named = schema.get("$ref", "").rsplit("/", 1)[-1]
    shown = document["components"]["schemas"].get(named, schema)
    example = content.get("example") or next(iter(shown.get("examples", ())), None)
    text = f"<p>Body</p>{_json(example)}" if example is not None else ""
    return f"{text}<details><summary>Schema of the body</summary>{_json(shown)}</details>"


def _responses(operation: dict[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(status)}</code></td>"
        f"<td>{escape(answer.get('description', ''))}</td></tr>"
        for status, answer in operation.get("responses", {}).items()
    )
    return f"<table><tr><th>Answer</th><th></th></tr>{rows}</table>"


def _json(value: Any) -> str:
    return (
        f"<pre>{escape(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())}</pre>"
    )
