"""The API reference: one document for all routes, and a page of it that needs no script."""

import re

import httpx

from truestock.http.handlers import SIGNED_IN
from truestock.http.paths import without_kinds
from truestock.web.app import Application
from truestock.web.endpoints import API_PREFIX, endpoints


async def test_the_document_holds_every_route_of_the_api(
    application: Application, stranger: httpx.AsyncClient
) -> None:
    document = (await stranger.get("/api/v1/openapi.json")).json()
    described = {
        (path, method.upper()) for path, methods in document["paths"].items() for method in methods
    }
    thin = {(without_kinds(route.path), route.method) for route in application.thin_routes}
    routes = {
        (without_kinds(found.template), found.method)
        for found in endpoints(application)
        if found.template.startswith(API_PREFIX) and found.route.include_in_schema
    }
    assert (thin | routes) - described == set()


async def test_every_protected_operation_says_how_to_come_in_and_what_it_asks_for(
    application: Application, stranger: httpx.AsyncClient
) -> None:
    document = (await stranger.get("/api/v1/openapi.json")).json()
    for found in endpoints(application):
        if found.permission is not None:
            operation = document["paths"][without_kinds(found.template)][found.method.lower()]
            assert operation["x-permission"] == found.permission
    assert set(document["components"]["securitySchemes"]) == {"api_key", "session"}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            permission = operation.get("x-permission")
            assert permission is None or permission == SIGNED_IN or "." in permission
            assert ("security" in operation) == (permission is not None), f"{method} {path}"


async def test_every_reference_in_the_document_resolves(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/api/v1/openapi.json")
    schemas = answer.json()["components"]["schemas"]
    named = set(re.findall(r'"\$ref":"#/components/schemas/([^"]+)"', answer.text))
    assert named <= set(schemas)
    assert "HTTPValidationError" not in named


async def test_the_page_shows_every_route_without_script_or_foreign_files(
    stranger: httpx.AsyncClient,
) -> None:
    answer = await stranger.get("/docs")
    document = (await stranger.get("/api/v1/openapi.json")).json()
    for path in document["paths"]:
        assert f"<code>{path}</code>" in answer.text
    assert "<script" not in answer.text
    assert "style=" not in answer.text
    assert re.findall(r'(?:src|href)="([^"]+)"', answer.text) == [
        "/docs/style.css",
        "/api/v1/openapi.json",
    ]
    assert (await stranger.get("/docs/style.css")).headers["content-type"].startswith("text/css")
