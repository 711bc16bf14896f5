"""The rights at the broker are those that the registry of topics implies."""

from __future__ import annotations

from contracts.topics import TOPICS
from deploy import access


def test_the_rights_are_written_from_the_topics() -> None:
    assert access.DOCUMENT.read_text() == access.document(), "run `make docs` and look at the difference"


def test_only_the_owner_of_a_topic_may_write_it() -> None:
    writers = {
        (resource.removeprefix("topic="), name)
        for name, operations, *resources in map(str.split, access.rights())
        for resource in resources
        if "Write" in operations and resource.startswith("topic=")
    }
    assert writers == {(topic.name, topic.owner) for topic in TOPICS.values()}
