"""What counts as an event: a record within bounds that its topic's owner wrote about the aggregate that it names.

The broker's access lists say who may write to a topic; the rest is checked here. What does not count is parked.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from contracts.topics import KINDS
from eventkit.consumer import Subscription
from eventkit.copies import decoder
from eventkit.envelope import Event, Record, headers_of
from eventkit.errors import ForeignError, UndecodableError
from eventkit.kinds import Kind
from eventkit.labels import shown

MAX_VERSION: Final = 2**53 - 1
"""The highest integer that every reader of JSON holds exactly; PostgreSQL's bigint holds it too."""
MAX_NO_CHARS: Final = 400
"""Several numbers joined; an index of the database can hold it with any characters."""
MAX_KIND_CHARS: Final = 100
_MAX_VERSION_DIGITS: Final = len(str(MAX_VERSION))
_MAX_ERROR_CHARS: Final = 500
_UNADDRESSABLE: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode categories of invisible characters, which no number contains."""
_OF_CONTRACTS: Final[Mapping[str, Kind]] = {kind.event_type: kind for kind in KINDS.values()}


class Named(msgspec.Struct, frozen=True):
    """What the headers name, also of a record that is invalid otherwise: shortened and cleaned, possibly empty."""

    kind: str = ""
    no: str = ""
    version: int = 0


def decode(record: Record, by_type: Mapping[str, Subscription[Any]]) -> Event | None:
    """The event in a record; None if it is of a kind of this topic that the service does not read.

    Raises UndecodableError for every other record, ForeignError if its owner did not write it.
    """
    if record.unreadable:
        raise UndecodableError(record.unreadable)
    headers = headers_of(record)
    type_ = _text(headers, "ce_type")
    subscription = by_type.get(type_)
    if subscription is None:
        _require_known(type_, record, by_type)
        return None
    kind = subscription.kind
    no = _number(headers)
    if not headers.get("ce_id"):
        raise UndecodableError("header ce_id is missing")
    _require_origin(kind, no, record, headers)
    snapshot = _snapshot(kind, record)
    return Event(record, subscription, no, _version(kind, no, snapshot, headers), snapshot)


def named(record: Record, by_type: Mapping[str, Subscription[Any]]) -> Named:
    """What the headers name. A type that is not known here stays whole, so that no known kind closes it."""
    headers = headers_of(record)
    type_ = shown(headers.get("ce_type", b""), MAX_KIND_CHARS)
    subscription = by_type.get(type_)
    digits = headers.get("ce_version", b"")
    version = int(digits) if digits.isdigit() and len(digits) <= _MAX_VERSION_DIGITS else 0
    return Named(
        kind=subscription.kind.name if subscription is not None else type_,
        no=shown(headers.get("ce_subject", b""), MAX_NO_CHARS),
        version=min(version, MAX_VERSION),
    )


def _text(headers: Mapping[str, bytes], name: str) -> str:
    value = headers.get(name, b"")
    if not value:
        raise UndecodableError(f"header {name} is missing")
    try:
        return value.decode()
    except UnicodeDecodeError as e:
        raise UndecodableError(f"header {name} is no UTF-8") from e


def _number(headers: Mapping[str, bytes]) -> str:
    no = _text(headers, "ce_subject")
    if len(no) > MAX_NO_CHARS:
        raise UndecodableError(f"header ce_subject has {len(no)} characters, at most {MAX_NO_CHARS} are read")
    if not no.isprintable() and any(unicodedata.category(c) in _UNADDRESSABLE for c in no):
        raise UndecodableError("header ce_subject has characters that are not printable")
    return no


def _require_known(type_: str, record: Record, by_type: Mapping[str, Subscription[Any]]) -> None:
    """An unknown type may be of a newer version: it is parked, to be redriven after an upgrade."""
    known = _OF_CONTRACTS.get(type_)
    if known is not None and known.topic == record.topic:
        return
    if any(s.kind.topic == record.topic for s in by_type.values()):
        raise UndecodableError(f"type {shown(type_, MAX_KIND_CHARS)!r} is not known on {record.topic}")


def _require_origin(kind: Kind, no: str, record: Record, headers: Mapping[str, bytes]) -> None:
    if kind.topic != record.topic:
        raise ForeignError(f"{kind.name} belongs to {kind.topic}, not to {record.topic}")
    source = headers.get("ce_source", b"")
    if source != f"/koppel/{kind.owner}".encode():
        raise ForeignError(f"{kind.name} is published by {kind.owner}, this record by {shown(source, 100)!r}")
    if record.key != kind.message_key(no).encode():
        key = "none" if record.key is None else repr(shown(record.key, 100))
        raise ForeignError(
            f"the message key of {kind.name} {no} must be {kind.message_key(no)!r}, it is {key}"
        )


def _snapshot(kind: Kind, record: Record) -> Any:
    if record.value is None:
        raise UndecodableError("the value is missing")
    try:
        return decoder(kind).decode(record.value)
    except Exception as e:  # whatever a value does to the decoder, it concerns this record alone
        raise UndecodableError(str(e)[:_MAX_ERROR_CHARS]) from e


def _version(kind: Kind, no: str, snapshot: Any, headers: Mapping[str, bytes]) -> int:
    version: int = snapshot.version
    if not 1 <= version <= MAX_VERSION:
        raise UndecodableError(f"version must be from 1 to {MAX_VERSION}")
    if headers.get("ce_version", b"%d" % version) != b"%d" % version:
        raise ForeignError(f"header ce_version is not the snapshot's version {version}")
    number = kind.number_of(snapshot)
    if number is not None and number != no:
        raise ForeignError(f"header ce_subject says {no}, the snapshot {shown(number, MAX_NO_CHARS)}")
    return version
