"""Which permission each of identity's routes asks for; only signing in asks for none."""

import re

import pytest
from fastapi import FastAPI

from support.house import House
from truestock.http.handlers import SIGNED_IN
from truestock.identity.api import router
from truestock.identity.model import ROLE_PERMISSIONS, Role
from truestock.web.endpoints import Endpoint, endpoints

EXPECTED = """
DELETE /api/v1/session                              signed_in
DELETE /api/v1/sessions                             signed_in
DELETE /api/v1/sessions/{session_id}                signed_in
GET    /api/v1/api-keys                             key.manage
GET    /api/v1/audit-events                         audit.read
GET    /api/v1/role-requests                        signed_in
GET    /api/v1/roles                                signed_in
GET    /api/v1/session                              signed_in
GET    /api/v1/sessions                             signed_in
GET    /api/v1/users                                user.manage
GET    /api/v1/users/{actor_id}                     user.manage
PATCH  /api/v1/users/{actor_id}                     user.manage
POST   /api/v1/api-keys                             key.manage
POST   /api/v1/api-keys/{actor_id}/revoke           key.manage
POST   /api/v1/api-keys/{actor_id}/rotate           key.manage
POST   /api/v1/role-requests                        signed_in
POST   /api/v1/role-requests/{role_request_id}/answer user.manage
POST   /api/v1/session                              nothing
POST   /api/v1/session/password                     signed_in
POST   /api/v1/users                                user.manage
POST   /api/v1/users/{actor_id}/password            user.manage
"""


def identity_routes() -> list[Endpoint]:
    app = FastAPI()
    app.include_router(router)
    return endpoints(app)


def test_every_route_asks_for_its_permission() -> None:
    listed = sorted(
        f"{found.method:6} {found.template:44} {found.permission or 'nothing'}"
        for found in identity_routes()
    )
    assert listed == EXPECTED.strip().splitlines()


@pytest.mark.parametrize("role", Role)
async def test_a_role_is_let_through_exactly_where_its_permissions_say(
    house: House, role: Role
) -> None:
    boss = await house.signed_in()
    await house.add_person(boss, roles=[role])
    robin = await house.signed_in("robin")
    may = ROLE_PERMISSIONS[role] | {SIGNED_IN, None}
    for found in identity_routes():
        if found.template in {"/api/v1/session", "/api/v1/sessions"} and found.method == "DELETE":
            continue  # it would sign robin out
        path = found.template.replace("{", "").replace("}", "")
        answer = await robin.request(found.method, re.sub(r"\w+_id", "999", path))
        assert (answer.status_code == 403) == (found.permission not in may), (path, answer.text)
        assert answer.status_code != 500
    stranger = house.caller()
    for found in identity_routes():
        answer = await stranger.request(found.method, found.template)
        assert answer.status_code == (422 if found.permission is None else 401)
