"""What every measurement uses: CPU time by process, rows and log volume by database, percentiles, the machine."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple

import asyncpg

from deploy.local.children import Child
from deploy.local.kafka import pom_version
from deploy.local.settings import ROOT
from deploy.local.stack import LocalStack

TICKS_PER_S: Final = os.sysconf("SC_CLK_TCK")
LOAD_GENERATOR: Final = "load generator"


class CpuMeter:
    """CPU seconds by child, and of this process, since it was made."""

    def __init__(self, children: Mapping[str, Child]) -> None:
        self._children = dict(children)
        self._before = self._now()

    def _now(self) -> dict[str, float]:
        seconds = {name: cpu_s(child.family()) for name, child in self._children.items()}
        own = os.times()
        return {**seconds, LOAD_GENERATOR: own.user + own.system}

    def used_s(self) -> dict[str, float]:
        return {name: seconds - self._before[name] for name, seconds in self._now().items()}


def cpu_s(pids: list[int]) -> float:
    """CPU seconds of living processes, and of children that they have seen end (PostgreSQL's backends)."""
    return sum(map(_ticks, pids)) / TICKS_PER_S


def _ticks(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return 0
    fields = text.rsplit(")", 1)[1].split()
    return sum(int(ticks) for ticks in fields[11:15])


class Writes(NamedTuple):
    """What PostgreSQL wrote: rows of all databases together, transactions, and bytes of its log."""

    inserted: float
    updated: float
    deleted: float
    commits: float
    log_bytes: float

    def since(self, before: Writes, per: int) -> Writes:
        """The difference, divided."""
        return Writes(*((new - old) / per for new, old in zip(self, before, strict=True)))


WRITES: Final = """
SELECT sum(tup_inserted)::bigint, sum(tup_updated)::bigint, sum(tup_deleted)::bigint, sum(xact_commit)::bigint,
       (pg_current_wal_insert_lsn() - '0/0')::bigint
FROM pg_stat_database
"""


async def writes(stack: LocalStack) -> Writes:
    """What was written since the cluster began; backends report within a ten seconds or so."""
    connection = await asyncpg.connect(stack.admin_url())
    row = await connection.fetchrow(WRITES)
    await connection.close()
    assert row is not None
    return Writes(*row)


async def checkpoint(stack: LocalStack) -> None:
    """Begin every measurement with the same debts: what was written before is on disk."""
    connection = await asyncpg.connect(stack.admin_url())
    await connection.execute("CHECKPOINT")
    await connection.close()


async def drop_databases(stack: LocalStack, names: Iterable[str]) -> None:
    """Whoever is measured next shall not pay for vacuuming what the one before has written."""
    connection = await asyncpg.connect(stack.admin_url())
    for name in names:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    await connection.close()


def percentile(values: list[float], percent: float) -> float:
    """Nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))]


@dataclass(frozen=True, slots=True)
class Machine:
    """Where it was measured, with what, and which commit."""

    processor: str
    cores: int
    memory_gib: float
    load_before: float
    """Load average of the last minute when the benchmark began: others at work disturb every figure."""
    versions: dict[str, str]
    commit: str

    @classmethod
    async def describe(cls, stack: LocalStack) -> Machine:
        """Look around; call it before any load."""
        connection = await asyncpg.connect(stack.admin_url())
        postgres = str(await connection.fetchval("SHOW server_version"))
        await connection.close()
        return cls(
            processor=_processor(),
            cores=len(os.sched_getaffinity(0)),
            memory_gib=os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30,
            load_before=os.getloadavg()[0],
            versions={
                "Linux": platform.release(),
                "Python": platform.python_version(),
                "PostgreSQL": postgres.split(maxsplit=1)[0],
                "Apache Kafka": pom_version(),
            },
            commit=_commit(),
        )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _commit() -> str:
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return (_git("rev-parse", "--short=12", "HEAD") or "none") + (
        " and uncommitted changes" if changed else ""
    )


def _git(*arguments: str) -> str:
    command = [shutil.which("git") or "git", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    return done.stdout.strip()
