"""One child process of the stack: started, watched, paused, killed; it never outlives its parent."""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from deploy.errors import StackError

POLL_INTERVAL_S: Final = 0.03
LOG_ROTATION_BYTES: Final = 20 * 1024 * 1024
PR_SET_PDEATHSIG: Final = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Account:
    """An unprivileged user that a child runs as when the stack itself is run by root."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, how to know that it is ready, and how to end it."""

    name: str
    command: tuple[str, ...]
    log: Path
    ready: Callable[[], Awaitable[bool]]
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: Path | None = None
    account: Account | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    orphan_signal: signal.Signals = signal.SIGKILL
    """Sent by the kernel when the parent dies, even by `kill -9`."""
    stop_timeout_s: float = 20.0
    alive: Callable[[], Awaitable[bool]] | None = None
    """Whether it answers at all; None: it is not asked, and it is not missed while it runs."""


class Child:
    """A running (or ended) `Program` in a process group of its own."""

    def __init__(self, program: Program, inherited_fds: tuple[int, ...] = ()) -> None:
        self.program = program
        self._inherited_fds = inherited_fds
        self._process: subprocess.Popen[bytes] | None = None
        self.paused = False
        """Stopped on purpose, so that nobody expects an answer."""

    @property
    def name(self) -> str:
        return self.program.name

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        return self._process.poll() if self._process else None

    def start(self) -> None:
        """Start the process; its output is appended to its log."""
        if self.running:
            return
        program = self.program
        rotate(program.log)
        account = program.account
        with program.log.open("ab") as log:
            self._process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=program.directory,
                env={**os.environ, **program.environment},
                process_group=0,
                pass_fds=self._inherited_fds,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                preexec_fn=die_with_parent(program.orphan_signal),  # noqa: PLW1509  only two system calls
            )

    async def started(self, timeout_s: float) -> float:
        """Start, wait until ready and return the seconds it took."""
        begun = time.monotonic()
        self.start()
        await self.ready(timeout_s)
        return time.monotonic() - begun

    async def ready(self, timeout_s: float) -> None:
        """Wait until the program says that it is ready; raises with the end of its log if it does not."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if not self.running:
                raise StackError(f"{self.name} ended with code {self.exit_code}:\n{tail(self.program.log)}")
            if await self.program.ready():
                return
            await asyncio.sleep(POLL_INTERVAL_S)
        raise StackError(f"{self.name} is not ready after {timeout_s:.0f} s:\n{tail(self.program.log)}")

    async def ended(self, timeout_s: float) -> bool:
        """Wait for the end; False when it still runs at the deadline."""
        deadline = time.monotonic() + timeout_s
        while self.running and time.monotonic() < deadline:
            await asyncio.sleep(POLL_INTERVAL_S)
        return not self.running

    async def stop(self) -> None:
        """End it as its program asks to be ended; what does not answer is killed."""
        if self._process is None or not self.running:
            return
        self._process.send_signal(self.program.stop_signal)
        self.resume()
        if not await self.ended(self.program.stop_timeout_s):
            await self.kill()

    async def kill(self) -> None:
        """`kill -9`, and wait until no process of its family is left (PostgreSQL's backends follow it)."""
        if self._process is None:
            return
        family = self.family()
        for pid in family[:1]:
            send(pid, signal.SIGKILL)
        await self.ended(10)
        deadline = time.monotonic() + 5
        while any(alive(pid) for pid in family) and time.monotonic() < deadline:
            await asyncio.sleep(POLL_INTERVAL_S)
        for pid in filter(alive, family):
            send(pid, signal.SIGKILL)

    def pause(self) -> None:
        """SIGSTOP the whole process family: connections stay open, requests get no answer."""
        self.paused = True
        for pid in self.family():
            send(pid, signal.SIGSTOP)

    def resume(self) -> None:
        self.paused = False
        for pid in self.family():
            send(pid, signal.SIGCONT)

    def family(self) -> list[int]:
        """The process and all its descendants, the process first."""
        if self._process is None or not self.running:
            return []
        found = [self._process.pid]
        for pid in found:
            found.extend(children_of(pid))
        return found


def die_with_parent(orphan_signal: signal.Signals) -> Callable[[], None]:
    """What a child does before it becomes its program: ask the kernel to end it with its parent.

    It runs after the change of user, which would clear the request.
    """
    parent = os.getpid()

    def prepare() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, int(orphan_signal))
        if os.getppid() != parent:  # the parent died between fork and prctl
            os._exit(1)

    return prepare


def children_of(pid: int) -> list[int]:
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [int(child) for child in text.split()]


def alive(pid: int) -> bool:
    """Whether a process still runs; one that only waits to be reaped does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return stat.rsplit(")", 1)[1].split()[0] != "Z"


def send(pid: int, what: signal.Signals) -> None:
    try:
        os.kill(pid, what)
    except ProcessLookupError:
        return


def rotate(log: Path) -> None:
    """Keep one old log beside the current one, so that a data directory does not grow without bound."""
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.exists() and log.stat().st_size > LOG_ROTATION_BYTES:
        log.replace(log.with_suffix(".log.1"))


def tail(log: Path, lines: int = 15) -> str:
    """The last lines of a log, indented for a message."""
    try:
        text = log.read_text(errors="replace")[-20_000:]
    except OSError:
        return "    (no log)"
    return "\n".join(f"    {line}" for line in text.splitlines()[-lines:])
