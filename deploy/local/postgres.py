"""PostgreSQL as a child: one cluster, one database and one role per service."""

from __future__ import annotations

import functools
import hashlib
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import subprocess
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import asyncpg

from deploy.errors import StackError
from deploy.local.children import Account, Program
from deploy.local.settings import SERVICES, StackSettings

ADMIN: Final = "koppel_admin"
DEFAULT_PORT: Final = 5432
MINIMUM_VERSION: Final = 15
INSTALL_POSTGRES: Final = "install PostgreSQL 15 or newer, for example: apt-get install postgresql"
UNPRIVILEGED_USERS: Final = ("postgres", "nobody")

CONFIGURATION: Final = """\
# Written by the local stack at each start.
listen_addresses = '{host}'
port = {port}
unix_socket_directories = ''
max_connections = 300
shared_buffers = 256MB
max_wal_size = 2GB
random_page_cost = 1.1
jit = off
log_lock_waits = on
log_line_prefix = '%m [%p] %u@%d '
log_timezone = 'UTC'
timezone = 'UTC'
# Off only for data that is thrown away with its server: never for people, benchmarks or tests that kill the server.
fsync = {durable}
synchronous_commit = on
full_page_writes = {durable}
{preload}
"""


def program(settings: StackSettings) -> Program:
    """The server as a child; a new data directory gets its cluster first."""
    binaries = find_binaries()
    account = unprivileged_account()
    cluster = cluster_directory(settings, account)
    if not (cluster / "PG_VERSION").exists():
        create_cluster(settings, binaries, cluster, account)
    require_version(cluster, binaries)
    write_configuration(settings, binaries, cluster)
    return Program(
        name="postgres",
        command=(str(binaries / "postgres"), "-D", str(cluster)),
        log=settings.logs / "postgres.log",
        ready=lambda: accepts_connections(settings),
        directory=cluster,
        account=account,
        stop_signal=signal.SIGINT,  # "fast": ends sessions, keeps everything committed
        orphan_signal=signal.SIGINT,
    )


@functools.cache
def find_binaries() -> Path:
    """The directory of the newest `initdb`, of the packages or on PATH."""
    packaged = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    on_path = shutil.which("initdb")
    candidates = [*packaged, *([Path(on_path).resolve().parent] if on_path else [])]
    versions = {major_version(path): path for path in candidates}
    if not versions or max(versions) < MINIMUM_VERSION:
        found = f"newest found: {max(versions)}" if versions else "initdb was not found"
        raise StackError(f"PostgreSQL {MINIMUM_VERSION} or newer is missing ({found})", INSTALL_POSTGRES)
    return versions[max(versions)]


def major_version(binaries: Path) -> int:
    command = [str(binaries / "initdb"), "--version"]
    text = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30).stdout
    version = re.search(r"\(PostgreSQL\) (\d+)", text)
    return int(version[1]) if version else 0


def require_version(cluster: Path, binaries: Path) -> None:
    kept = (cluster / "PG_VERSION").read_text().strip()
    if kept != str(major_version(binaries)):
        raise StackError(
            f"the data in {cluster} was written by PostgreSQL {kept}, {binaries} is {major_version(binaries)}",
            "install that version again, or `make clean` to start without the data",
        )


def unprivileged_account() -> Account | None:
    """Whom the server runs as: PostgreSQL refuses to be run by root."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(entry.pw_uid, entry.pw_gid)
    raise StackError(
        "PostgreSQL does not run as root, and no user postgres or nobody exists", INSTALL_POSTGRES
    )


def cluster_directory(settings: StackSettings, account: Account | None) -> Path:
    """Where the cluster lives: in the data directory, unless its user cannot get in there."""
    inside = settings.data_dir / "postgres"
    if account is None or may_enter(settings.data_dir, account):
        return inside
    return cluster_outside(settings)


def cluster_outside(settings: StackSettings) -> Path:
    """Its place when the data directory is out of its user's reach, below a home that is private, say."""
    key = hashlib.sha256(str(settings.data_dir.resolve()).encode()).hexdigest()[:12]
    return Path("/var/tmp") / f"koppel-postgres-{key}"  # noqa: S108  made with mode 0700, kept over restarts


def may_enter(directory: Path, account: Account) -> bool:
    command = ["/bin/sh", "-c", 'cd "$1"', "sh", str(directory)]
    done = subprocess.run(
        command,
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
        capture_output=True,
        check=False,
        timeout=30,
    )
    return done.returncode == 0


