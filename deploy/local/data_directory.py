"""The data directory of a stack: locked by its owner, and read by tools in another shell."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Final

from deploy.errors import StackError
from deploy.local.children import alive
from deploy.local.settings import StackSettings

Report = Callable[[str], None]


def quiet(_line: str) -> None:
    """A `Report` that discards its lines."""


LOCK_TIMEOUT_S: Final = 25.0


async def claim(path: Path, report: Report = quiet) -> IO[str]:
    """Lock the data directory for this stack and its children.

    Children inherit the lock: after `kill -9` of a stack the next one waits here until PostgreSQL
    and Kafka of the first have written what they had and ended.
    """
    lock = path.open("a+")
    deadline = time.monotonic() + LOCK_TIMEOUT_S
    waiting = False
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            lock.truncate(0)
            lock.write(f"{os.getpid()}\n")
            lock.flush()
            return lock
        owner = path.read_text().strip()
        if owner_runs(owner) or time.monotonic() > deadline:
            lock.close()
            raise StackError(
                f"a stack already runs on {path.parent} (process {owner})",
                "end it first, or set KOPPEL_DATA_DIR and the ports for a second one",
            )
        if not waiting:
            report("Waiting for the children of the stack before to end")
            waiting = True
        await asyncio.sleep(0.2)


def owner_runs(owner: str) -> bool:
    return owner.isdigit() and alive(int(owner))


def write_state(settings: StackSettings) -> None:
    """Leave the ports in the data directory, so that tools in another shell find this stack."""
    chosen = {name: getattr(settings, name) for name in StackSettings.model_fields if name.endswith("_port")}
    (settings.data_dir / "stack.json").write_text(json.dumps({"host": settings.host, **chosen}, indent=1))


def settings_of_running_stack(settings: StackSettings) -> StackSettings:
    """The same settings with the ports that the stack in this data directory was started with."""
    try:
        state = json.loads((settings.data_dir / "stack.json").read_text())
    except (OSError, ValueError):
        return settings
    return settings.model_copy(update=state)
