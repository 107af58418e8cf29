"""Thin routes get the same as every other route."""

from typing import Annotated, Any

import httpx
import msgspec
import pytest

from truestock.http.thin import ThinAnswer, ThinCall, ThinRoute
from truestock.kernel.errors import InvalidInputError
from truestock.web.app import Application


class LineMade(msgspec.Struct, forbid_unknown_fields=True):
    """A line of a probe."""

    sku: str
    quantity: Annotated[int, msgspec.Meta(ge=1, le=10**12)]


class ProbeMade(msgspec.Struct, forbid_unknown_fields=True):
    """A probe with lines."""

    lines: Annotated[list[LineMade], msgspec.Meta(min_length=1)]
    note: str = ""


class ProbeShown(msgspec.Struct):
    """What a probe answers."""

    total: int
    actor_id: int


class RefusedProbeError(InvalidInputError):
    """This probe is refused."""

    code = "probe_refused"


async def total(call: ThinCall) -> bytes:
    command: ProbeMade = call.command
    if command.note == "refuse":
        raise RefusedProbeError(note=command.note)
    if command.note == "break":
        raise RuntimeError(command.note)
    total = sum(line.quantity for line in command.lines)
    return msgspec.json.encode(ProbeShown(total, call.actor.actor_id))


async def show(call: ThinCall) -> ThinAnswer:
    body = {"sku": call.parameters["sku"], "query": dict(call.query)}
    return ThinAnswer(msgspec.json.encode(body), 203, ((b"etag", b'"1"'),))


EXAMPLE = ProbeMade([LineMade("BOLT-M8", 10)])
PROBES = (
    ThinRoute(
        "POST",
        "/api/v1/probes",
        "stock.post",
        "Add up",
        total,
        ProbeShown,
        body=ProbeMade,
        status=201,
        tags=("probes",),
        body_example=EXAMPLE,
        errors=(RefusedProbeError,),
    ),
    ThinRoute(
        "GET",
        "/api/v1/probes/{sku:path}",
        "stock.read",
        "Show one",
        show,
        dict[str, Any],
        query={"site": "Only this site."},
    ),
)


@pytest.fixture(autouse=True)
def probes(application: Application) -> None:
    application.thin_routes = (*application.thin_routes, *PROBES)
    application.edge = None
    application.openapi_schema = None


async def test_a_command_is_decoded_called_and_answered(administrator: httpx.AsyncClient) -> None:
    body = {"lines": [{"sku": "A", "quantity": 2}, {"sku": "B", "quantity": 3}]}
    answer = await administrator.post("/api/v1/probes", json=body)
    assert (answer.status_code, answer.json()["total"]) == (201, 5)
    assert answer.headers["content-type"] == "application/json"


async def test_path_and_query_parameters_arrive(administrator: httpx.AsyncClient) -> None:
    answer = await administrator.get("/api/v1/probes/A%2FB%20c?site=1")
    assert answer.status_code == 203
    assert answer.json() == {"sku": "A/B c", "query": {"site": "1"}}
    assert answer.headers["etag"] == '"1"'


