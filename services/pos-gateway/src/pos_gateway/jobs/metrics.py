"""Prometheus metrics of signing on."""

from __future__ import annotations

from prometheus_client import Counter

SIGN_ONS = Counter(
    "koppel_sign_ons_total", "Workers who tried to sign on: opened, wrong-pin, paused", ["outcome"]
)
