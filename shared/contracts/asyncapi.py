"""The AsyncAPI 3 document of all topics: `python -m contracts.asyncapi > docs/asyncapi.json`.

The JSON schemas in it are also what compatibility is checked against: `released.json` beside this file holds the
schemas of the last release, and `incompatibilities` says what a consumer of that release could no longer read.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from importlib import resources
from typing import Any

import msgspec

from contracts.topics import KINDS, MAX_MESSAGE_BYTES, TOPICS, Kind, Topic

_UUID = "01930000-0000-7000-8000-000000000001"


def _header(description: str, example: str, **schema: str) -> dict[str, Any]:
    return {"type": "string", **schema, "description": description, "examples": [example]}


CLOUDEVENT_HEADERS = {
    "type": "object",
    "description": "CloudEvents attributes as Kafka headers, with the trace that the event belongs to.",
    "required": ["ce_id", "ce_source", "ce_type", "ce_subject", "ce_time", "ce_specversion", "ce_version"],
    "properties": {
        "ce_id": _header("Id of the event, a UUIDv7.", _UUID, format="uuid"),
        "ce_source": _header("The service that owns the aggregate.", "/koppel/sales"),
        "ce_type": _header("Kind of the aggregate and version of its schema.", "koppel.sales-order.v1"),
        "ce_subject": _header("The aggregate's number.", "S-1001"),
        "ce_time": _header("When the change was stored.", "2026-03-31T12:00:00Z", format="date-time"),
        "ce_specversion": {"const": "1.0", "description": "Version of CloudEvents."},
        "ce_version": _header("The aggregate's version, an integer.", "7"),
        "ce_correlationid": _header("Same for all events that follow from one request.", _UUID),
        "ce_causationid": _header("The request or event that caused this one.", _UUID),
        "ce_by": _header(
            "Who asked for the change: the subject of the token, or a worker.", "buyer@example.com"
        ),
        "traceparent": _header(
            "W3C trace context.", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        ),
    },
}


def schemas() -> dict[str, Any]:
    """JSON schemas of every snapshot and the values in it, by class name."""
    _, components = msgspec.json.schema_components(
        [k.model for k in KINDS.values()], ref_template="#/components/schemas/{name}"
    )
    return components


def document(version: str = "1.0.0") -> dict[str, Any]:
    """The whole document; channels and messages in the registry's order."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Koppel events",
            "version": version,
            "description": "CloudEvents 1.0 in Kafka binary mode. Every event carries the whole aggregate after the "
            "change and its version; act on the difference to what you have, never on `happened`. Batches are "
            "compressed with lz4: clients need a codec for it, such as `aiokafka[lz4]`. docs/events.md has a whole "
            "consumer in 30 lines.",
        },
        "defaultContentType": "application/json",
        "channels": {t.name: _channel(t) for t in TOPICS.values()},
        "operations": dict(_operations()),
        "components": {
            "messages": {k.name: _message(k) for k in KINDS.values()},
            "schemas": schemas() | {"CloudEventHeaders": CLOUDEVENT_HEADERS},
        },
    }


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    """Who publishes and who consumes each topic."""
    for topic in TOPICS.values():
        channel = {"$ref": _channel_ref(topic)}
        sent = f"{topic.owner} publishes its aggregates after each change."
        yield f"{topic.owner}.publishes.{topic.name}", _operation("send", channel, sent)
        for consumer in topic.consumers:
            received = f"{consumer} follows what {topic.owner} publishes."
            yield f"{consumer}.consumes.{topic.name}", _operation("receive", channel, received)


def _operation(action: str, channel: dict[str, str], summary: str) -> dict[str, Any]:
    return {"action": action, "channel": channel, "summary": summary}


def _channel_ref(topic: Topic) -> str:
    return f"#/channels/{topic.name}"


def _channel(topic: Topic) -> dict[str, Any]:
    configuration: dict[str, Any] = {"max.message.bytes": MAX_MESSAGE_BYTES}
    if topic.compacted:
        configuration["cleanup.policy"] = ["compact"]
    else:
        configuration["cleanup.policy"] = ["delete"]
        configuration["retention.ms"] = topic.retention_ms
    partitions = {} if topic.partitions is None else {"partitions": topic.partitions}
    return {
        "address": topic.name,
        "description": f"Owner: {topic.owner}. Key: {topic.key}.",
        "messages": {
            k.name: {"$ref": f"#/components/messages/{k.name}"}
            for k in KINDS.values()
            if k.topic == topic.name
        },
        "bindings": {
            "kafka": {
                "topic": topic.name,
                **partitions,
                "topicConfiguration": configuration,
                "bindingVersion": "0.5.0",
            }
        },
    }


def _message(kind: Kind) -> dict[str, Any]:
    sample = json.loads(sample_text(kind.name))
    return {
        "name": kind.event_type,
        "title": kind.name,
        "summary": (kind.model.__doc__ or "").strip().splitlines()[0],
        "headers": {"$ref": "#/components/schemas/CloudEventHeaders"},
        "payload": {"$ref": f"#/components/schemas/{kind.model.__name__}"},
        "examples": [{"payload": sample}],
        "bindings": {
            "kafka": {
                "key": {"type": "string", "description": kind.message_key("<no>")},
                "bindingVersion": "0.5.0",
            }
        },
    }


def sample_text(kind: str) -> str:
    """The golden sample of a kind, as JSON."""
    return resources.files("contracts").joinpath("samples", f"{kind}.json").read_text()


def released_schemas() -> dict[str, Any]:
    """The schemas of the last release."""
    text = resources.files("contracts").joinpath("released.json").read_text()
    return dict(json.loads(text))


def incompatibilities(old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    """What breaks a reader or a writer of `old`: removed models or fields, other types, newly required fields."""
    found: list[str] = []
    for name, schema in old.items():
        if name not in new:
            found.append(f"{name}: removed")
            continue
        found += _field_incompatibilities(name, schema, new[name])
    return found


def _field_incompatibilities(name: str, old: dict[str, Any], new: dict[str, Any]) -> list[str]:
    found = []
    for field, schema in old.get("properties", {}).items():
        if field not in new["properties"]:
            found.append(f"{name}.{field}: removed")
        elif _shape(schema) != _shape(new["properties"][field]):
            found.append(f"{name}.{field}: was {_shape(schema)}, is {_shape(new['properties'][field])}")
    return found + [
        f"{name}.{field}: became required"
        for field in sorted(set(new.get("required", [])) - set(old["required"]))
    ]


_ABOUT = frozenset({"description", "default", "examples", "title"})
_BOUNDS = frozenset(
    {"enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "minItems", "maxItems"}
)
"""What a reader need not know: it keeps words that it does not know, and checks no bounds."""


def _shape(schema: dict[str, Any]) -> str:
    return json.dumps(_without(schema), sort_keys=True)


def _without(node: Any) -> Any:
    if isinstance(node, dict):
        kept = {k: _without(v) for k, v in node.items() if k not in _ABOUT | _BOUNDS}
        if kept.get("format") == "date-time":  # msgspec says so only of times that must have an offset
            del kept["format"]
        return kept
    return [_without(member) for member in node] if isinstance(node, list) else node


if __name__ == "__main__":
    target = schemas() if sys.argv[1:] == ["--schemas"] else document()
    sys.stdout.write(json.dumps(target, indent=2, ensure_ascii=False) + "\n")
