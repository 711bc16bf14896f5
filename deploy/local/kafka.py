"""Apache Kafka as one KRaft node, its jars from Maven Central, once per user."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import os
import re
import secrets
import shutil
import signal
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from aiokafka.client import AIOKafkaClient
from aiokafka.errors import KafkaError

from deploy.errors import StackError
from deploy.local import ports
from deploy.local.children import Program
from deploy.local.settings import StackSettings
from eventkit.kafka import security

HERE: Final = Path(__file__).resolve().parent / "kafka"
POM: Final = HERE / "pom.xml"
MINIMUM_JAVA: Final = 17
INSTALL_JAVA: Final = (
    "install a Java runtime 17 or newer, for example: apt-get install openjdk-17-jre-headless"
)
INSTALL_MAVEN: Final = "install Maven, which fetches Kafka's jars once, for example: apt-get install maven"

SERVER_PROPERTIES: Final = """\
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers={host}:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
advertised.listeners=PLAINTEXT://{host}:{port},CONTROLLER://{host}:{controller_port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}
auto.create.topics.enable=false
message.max.bytes=16777216
replica.fetch.max.bytes=16777216

# One node holds everything once.
default.replication.factor=1
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
share.coordinator.state.topic.num.partitions=1
group.initial.rebalance.delay.ms=0

# After a crash the broker registers again when its old session has ended.
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000

# Lean: two cores and half a gigabyte are shared with everything else.
num.network.threads=2
num.io.threads=4
background.threads=2
num.recovery.threads.per.data.dir=2
log.cleaner.dedupe.buffer.size=16777216
controlled.shutdown.enable=false
"""

LEAN: Final = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""A broker of one machine has little to do: the optimizing compiler and parallel garbage collection would take more
processor time from the services than they save."""


def java() -> str:
    """The Java runtime; raises when it is missing or too old."""
    found = shutil.which("java", path=search_path("JAVA_HOME"))
    if not found:
        raise StackError("Java was not found", INSTALL_JAVA)
    text = subprocess.run([found, "-version"], capture_output=True, text=True, check=False, timeout=30).stderr
    version = re.search(r'version "(\d+)', text)
    if not version or int(version[1]) < MINIMUM_JAVA:
        raise StackError(f"{found} is not Java {MINIMUM_JAVA} or newer", INSTALL_JAVA)
    return found


def search_path(home_variable: str) -> str:
    home = os.environ.get(home_variable)
    path = os.environ.get("PATH", os.defpath)
    return f"{home}/bin{os.pathsep}{path}" if home else path


def libraries() -> Path:
    """The directory with Kafka's jars; fetched when this user has not got them yet (54 MB, about 25 s)."""
    target = library_directory()
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with exclusive(target.parent / "kafka.lock"):  # two checkouts may start at the same time
        if not target.is_dir():
            fetch_jars(target)
    return target


def library_directory() -> Path:
    """Where the jars are or will be; another `pom.xml` means another directory."""
    return cache_directory() / f"kafka-{pom_version()}-{pom_fingerprint()}"


def fetch_jars(target: Path) -> None:
    """Copy the jars beside the target and rename: a directory that exists is complete."""
    maven = shutil.which("mvn", path=search_path("MAVEN_HOME"))
    if not maven:
        raise StackError("Maven (mvn) was not found", INSTALL_MAVEN)
    with tempfile.TemporaryDirectory(dir=target.parent) as scratch:
        jars = Path(scratch) / "libs"
        command = [
            maven,
            "-q",
            "-B",
            "-f",
            str(POM),
            "dependency:copy-dependencies",
            f"-DoutputDirectory={jars}",
        ]
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=900)
        if done.returncode != 0 or not list(jars.glob("kafka_*.jar")):
            raise StackError(
                f"Maven could not fetch Kafka's jars:\n{(done.stdout + done.stderr)[-2000:]}",
                "is Maven Central, or a mirror named in ~/.m2/settings.xml, reachable?",
            )
        jars.rename(target)


def cache_directory() -> Path:
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "koppel"


def pom_fingerprint() -> str:
    return hashlib.sha256(POM.read_bytes()).hexdigest()[:8]


def pom_version() -> str:
    element = ET.parse(POM).find(".//{*}kafka.version")  # noqa: S314  a file of this repository
    if element is None or not element.text:
        raise StackError(f"{POM} names no kafka.version")
    return element.text


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def program(settings: StackSettings) -> Program:
    """The broker as a child; its storage is formatted when the data directory is new."""
    require_plaintext(settings)
    runtime = java()
    jars = libraries()
    home = settings.data_dir / "kafka"
    home.mkdir(parents=True, exist_ok=True)
    properties = write_properties(settings, home)
    if not (home / "data" / "meta.properties").exists():
        format_storage(runtime, jars, properties)
    return broker(settings, properties)


def broker(settings: StackSettings, properties: Path) -> Program:
    """A broker with this configuration, whose storage is formatted."""
    home = properties.parent
    heap = f"-Xmx{settings.kafka_heap_mb}m"
    logging = f"-Dlog4j2.configurationFile={HERE / 'log4j2.yaml'}"
    classes = ("-cp", f"{libraries()}/*", "kafka.Kafka")
    return Program(
        name="kafka",
        command=(java(), heap, "-Xms128m", *LEAN, logging, *classes, str(properties)),
        log=settings.logs / "kafka.log",
        ready=lambda: broker_answers(settings),
        directory=home,
        orphan_signal=signal.SIGTERM,
    )


def require_plaintext(settings: StackSettings) -> None:
    if settings.kafka_security_protocol != "PLAINTEXT":
        raise StackError(
            "the stack's own broker speaks plain text, on this machine only",
            "unset KOPPEL_KAFKA_SECURITY_PROTOCOL, or name another broker: KOPPEL_KAFKA_BOOTSTRAP_EXTERNAL",
        )


def write_properties(settings: StackSettings, home: Path) -> Path:
    path = home / "server.properties"
    path.write_text(
        SERVER_PROPERTIES.format(
            host=settings.host,
            port=settings.kafka_port,
            controller_port=settings.kafka_controller_port,
            data=home / "data",
        )
    )
    return path


def as_properties(values: Mapping[str, str]) -> str:
    """Lines of a Java properties file."""
    return "".join(f"{name}={escaped(value)}\n" for name, value in values.items())


def escaped(value: str) -> str:
    """A value in a Java properties file."""
    return value.replace("\\", r"\\").replace("\n", r"\n")


def format_storage(runtime: str, jars: Path, properties: Path) -> None:
    cluster_id = base64.urlsafe_b64encode(secrets.token_bytes(16)).decode().rstrip("=")
    tool = [runtime, "-cp", f"{jars}/*", "kafka.tools.StorageTool", "format", f"--cluster-id={cluster_id}"]
    command = [*tool, "-c", str(properties), "--standalone"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode != 0:
        raise StackError(f"Kafka's storage could not be formatted:\n{(done.stdout + done.stderr)[-2000:]}")


async def broker_answers(settings: StackSettings) -> bool:
    """Whether the broker answers a metadata request: an open port alone says too little."""
    host, _, port = settings.kafka_bootstrap.rpartition(":")
    if not await ports.answers(host, int(port)):
        return False
    client = AIOKafkaClient(
        bootstrap_servers=settings.kafka_bootstrap, request_timeout_ms=5_000, **security(settings)
    )
    try:
        await client.bootstrap()
        return bool(client.cluster.brokers())
    except (KafkaError, OSError):
        return False
    finally:
        await client.close()
