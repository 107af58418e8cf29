"""Prometheus metrics of this process: requests, postings, pool, jobs, cache. Labels are bounded.

A route's label is its template, never the path that was asked for; a method unknown to us is OTHER.
Several web processes share files when PROMETHEUS_MULTIPROC_DIR was set before this module was first
imported; a scrape of any of them then answers for all.
"""

import os
from collections.abc import Mapping

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
UNMATCHED = "(unmatched)"
"""The label of every path that no route answers."""

_SHARED = "PROMETHEUS_MULTIPROC_DIR"
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_GROUPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

REGISTRY = CollectorRegistry()

_requests = Counter(
    "truestock_http_requests",
    "Requests answered.",
    ["method", "route", "status"],
    registry=REGISTRY,
)
_durations = Histogram(
    "truestock_http_request_duration_seconds",
    "Time to the end of the answer.",
    ["method", "route"],
    buckets=_SECONDS,
    registry=REGISTRY,
)
in_flight = Gauge(
    "truestock_http_requests_in_flight",
    "Requests being answered.",
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
pool_connections = Gauge(
    "truestock_database_connections",
    "Connections of the pool by state.",
    ["state"],
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
jobs_by_state = Gauge(
    "truestock_jobs",
    "Background jobs by state, in the whole installation.",
    ["state"],
    registry=REGISTRY,
    multiprocess_mode="mostrecent",
)
_postings = Counter(
    "truestock_postings",
    "Commands decided by the stock poster, refusals included.",
    registry=REGISTRY,
)
_posting_groups = Histogram(
    "truestock_posting_group_size",
    "Commands committed together.",
    buckets=_GROUPS,
    registry=REGISTRY,
)
posting_queue = Gauge(
    "truestock_posting_queue_length",
    "Commands waiting for the stock poster.",
    registry=REGISTRY,
    multiprocess_mode="livesum",
)
_cache = Counter(
    "truestock_cache_requests",
    "Look-ups in a cache.",
    ["cache", "outcome"],
    registry=REGISTRY,
)


class RequestMeter:
    """Counts requests; keeps the labelled children at hand because looking them up is slow."""

    def __init__(self) -> None:
        """Start with no children."""
        self._counters: dict[tuple[str, str, int], Counter] = {}
        self._histograms: dict[tuple[str, str], Histogram] = {}

    def observe(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request. `route` is the template."""
        shown = method if method in _METHODS else "OTHER"
        counter = self._counters.get((shown, route, status))
        if counter is None:
            counter = _requests.labels(shown, route, str(status))
            self._counters[shown, route, status] = counter
            self._histograms.setdefault((shown, route), _durations.labels(shown, route))
        counter.inc()
        self._histograms[shown, route].observe(seconds)


def observe_posting_group(size: int) -> None:
    """Count one group commit of the stock poster and its commands."""
    _postings.inc(size)
    _posting_groups.observe(size)


def observe_cache(cache: str, *, hit: bool) -> None:
    """Count one look-up in the named cache."""
    _cache.labels(cache, "hit" if hit else "miss").inc()


def show_pool(size: int, idle: int) -> None:
    """Set the gauges of the connection pool."""
    pool_connections.labels("idle").set(idle)
    pool_connections.labels("used").set(size - idle)


def show_jobs(counts: Mapping[str, int]) -> None:
    """Set the gauges of the background jobs."""
    for state, count in counts.items():
        jobs_by_state.labels(state).set(count)


def forget_process(process_id: int) -> None:
    """Drop the live gauges of a process that has ended."""
    if _SHARED in os.environ:
        mark_process_dead(process_id)  # type: ignore[no-untyped-call]  # it ships no types


def metrics_text() -> bytes:
    """Return all metrics in the text form of Prometheus."""
    if _SHARED not in os.environ:
        return generate_latest(REGISTRY)
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # it ships no types
    return generate_latest(registry)
