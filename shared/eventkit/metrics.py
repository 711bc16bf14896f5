"""Prometheus metrics that each process counts for itself; those of a whole service are in `servicekit/gauges.py`."""

from __future__ import annotations

from functools import lru_cache

from prometheus_client import Counter, Histogram

HAPPENED = Counter(
    "koppel_happened_total",
    "What committed acts did to aggregates, as their events say",
    ["kind", "happened"],
)


@lru_cache(maxsize=1000)
def happened(kind: str, what: str) -> Counter:
    """The counter of one word; kinds and words are constants of the services."""
    return HAPPENED.labels(kind, what)


RELAY_SENT = Counter("koppel_relay_sent_total", "Events acknowledged by Kafka", ["topic"])
RELAY_SUPERSEDED = Counter(
    "koppel_relay_superseded_total", "Events not sent because of a newer one of their key"
)
RELAY_BATCH_SECONDS = Histogram(
    "koppel_relay_batch_seconds", "From sending a batch to its last acknowledgement"
)

EVENTS = Counter(
    "koppel_consumer_events_total",
    "Events by outcome: applied, superseded (by a newer snapshot), parked, waiting, skipped (a kind that is not read)",
    ["topic", "outcome"],
)
BATCH_EVENTS = Histogram(
    "koppel_consumer_batch_events",
    "Events per transaction",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000),
)
BATCH_SECONDS = Histogram("koppel_consumer_batch_seconds", "Duration of a batch's transaction")
RETRIES = Counter("koppel_consumer_retries_total", "Retries of batches after a transient error")

JOB_RUNS = Counter("koppel_job_runs_total", "Runs of jobs", ["job", "outcome"])
JOB_SECONDS = Histogram("koppel_job_seconds", "Duration of a job's run", ["job"])
