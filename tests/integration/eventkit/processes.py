"""Child processes of a test, ended with it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from eventkit.settings import BrokerSettings
from tests.integration.eventkit.rig import Rig

ROOT = Path(__file__).parents[3]


def environment(rig: Rig, **more: str) -> dict[str, str]:
    s = rig.settings
    return {
        **os.environ,
        "KOPPEL_DATABASE_URL": s.database_url,
        "KOPPEL_KAFKA_BOOTSTRAP": s.kafka_bootstrap,
        "KOPPEL_TOPIC_PREFIX": s.topic_prefix,
        "KOPPEL_PARTITIONS": str(s.partitions),
        "KOPPEL_SESSION_TIMEOUT_MS": str(s.session_timeout_ms),
        "KOPPEL_POLL_TIMEOUT_S": str(s.poll_timeout_s),
        "KOPPEL_WORK_HTTP_PORT": "0",
        **_signing_on(s),
        **more,
    }


def _signing_on(settings: BrokerSettings) -> dict[str, str]:
    chosen = {name: getattr(settings, name) for name in BrokerSettings.model_fields}
    chosen["kafka_password"] = settings.kafka_password.get_secret_value()
    return {f"KOPPEL_{name.upper()}": str(value or "") for name, value in chosen.items()}


class Child:
    """A process and its output."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    def send(self, signum: signal.Signals) -> None:
        self._process.send_signal(signum)

    async def status(self, deadline_s: float = 30.0) -> int:
        async with asyncio.timeout(deadline_s):
            return await self._process.wait()


@asynccontextmanager
async def child(rig: Rig, *arguments: str, **more: str) -> AsyncIterator[Child]:
    """`KIT_LOG` names a file for its output."""
    output = Path(more["KIT_LOG"]).open("wb") if "KIT_LOG" in more else sys.stderr  # noqa: ASYNC230, SIM115 - the child's
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.eventkit.child",
        *arguments,
        cwd=ROOT,
        env=environment(rig, **more),
        stdout=output,
        stderr=output,
    )
    if output is not sys.stderr:
        output.close()
    try:
        yield Child(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def output(rig: Rig, *arguments: str, **more: str) -> tuple[int, str]:
    """Run a command to its end: exit status, what it printed."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.integration.eventkit.child",
        *arguments,
        cwd=ROOT,
        env=environment(rig, **more),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    async with asyncio.timeout(60):
        printed, _ = await process.communicate()
    return process.returncode or 0, printed.decode()
