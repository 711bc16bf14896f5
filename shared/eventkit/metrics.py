"""Prometheus metrics of the kit, one set per process."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

OUTBOX_EVENTS = Gauge("koppel_outbox_events", "Events that Kafka has not acknowledged yet")
OUTBOX_AGE = Gauge("koppel_outbox_age_seconds", "Age of the oldest event in the outbox")
RELAY_ACTIVE = Gauge("koppel_relay_active", "1 while this process holds the relay's lease")
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
LAG = Gauge("koppel_consumer_lag", "Events not yet read", ["topic"])
PARKED = Gauge("koppel_parked", "Events parked now")
WAITING = Gauge("koppel_waiting", "Events waiting for a copy now")
WAITING_AGE = Gauge("koppel_waiting_age_seconds", "Age of the oldest waiting event; alarm above 60")

JOB_RUNS = Counter("koppel_job_runs_total", "Runs of jobs", ["job", "outcome"])
JOB_SECONDS = Histogram("koppel_job_seconds", "Duration of a job's run", ["job"])