async def test_every_answer_has_a_request_id_and_the_security_headers(
    administrator: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    given = {"X-Request-ID": "given-by-caller-1"}
    for answer in (
        await administrator.get("/api/v1/probes/A", headers=given),
        await stranger.post("/api/v1/probes", json={}, headers=given),
        await stranger.get("/api/v1/nothing", headers=given),
        await stranger.get("/", headers=given),
    ):
        assert answer.headers["x-request-id"] == "given-by-caller-1"
        assert "default-src 'self'" in answer.headers["content-security-policy"]
        assert answer.headers["x-content-type-options"] == "nosniff"


async def test_a_malformed_request_id_is_replaced(stranger: httpx.AsyncClient) -> None:
    answer = await stranger.get("/health/live", headers={"X-Request-ID": "a b\tc"})
    assert len(answer.headers["x-request-id"]) == 24


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"lines": []}', "lines"),
        ('{"lines": [{"sku": "A", "quantity": 0}]}', "lines[0].quantity"),
        ('{"lines": [{"sku": "A", "quantity": -1}]}', "lines[0].quantity"),
        ('{"lines": [{"sku": "A", "quantity": 1.5}]}', "lines[0].quantity"),
        ('{"lines": [{"sku": "A", "quantity": "1"}]}', "lines[0].quantity"),
        ('{"lines": [{"sku": "A", "quantity": 1000000000001}]}', "lines[0].quantity"),
        ('{"lines": [{"sku": 1, "quantity": 1}]}', "lines[0].sku"),
        ('{"lines": [{"sku": "A", "quantity": 1, "colour": "red"}]}', "lines[0]"),
        ('{"colour": "red"}', "body"),
        ("[]", "body"),
        ("null", "body"),
    ],
)
async def test_what_is_not_of_the_form_is_refused_by_its_field(
    administrator: httpx.AsyncClient, body: str, field: str
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await administrator.post("/api/v1/probes", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_input")
    assert answer.json()["faults"][0]["field"] == field


@pytest.mark.parametrize("body", [b"", b"{", b'{"lines": NaN}', b"\xff\xfe"])
async def test_what_is_not_json_is_refused(administrator: httpx.AsyncClient, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = await administrator.post("/api/v1/probes", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_body")


async def test_refusals_faults_rights_and_media_types_are_problems(
    administrator: httpx.AsyncClient, stranger: httpx.AsyncClient
) -> None:
    line = [{"sku": "A", "quantity": 1}]
    refused = await administrator.post("/api/v1/probes", json={"lines": line, "note": "refuse"})
    assert (refused.status_code, refused.json()["code"]) == (422, "probe_refused")
    assert refused.json()["note"] == "refuse"
    broken = await administrator.post("/api/v1/probes", json={"lines": line, "note": "break"})
    assert (broken.status_code, broken.json()["code"]) == (500, "internal_error")
    assert "break" not in broken.text
    unknown = await stranger.post("/api/v1/probes", json={"lines": line})
    assert (unknown.status_code, unknown.json()["code"]) == (401, "not_signed_in")
    plain = await administrator.post("/api/v1/probes", content=b"lines=1")
    assert plain.status_code in {415, 422}
    filtered = await administrator.get("/api/v1/probes/A?colour=red")
    assert (filtered.status_code, filtered.json()["code"]) == (422, "filter_unknown")


async def test_an_oversized_body_is_refused(administrator: httpx.AsyncClient) -> None:
    body = b'{"lines": [], "note": "' + b"x" * 5_000_001 + b'"}'
    headers = {"Content-Type": "application/json"}
    answer = await administrator.post("/api/v1/probes", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


async def test_another_method_is_named_in_allow(administrator: httpx.AsyncClient) -> None:
    answer = await administrator.delete("/api/v1/probes")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")
    assert answer.json()["code"] == "method_not_allowed"


async def test_the_document_says_what_the_classes_decode(stranger: httpx.AsyncClient) -> None:
    document = (await stranger.get("/api/v1/openapi.json")).json()
    posted = document["paths"]["/api/v1/probes"]["post"]
    reference = posted["requestBody"]["content"]["application/json"]["schema"]["$ref"]
    assert reference == "#/components/schemas/ProbeMade"
    (made,), schemas = msgspec.json.schema_components(
        [ProbeMade], ref_template="#/components/schemas/{name}"
    )
    assert made["$ref"] == reference
    for name, schema in schemas.items():
        assert document["components"]["schemas"][name] == schema
    assert posted["x-permission"] == "stock.post"
    assert posted["requestBody"]["content"]["application/json"]["example"] == {
        "lines": [{"sku": "BOLT-M8", "quantity": 10}],
        "note": "",
    }
    assert "`probe_refused`" in posted["responses"]["422"]["description"]
    shown = document["paths"]["/api/v1/probes/{sku}"]["get"]
    assert [each["name"] for each in shown["parameters"]] == ["sku", "site"]
