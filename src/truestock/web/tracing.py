"""OpenTelemetry spans, one a request, sent to a collector over HTTP; only with the `otel` extra."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from truestock import __version__
from truestock.http.request_ids import current_request_id
from truestock.kernel.settings import Settings

SERVER_FAULT = 500


class TracingUnavailableError(Exception):
    """TRUESTOCK_OTEL_ENDPOINT is set but the extra `truestock[otel]` is not installed."""


class Outcome(Protocol):
    """Knows the status of the answer once it has begun, 0 before."""

    status: int


RequestSpan = Callable[[dict[str, Any], str, str, Outcome], AbstractContextManager[None]]


def request_spans(settings: Settings) -> RequestSpan:
    """Return what opens the span of a request; a parent is taken from its `traceparent` header.

    Raises `TracingUnavailableError` without the extra.
    """
    try:
        from opentelemetry.propagate import extract
        from opentelemetry.trace import SpanKind, StatusCode
    except ImportError as error:
        raise TracingUnavailableError(TracingUnavailableError.__doc__) from error
    tracer = _provider(settings).get_tracer("truestock", __version__)

    @contextmanager
    def span(scope: dict[str, Any], method: str, template: str, outcome: Outcome) -> Iterator[None]:
        headers = {
            name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]
        }
        with tracer.start_as_current_span(
            f"{method} {template}", context=extract(headers), kind=SpanKind.SERVER
        ) as opened:
            opened.set_attribute("http.request.method", method)
            opened.set_attribute("http.route", template)
            opened.set_attribute("truestock.request_id", current_request_id())
            yield
            opened.set_attribute("http.response.status_code", outcome.status)
            if outcome.status >= SERVER_FAULT:
                opened.set_status(StatusCode.ERROR)

    return span


def _provider(settings: Settings) -> Any:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    resource = Resource.create({"service.name": "truestock", "service.version": __version__})
    provider = TracerProvider(resource=resource)
    endpoint = settings.otel_endpoint.rstrip("/")
    exporter = OTLPSpanExporter(
        endpoint=endpoint if endpoint.endswith("/v1/traces") else f"{endpoint}/v1/traces"
    )
    provider.add_span_processor(BatchSpanProcessor(exporter))
    return provider
