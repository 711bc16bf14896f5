"""Structured logs: one JSON object per line on standard output, the standard library's loggers included."""

from __future__ import annotations

import logging
import sys

import structlog

_QUIET = {"aiokafka": logging.ERROR, "uvicorn.access": logging.WARNING, "alembic": logging.WARNING}


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
        processors=[*shared, structlog.processors.JSONRenderer()],
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
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    logging.basicConfig(handlers=[handler], level=number, force=True)
    for name, quiet in _QUIET.items():
        logging.getLogger(name).setLevel(max(number, quiet))
    structlog.contextvars.bind_contextvars(service=service, role=role)
