"""CloudEvents 1.0 in Kafka's binary mode: attributes as headers, the snapshot's JSON as the value."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from eventkit.consumer import Subscription
from eventkit.context import Context
from eventkit.labels import MAX_LABEL_CHARS, shown
from eventkit.outbox import OutboxEvent

AggregateKey = tuple[str, str]
"""Kind and number of an aggregate."""
Headers = tuple[tuple[str, bytes], ...]
_UNREADABLE: Final = "unreadable"
"""The only header of what stands for a record that the broker's client cannot read; its value says why."""


class Message(msgspec.Struct, frozen=True):
    """A record to send. `topic` is without the installation's prefix."""

    topic: str
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


class Record(msgspec.Struct, frozen=True):
    """A record as it was received. `topic` is without the installation's prefix."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers

    @property
    def unreadable(self) -> str:
        """Why the broker's client could not read it, so that its position alone is known; "" for all others."""
        if self.key is None and self.value is None and self.headers and self.headers[0][0] == _UNREADABLE:
            return self.headers[0][1].decode(errors="replace")
        return ""


def unreadable_record(topic: str, partition: int, offset: int, why: str) -> Record:
    """What stands for a record that the broker's client cannot read."""
    text = f"the broker's client cannot read the record at this position: {why}"
    return Record(topic, partition, offset, None, None, ((_UNREADABLE, text.encode(errors="replace")),))


class Event(msgspec.Struct, frozen=True):
    """A decoded record that matches its contract."""

    record: Record
    subscription: Subscription[Any]
    no: str
    version: int
    snapshot: Any

    @property
    def kind(self) -> str:
        """The aggregate's kind, as the subscription names it."""
        return self.subscription.kind.name

    @property
    def key(self) -> AggregateKey:
        """Which aggregate it is about."""
        return self.kind, self.no

    @property
    def wanted(self) -> bool:
        """Whether the subscription takes events in this state."""
        wants = self.subscription.wants
        return wants is None or wants(self.snapshot)

    def effects_context(self) -> Context:
        """The context of what the event causes here."""
        return context_of(self.record)


_pack = msgspec.msgpack.Encoder()
_unpack = msgspec.msgpack.Decoder(Record)


def pack(record: Record) -> bytes:
    """A whole record as bytes, to keep it in a table."""
    return _pack.encode(record)


def unpack(packed: bytes) -> Record:
    """The record that `pack` packed."""
    return _unpack.decode(packed)


class HeaderWriter:
    """Encodes the headers of outgoing events; those that are the same for all events of a type are encoded once."""

    def __init__(self, source: str) -> None:
        self._source = f"/koppel/{source}".encode()
        self._constant: dict[str, Headers] = {}

    def headers(self, event: OutboxEvent) -> list[tuple[str, bytes]]:
        """The CloudEvents headers of one event, encoded."""
        return [
            *self._constants(event.type),
            ("ce_id", event.event_id.encode()),
            ("ce_subject", event.subject.encode()),
            ("ce_time", event.occurred_at.isoformat().replace("+00:00", "Z").encode()),
            ("ce_version", b"%d" % event.version),
            ("ce_correlationid", event.correlation_id.encode()),
            ("ce_causationid", event.causation_id.encode()),
            ("ce_by", event.by.encode()),
            ("traceparent", event.traceparent.encode()),
        ]

    def _constants(self, type_: str) -> Headers:
        found = self._constant.get(type_)
        if found is None:
            found = self._constant[type_] = (
                ("ce_specversion", b"1.0"),
                ("ce_source", self._source),
                ("ce_type", type_.encode()),
                ("content-type", b"application/json"),
            )
        return found


def headers_of(record: Record) -> dict[str, bytes]:
    """The headers by name; where one is repeated its first value."""
    return dict(reversed(record.headers))


def described(record: Record) -> dict[str, Any]:
    """What a log says of a record: where it is, and what its headers name."""
    headers = headers_of(record)
    labels = {
        "type": "ce_type",
        "no": "ce_subject",
        "version": "ce_version",
        "id": "ce_id",
        "correlation_id": "ce_correlationid",
        "by": "ce_by",
    }
    named = {name: shown(headers.get(header, b""), MAX_LABEL_CHARS) for name, header in labels.items()}
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset, **named}


def context_of(record: Record) -> Context:
    """The context of what a record causes: the same correlation, caused by the event."""
    headers = headers_of(record)

    def label(name: str) -> str:
        return shown(headers.get(name, b""), MAX_LABEL_CHARS)

    id_ = label("ce_id")
    origin = Context(
        correlation_id=label("ce_correlationid") or id_,
        causation_id=label("ce_causationid"),
        traceparent=label("traceparent"),
        by=label("ce_by"),
    )
    return origin.caused_by(id_)


def published_by(record: Record) -> str:
    """Who caused the event; "" if it does not say."""
    return shown(headers_of(record).get("ce_by", b""), MAX_LABEL_CHARS)


def published_at(record: Record) -> datetime | None:
    """When its service stored the change; None if the header is missing or is no time with a zone."""
    try:
        found = datetime.fromisoformat(headers_of(record).get("ce_time", b"").decode())
    except ValueError:
        return None
    return found if found.tzinfo is not None else None
