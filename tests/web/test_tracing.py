"""Spans reach a collector over OTLP; here a small one that listens on the loopback."""

import asyncio
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from support.plain_settings import plain_settings
from truestock.database import Database
from truestock.web import tracing
from truestock.web.app import create_app


@pytest.fixture
def collector() -> Iterator[tuple[str, list[ExportTraceServiceRequest]]]:
    received: list[ExportTraceServiceRequest] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if self.headers.get("Content-Encoding") == "gzip":
                import gzip

                body = gzip.decompress(body)
            received.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", received
    server.shutdown()
    server.server_close()
    thread.join()


async def test_every_request_is_a_span_with_route_status_and_parent(
    database: Database,
    collector: tuple[str, list[ExportTraceServiceRequest]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    endpoint, received = collector
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    app = create_app(plain_settings(otel_endpoint=endpoint), database)
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        await client.get("/api/v1/jobs/7", headers={"traceparent": parent})
    async with asyncio.timeout(10):
        while not received:
            await asyncio.sleep(0.05)
    (span,) = (
        span
        for sent in received
        for resource in sent.resource_spans
        for scope in resource.scope_spans
        for span in scope.spans
    )
    facts = {each.key: each.value for each in span.attributes}
    assert span.name == "GET /api/v1/jobs/{job_id}"
    assert facts["http.response.status_code"].int_value == 401
    assert facts["http.route"].string_value == "/api/v1/jobs/{job_id}"
    assert span.trace_id.hex() == "0af7651916cd43dd8448eb211c80319c"
    assert span.parent_span_id.hex() == "b7ad6b7169203331"


def test_an_endpoint_without_the_extra_is_refused_with_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.propagate", None)
    with pytest.raises(tracing.TracingUnavailableError, match=r"truestock\[otel\]"):
        tracing.request_spans(plain_settings(otel_endpoint="http://127.0.0.1:1"))
