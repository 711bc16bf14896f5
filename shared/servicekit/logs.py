"""Structured logs: one JSON object per line on standard output, also from the standard library's loggers."""

from __future__ import annotations

import logging
import sys
import time
from typing import Any

import msgspec
import structlog

_QUIET = {"aiokafka": logging.ERROR, "uvicorn.access": logging.WARNING, "alembic": logging.WARNING}


class _OncePerInterval(logging.Filter):
    """Passes each message of aiokafka once per interval, so that its retries in an outage do not fill the disk."""

    _interval_s = 10.0

    def __init__(self) -> None:
        super().__init__()
        self._said_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith("aiokafka"):
            return True
        now = time.monotonic()
        self._said_at = {text: at for text, at in self._said_at.items() if now - at < self._interval_s}
        return self._said_at.setdefault(record.getMessage(), now) == now


def _json(line: Any, **_options: Any) -> str:
    return msgspec.json.encode(line, enc_hook=repr).decode()


def configure(service: str, role: str, level: str) -> None:
    """Set up logging of this process. Every line carries `service` and `role`; request context comes by contextvars."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, structlog.processors.JSONRenderer(_json)],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(_json),
            ],
        )
    )
    handler.addFilter(_OncePerInterval())
    logging.basicConfig(handlers=[handler], level=number, force=True)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(max(number, quiet))
    structlog.contextvars.bind_contextvars(service=service, role=role)
