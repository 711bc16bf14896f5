"""The rights at the broker, from the registry of topics: a service writes its own topics alone.

`make docs` writes them to `deploy/docker/kafka-access.txt`, from which `kafka-access.sh` makes the access lists.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from contracts.topics import TOPICS
from deploy.local.settings import ROOT

DOCUMENT: Final = ROOT / "deploy" / "docker" / "kafka-access.txt"
OWNER: Final = "Create,DescribeConfigs,AlterConfigs,Read,Write"
"""`migrate` creates the topics, the relay writes them, and the owner reads compacted ones back."""
HEAD: Final = """\
# Written by `make docs` from shared/contracts/topics.py: user, operations, resources.
# A service writes its own topics alone, reads those that it subscribes to, and has a consumer group of its own name.
"""
KAFKA_UI: Final = (
    "kafka-ui Describe,DescribeConfigs,Read topic=* group=*",
    "kafka-ui Describe,DescribeConfigs cluster",
)


def document() -> str:
    """The file of Kafka's access rights: one line per right."""
    return HEAD + "".join(f"{line}\n" for line in (*rights(), *KAFKA_UI))


def rights() -> Iterator[str]:
    """One line of what a service owns and one of what it reads, for each service."""
    for service in sorted({topic.owner for topic in TOPICS.values()}):
        owned = [topic.name for topic in TOPICS.values() if topic.owner == service]
        read = [topic.name for topic in TOPICS.values() if service in topic.consumers]
        yield f"{service} {OWNER} {_topics(owned)}"
        yield f"{service} Read {_topics(read)} group={service}"


def _topics(names: list[str]) -> str:
    return " ".join(f"topic={name}" for name in names)
