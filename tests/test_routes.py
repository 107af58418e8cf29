"""Every route with its permission, as a list to be read in review; no route without either."""

import os
from pathlib import Path

from support.plain_settings import plain_settings
from truestock.http.handlers import SIGNED_IN
from truestock.http.thin import ThinRoute
from truestock.identity.model import PERMISSIONS
from truestock.web.app import create_app
from truestock.web.endpoints import Target, endpoints

GOLDEN = Path(__file__).parent / "routes.golden.txt"

PUBLIC = frozenset(
    {
        "GET /api/v1/openapi.json",
        "GET /docs",
        "GET /docs/style.css",
        "GET /health",
        "GET /health/live",
        "GET /health/ready",
        "GET /metrics",
        "POST /api/v1/session",
    }
)
"""Answered without knowing who asks."""


def every_route() -> list[Target]:
    app = create_app(plain_settings())
    return [*app.thin_routes, *endpoints(app)]


def template(route: Target) -> str:
    return route.path if isinstance(route, ThinRoute) else route.template


def test_every_route_asks_for_a_permission_or_is_listed_as_public() -> None:
    found = {f"{route.method} {template(route)}" for route in every_route() if not route.permission}
    assert found == PUBLIC, (
        "Add Depends(requires('noun.verb')) to the route, or list it in PUBLIC and say why in the"
        f" review: {sorted(found ^ PUBLIC)}"
    )


def test_every_permission_asked_for_can_be_given() -> None:
    asked = {route.permission for route in every_route() if route.permission}
    unknown = asked - PERMISSIONS - {SIGNED_IN}
    assert not unknown, f"Add to identity.model.PERMISSIONS and to roles: {sorted(unknown)}"


def test_no_address_is_answered_by_two_routes() -> None:
    names = [f"{route.method} {template(route)}" for route in every_route()]
    twice = {name for name in names if names.count(name) > 1}
    assert not twice, f"Give one of them another address: {sorted(twice)}"


def test_the_list_of_routes_is_the_reviewed_one() -> None:
    lines = sorted(
        f"{template(route):56} {route.method:6} {route.permission or 'public'}"
        f"{' (thin)' if isinstance(route, ThinRoute) else ''}"
        for route in every_route()
    )
    text = "\n".join(lines) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.write_text(text)
    assert GOLDEN.read_text() == text, (
        "Routes or permissions changed. Look at the difference; if it is meant, run"
        " UPDATE_GOLDEN=1 pytest tests/test_routes.py and commit the list."
    )


def test_every_operation_is_described() -> None:
    document = create_app(plain_settings()).openapi()
    found = []
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if not operation.get("summary"):
                found.append(f"{method} {path}: no summary")
            success = [status for status in operation["responses"] if status.startswith(("2", "3"))]
            if not success:
                found.append(f"{method} {path}: no answer is declared")
    ids = [
        operation["operationId"]
        for methods in document["paths"].values()
        for operation in methods.values()
    ]
    found += [f"operationId {name} twice" for name in set(ids) if ids.count(name) > 1]
    assert not found, f"Describe each route: {found}"
