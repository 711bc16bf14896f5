"""The services as child processes: their commands and the environment that configures them."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import Final

from deploy import signing
from deploy.errors import StackError
from deploy.local import ports, postgres, tokens
from deploy.local.children import Child, Program, tail
from deploy.local.settings import StackSettings

HTTP_OK: Final = 200
MIGRATION_TIMEOUT_S: Final = 120.0
OF_ONE_PROCESS: Final = frozenset({"KOPPEL_INSTANCE", "KOPPEL_HTTP_PORT", "KOPPEL_WORK_HTTP_PORT"})
"""Variables in which two processes of a service on one machine differ."""


def environment(settings: StackSettings, service: str) -> dict[str, str]:
    """Everything a service reads; the same names configure it in containers."""
    values = {
        "KOPPEL_DATABASE_URL": postgres.database_url(settings, service),
        "KOPPEL_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "KOPPEL_TOPIC_PREFIX": settings.topic_prefix,
        "KOPPEL_PARTITIONS": str(settings.partitions),
        "KOPPEL_HTTP_HOST": settings.host,
        "KOPPEL_HTTP_PORT": str(settings.serve_port(service)),
        "KOPPEL_WORK_HTTP_PORT": str(settings.work_port(service)),
        "KOPPEL_INSTANCE": "1",
        "KOPPEL_ISSUERS": tokens.trusted_issuers(settings),
        "KOPPEL_GATEWAY_JWKS": str(tokens.public_file(settings, signing.GATEWAY)),
        "KOPPEL_JWT_AUDIENCE": signing.AUDIENCE,
        "KOPPEL_SMTP_HOST": settings.host,
        "KOPPEL_SMTP_PORT": str(settings.smtp_port),
        "KOPPEL_MAIL_FROM": f"{service}@koppel.example",
        "PYTHONUNBUFFERED": "1",
    }
    if service == "pos_gateway":
        values["KOPPEL_SALES_URL"] = settings.url("sales")
        values["KOPPEL_SIGNING_KEY_FILE"] = str(tokens.gateway_key_file(settings))
    return {**values, **settings.service_environment}


def program(settings: StackSettings, service: str, role: str) -> Program:
    """`python -m <service> serve` or `work` as a child of the stack."""
    port = settings.serve_port(service) if role == "serve" else settings.work_port(service)

    async def ready() -> bool:
        return await ports.http_status(settings.host, port, "/health/ready") == HTTP_OK

    async def alive() -> bool:
        return await ports.http_status(settings.host, port, "/health/live") is not None

    return Program(
        name=f"{service}-{role}",
        command=(sys.executable, "-m", service, role),
        environment=environment(settings, service),
        log=settings.logs / f"{service}-{role}.log",
        ready=ready,
        alive=alive,
        directory=settings.data_dir,
    )


async def run_once(settings: StackSettings, service: str, *arguments: str) -> None:
    """Run a one-shot command of a service to its end; raises with its last lines when it fails."""
    name = f"{service}-{arguments[0]}"
    child = Child(
        Program(
            name=name,
            command=(sys.executable, "-m", service, *arguments),
            environment=environment(settings, service),
            log=settings.logs / f"{name}.log",
            ready=always,
            directory=settings.data_dir,
        )
    )
    child.start()
    try:
        if not await child.ended(MIGRATION_TIMEOUT_S):
            raise StackError(
                f"{name} has not ended after {MIGRATION_TIMEOUT_S:.0f} s:\n{tail(child.program.log)}"
            )
    finally:
        await child.kill()
    if child.exit_code != os.EX_OK:
        raise StackError(f"{name} failed with code {child.exit_code}:\n{tail(child.program.log)}")


async def always() -> bool:
    await asyncio.sleep(0)
    return True
