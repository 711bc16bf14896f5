"""The whole stack as one object: what `make run`, the demo, the tests and the benchmarks start.

```python
async with LocalStack(settings) as stack:                  # everything
    stack.url("sales"), stack.database_url("sales"), stack.token("sales:read")
    await stack.kill("planning-work")                      # kill -9; down until it is started
async with LocalStack(settings, services=()) as stack:     # PostgreSQL and Kafka only
    ...
```

Names of the children: `postgres`, `kafka`, `mail`, and `<service>-serve`, `<service>-work`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from deploy.errors import StackError
from deploy.local import kafka, mail, ports, postgres, processes, tokens
from deploy.local.children import Child, Program
from deploy.local.data_directory import Report, claim, quiet, write_state
from deploy.local.settings import SERVICES, StackSettings
from deploy.local.supervisor import Supervisor

ROLES: Final = ("serve", "work")
EXTERNAL_POLL_INTERVAL_S: Final = 0.2


class LocalStack:
    """PostgreSQL, Kafka and the services as children of this process.

    `services` are migrated and started on entering; `supervised` restarts what ends without having been
    stopped or killed through this object. Every child ends on leaving, and also when this process is killed.
    """

    def __init__(
        self,
        settings: StackSettings,
        *,
        services: Sequence[str] = SERVICES,
        supervised: bool = False,
        report: Report = quiet,
    ) -> None:
        self.settings = settings
        self.services = tuple(services)
        self.report = report
        self.children: dict[str, Child] = {}
        self.supervisor = Supervisor(settings, report) if supervised else None
        self._lock: IO[str] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self.start_infrastructure()
            await self.start_services(self.services)
        except BaseException:
            await self.stop_all()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop_all()

    # What others need to know

    @property
    def kafka_bootstrap(self) -> str:
        return self.settings.kafka_bootstrap

    def url(self, service: str) -> str:
        return self.settings.url(service)

    def database_url(self, service: str, database: str | None = None) -> str:
        """The service's database as its own role; `database` names another one that the role owns."""
        return postgres.database_url(self.settings, service, database)

    def admin_url(self, database: str = "postgres") -> str:
        """PostgreSQL as its administrator: for checks over all databases, never for a service."""
        return postgres.admin_url(self.settings, database)

    def token(self, scopes: str | Iterable[str] | None = None, *, subject: str = "developer") -> str:
        """A bearer token of the development issuer; without scopes it has every one."""
        return tokens.issue(self.settings, scopes, subject=subject)

    def log(self, child: str) -> Path:
        return self.settings.logs / f"{child}.log"

    # Starting

    async def start_infrastructure(self) -> None:
        """PostgreSQL with its databases, and Kafka, side by side."""
        await self.prepare()
        async with asyncio.TaskGroup() as starting:
            starting.create_task(self._start_postgres())
            starting.create_task(self._start_kafka())

    async def start_services(self, services: Sequence[str] = SERVICES) -> None:
        """Bring tables and topics up to date, then start both processes of each service."""
        if not services:
            return
        await self.migrate(services)
        names = [mail.NAME, *(f"{service}-{role}" for service in services for role in ROLES)]
        async with asyncio.TaskGroup() as starting:
            for name in names:
                starting.create_task(self.start(name))

    async def prepare(self) -> None:
        """Claim the data directory and make what it must hold: keys and passwords. Idempotent."""
        data_dir = self.settings.data_dir
        if self._lock is None:
            data_dir.mkdir(parents=True, exist_ok=True)
            data_dir.chmod(0o711)  # PostgreSQL's user must get through to its own directory
            self._lock = await claim(data_dir / "lock", self.report)
            self._require_free_ports()
        tokens.ensure_keys(self.settings)
        write_state(self.settings)

    async def migrate(self, services: Sequence[str] = SERVICES) -> None:
        """Run the one-shot command that makes a service's tables and topics, for all side by side."""
        async with asyncio.TaskGroup() as migrating:
            for service in services:
                migrating.create_task(processes.run_once(self.settings, service, "migrate"))

    async def start(self, name: str, **environment: str) -> None:
        """Start one child by its name and wait until it is ready.

        A service may get variables of its own (a failpoint, say); it is then not started again when it dies.
        """
        if name == "postgres":
            await self._start_postgres()
        elif name == "kafka":
            await self._start_kafka()
        elif name == mail.NAME:
            await self._start(mail.program(self.settings))
        else:
            service, _, role = name.rpartition("-")
            program = processes.program(self._settings_with(environment), service, role)
            await self._start(program, watched=not environment)

    async def command(self, service: str, *arguments: str) -> None:
        """Run a one-shot command of a service, such as `republish sales-order`, to its end."""
        await processes.run_once(self.settings, service, *arguments)

    def _settings_with(self, environment: dict[str, str]) -> StackSettings:
        both = {**self.settings.service_environment, **environment}
        return self.settings.model_copy(update={"service_environment": both})

    async def _start_postgres(self) -> None:
        if self.settings.postgres_url_external:
            await self._external("PostgreSQL", postgres.accepts_connections)
        else:
            await self._start(await asyncio.to_thread(postgres.program, self.settings))
        await postgres.create_databases(self.settings)

    async def _start_kafka(self) -> None:
        if self.settings.kafka_bootstrap_external:
            await self._external("Kafka", kafka.broker_answers)
            return
        if not self.kafka_is_installed():
            self.report("Fetching Apache Kafka from Maven Central (once, 54 MB)")
        await self._start(await asyncio.to_thread(kafka.program, self.settings))

    async def _external(self, name: str, answers: Callable[[StackSettings], Awaitable[bool]]) -> None:
        """Wait for a server that is not a child of this process."""
        try:
            async with asyncio.timeout(self.settings.ready_timeout_s):
                while not await answers(self.settings):
                    await asyncio.sleep(EXTERNAL_POLL_INTERVAL_S)
        except TimeoutError as error:
            raise StackError(f"{name} does not answer after {self.settings.ready_timeout_s:.0f} s") from error

    def kafka_is_installed(self) -> bool:
        return kafka.library_directory().is_dir()

    async def _start(self, program: Program, *, watched: bool = True) -> None:
        if self.supervisor:
            await self.supervisor.forget(program.name)  # it must not start the same child meanwhile
        child = self.children.get(program.name)
        if child is None or not child.running:
            fds = (self._lock.fileno(),) if self._lock else ()
            child = self.children[program.name] = Child(program, fds)
        seconds = await child.started(self.settings.ready_timeout_s)
        self.report(f"{program.name} is ready ({seconds:.1f} s)")
        if self.supervisor and watched:
            self.supervisor.watch(child)

    def _require_free_ports(self) -> None:
        settings = self.settings
        for purpose, variable, port in used_ports(settings, self.services):
            ports.require_free(settings.host, getattr(settings, port), purpose, variable)

    # Ending and disturbing

    async def stop(self, name: str) -> None:
        """End one child as an operator would; it stays down until it is started again."""
        if self.supervisor:
            await self.supervisor.forget(name)
        if child := self.children.get(name):
            await child.stop()

    async def kill(self, name: str) -> None:
        """`kill -9`; it stays down until it is started again."""
        if self.supervisor:
            await self.supervisor.forget(name)
        await self.children[name].kill()

    def pause(self, name: str) -> None:
        """SIGSTOP: alive, connected and silent, until `resume`."""
        self.children[name].pause()

    def resume(self, name: str) -> None:
        self.children[name].resume()

    async def restart(self, name: str) -> None:
        await self.stop(name)
        await self.start(name)

    async def stop_services(self) -> None:
        await self._stop_together([name for name in self.children if name not in {"kafka", "postgres"}])

    async def stop_all(self) -> None:
        """Services first, so that none of them logs the loss of what it needs."""
        await self.stop_services()
        await self._stop_together(list(self.children))
        if self.supervisor:
            await self.supervisor.close()
        if self._lock:
            self._lock.close()
            self._lock = None

    async def _stop_together(self, names: Sequence[str]) -> None:
        await asyncio.gather(*(self.stop(name) for name in names))


def used_ports(settings: StackSettings, services: Sequence[str]) -> list[tuple[str, str, str]]:
    """Purpose, variable and setting of each port that a stack with these services takes."""
    own = [
        (purpose, f"KOPPEL_{service.upper()}{suffix}", f"{service}{suffix.lower()}")
        for service in services
        for purpose, suffix in ((service, "_PORT"), (f"{service}'s worker", "_WORK_PORT"))
    ]
    if services:
        own.append(("the mail server", "KOPPEL_SMTP_PORT", "smtp_port"))
    if not settings.kafka_bootstrap_external:
        own.append(("Kafka", "KOPPEL_KAFKA_PORT", "kafka_port"))
        own.append(("Kafka's controller", "KOPPEL_KAFKA_CONTROLLER_PORT", "kafka_controller_port"))
    if not settings.postgres_url_external:
        own.append(("PostgreSQL", "KOPPEL_POSTGRES_PORT", "postgres_port"))
    return own
