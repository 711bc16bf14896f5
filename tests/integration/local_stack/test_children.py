from __future__ import annotations

import asyncio
import os
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from deploy.local import LocalStack, StackError, StackSettings, ports, settings_on_free_ports
from deploy.local.children import Child, Program, alive
from deploy.local.data_directory import claim
from deploy.local.supervisor import Supervisor
from tests.support.polling import eventually

PARENT = """
import asyncio, sys
from pathlib import Path
from deploy.local.children import Child, Program
async def ready(): return True
program = Program(name="sleeper", command=("sleep", "600"), log=Path(sys.argv[1]), ready=ready)
child = Child(program)
child.start()
print(child.pid, flush=True)
asyncio.run(asyncio.sleep(600))
"""


async def is_ready() -> bool:
    return True


def sleeper(directory: Path, *command: str) -> Program:
    return Program(
        name="sleeper",
        command=command or ("sleep", "600"),
        log=directory / "sleeper.log",
        ready=is_ready,
        stop_timeout_s=0.3,
    )


async def gone(pid: int) -> None:
    async def lives() -> bool:
        return alive(pid)

    await eventually(lives, lambda living: not living, deadline_s=10)


async def test_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    command = (sys.executable, "-c", PARENT, str(tmp_path / "child.log"))
    parent = await asyncio.create_subprocess_exec(*command, stdout=subprocess.PIPE)
    assert parent.stdout
    child = int(await parent.stdout.readline())
    assert alive(child)
    parent.kill()
    await parent.wait()
    await gone(child)


async def test_child_that_ignores_its_end_is_killed_with_its_family(tmp_path: Path) -> None:
    child = Child(sleeper(tmp_path, "sh", "-c", "trap '' TERM; sleep 600 & while :; do wait; done"))
    child.start()

    async def family() -> list[int]:
        return child.family()

    members = await eventually(family, lambda pids: len(pids) == 2)
    await child.stop()
    assert not child.running
    for pid in members:
        await gone(pid)


async def test_paused_child_can_still_be_stopped(tmp_path: Path) -> None:
    # Its end is asked for, not forced: a busy machine may need a while for it.
    child = Child(replace(sleeper(tmp_path), stop_timeout_s=30))
    child.start()
    child.pause()
    await child.stop()
    assert child.exit_code == -signal.SIGTERM


async def test_child_that_ends_at_once_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    async def never_ready() -> bool:
        return False

    program = replace(sleeper(tmp_path, "sh", "-c", "echo the reason; exit 3"), ready=never_ready)
    with pytest.raises(StackError, match=r"(?s)code 3.*the reason"):
        await Child(program).started(timeout_s=10)


async def test_died_child_is_started_again_and_the_reason_is_shown(tmp_path: Path) -> None:
    lines: list[str] = []
    settings = StackSettings(data_dir=tmp_path, restart_backoff_s=0.05)
    supervisor = Supervisor(settings, lines.append)
    child = Child(sleeper(tmp_path))
    child.start()
    first = child.pid
    supervisor.watch(child)
    await child.kill()

    async def pid() -> int | None:
        return child.pid if child.running else None

    await eventually(pid, lambda now: now not in {None, first})
    await supervisor.close()
    await child.stop()
    assert "ended with code -9" in lines[0]


async def test_a_child_that_hangs_is_ended_and_started_again(tmp_path: Path) -> None:
    """It runs, so that only a question finds out."""
    lines: list[str] = []
    settings = StackSettings(
        data_dir=tmp_path, restart_backoff_s=0.05, probe_interval_s=0.05, probe_timeout_s=0.3
    )
    supervisor = Supervisor(settings, lines.append)
    hanging: set[int | None] = set()

    async def answers() -> bool:
        return child.pid not in hanging

    child = Child(replace(sleeper(tmp_path), alive=answers))
    child.start()
    first = child.pid
    assert first is not None
    supervisor.watch(child)
    os.kill(first, signal.SIGSTOP)
    hanging.add(first)

    async def pid() -> int | None:
        return child.pid if child.running else None

    await eventually(pid, lambda now: now not in {None, first})
    await supervisor.close()
    await child.stop()
    assert "sleeper does not answer" in lines[0]


async def test_forgotten_child_stays_down(tmp_path: Path) -> None:
    supervisor = Supervisor(StackSettings(data_dir=tmp_path, restart_backoff_s=0.01), lambda _line: None)
    child = Child(sleeper(tmp_path))
    child.start()
    supervisor.watch(child)
    await supervisor.forget("sleeper")
    await child.kill()
    await asyncio.sleep(0)
    assert not child.running


async def test_taken_port_is_named_with_the_variable_that_changes_it(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        settings = settings_on_free_ports(tmp_path, kafka_port=other.getsockname()[1])
        with pytest.raises(StackError, match=r"(?s)for Kafka is taken.*KOPPEL_KAFKA_PORT"):
            async with LocalStack(settings, services=()):
                pytest.fail("it started")


async def test_second_stack_on_one_data_directory_is_refused(tmp_path: Path) -> None:
    with await claim(tmp_path / "lock"), pytest.raises(StackError, match=f"process {os.getpid()}"):
        await claim(tmp_path / "lock")


async def test_nobody_answering_is_no_status(tmp_path: Path) -> None:
    settings = settings_on_free_ports(tmp_path)
    assert await ports.http_status("127.0.0.1", settings.sales_port, "/health/ready") is None