def create_cluster(settings: StackSettings, binaries: Path, cluster: Path, account: Account | None) -> None:
    """`initdb` beside its place, then renamed: a cluster that exists is complete."""
    scratch = cluster.with_name(cluster.name + ".new")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    password = scratch.with_name(scratch.name + ".password")
    password.write_text(secrets_of(settings)[ADMIN] + "\n")
    if account:
        os.chown(scratch, account.uid, account.gid)
        os.chown(password, account.uid, account.gid)
    password.chmod(0o600)
    command = [str(binaries / "initdb"), "-D", str(scratch), "-U", ADMIN, f"--pwfile={password}"]
    options = ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums"]
    try:
        done = subprocess.run(
            [*command, *options],
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
    finally:
        password.unlink()
    if done.returncode != 0:
        raise StackError(f"initdb failed:\n{(done.stdout + done.stderr)[-2000:]}")
    scratch.rename(cluster)


def write_configuration(settings: StackSettings, binaries: Path, cluster: Path) -> None:
    preload = "shared_preload_libraries = 'pg_stat_statements'" if has_statistics(binaries) else ""
    text = CONFIGURATION.format(
        host=settings.host,
        port=settings.postgres_port,
        durable="on" if settings.postgres_durable else "off",
        preload=preload,
    )
    (cluster / "postgresql.auto.conf").write_text(text)


def has_statistics(binaries: Path) -> bool:
    """Whether the optional pg_stat_statements is installed; it helps to find slow statements."""
    return any((binaries.parent / "lib").rglob("pg_stat_statements.so"))


@functools.cache
def _read_secrets(path: Path) -> dict[str, str]:
    if path.exists():
        kept: dict[str, str] = json.loads(path.read_text())
        return kept
    made = {name: secrets.token_urlsafe(24) for name in (ADMIN, *SERVICES)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    path.write_text(json.dumps(made, indent=1))
    return made


def secrets_of(settings: StackSettings) -> dict[str, str]:
    """The passwords of this data directory, made at random when it is new."""
    return _read_secrets(settings.data_dir / "secrets" / "postgres.json")


def database_url(settings: StackSettings, service: str, database: str | None = None) -> str:
    """The URL of a service's own database, as the service's own role."""
    place = f"{server(settings)}/{database or service}"
    return f"postgresql://{service}:{secrets_of(settings)[service]}@{place}"


def server(settings: StackSettings) -> str:
    """Host and port of the server, ours or one that already runs."""
    external = urlsplit(settings.postgres_url_external)
    if external.hostname:
        return f"{external.hostname}:{external.port or DEFAULT_PORT}"
    return f"{settings.host}:{settings.postgres_port}"


def admin_url(settings: StackSettings, database: str = "postgres") -> str:
    """A database as the administrator."""
    if settings.postgres_url_external:
        return urlsplit(settings.postgres_url_external)._replace(path=f"/{database}").geturl()
    return f"postgresql://{ADMIN}:{secrets_of(settings)[ADMIN]}@{server(settings)}/{database}"


async def accepts_connections(settings: StackSettings) -> bool:
    try:
        connection = await asyncpg.connect(admin_url(settings), timeout=5)
    except (OSError, TimeoutError, asyncpg.PostgresError):
        return False
    await connection.close()
    return True


async def create_databases(settings: StackSettings) -> None:
    """One role and one database per service; a role gets into its own database only."""
    connection = await asyncpg.connect(admin_url(settings), timeout=10)
    try:
        await connection.execute("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")
        for service in SERVICES:
            await create_database(connection, settings, service)
    finally:
        await connection.close()


async def create_database(connection: asyncpg.Connection, settings: StackSettings, service: str) -> None:
    """Idempotent; the password is set again, so that it always is the one in the data directory."""
    password = secrets_of(settings)[service]
    if not await connection.fetchval("SELECT 1 FROM pg_roles WHERE rolname = $1", service):
        await connection.execute(f'CREATE ROLE "{service}" LOGIN')
    await connection.execute(f"ALTER ROLE \"{service}\" PASSWORD '{password}'")
    if await connection.fetchval("SELECT 1 FROM pg_database WHERE datname = $1", service):
        return
    await connection.execute(f'CREATE DATABASE "{service}" OWNER "{service}"')
    await connection.execute(f'REVOKE ALL ON DATABASE "{service}" FROM PUBLIC')
    if not settings.postgres_url_external and has_statistics(find_binaries()):
        own = await asyncpg.connect(admin_url(settings, service), timeout=10)
        try:
            await own.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        finally:
            await own.close()
