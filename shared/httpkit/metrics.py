"""Prometheus metrics of the HTTP edge."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("http_requests_total", "Requests answered", ("method", "route", "status"))
SECONDS = Histogram(
    "http_request_seconds",
    "Time from the request's first byte to the answer's last",
    ("method", "route"),
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
COMMIT_BATCH = Histogram(
    "http_commit_batch_commands",
    "Commands that one transaction stored",
    ("use_case",),
    buckets=(1, 2, 5, 10, 20, 50, 100, 200),
)
WAITERS = Gauge("http_waiters", "Callers that wait for a copy or an operation", ("for_what",))
REPLAYED = Counter("http_idempotent_replays_total", "Requests answered from their Idempotency-Key")
RATE_LIMITED = Counter("http_rate_limited_total", "Requests refused because their caller sent too many")
