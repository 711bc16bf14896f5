"""The kit's small pure parts."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import asyncpg
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DBAPIError, IntegrityError

from contracts.topics import KINDS
from eventkit.consumer import Batch, Change, Subscription, Waiting
from eventkit.context import Context, child_span, trace_id
from eventkit.decoding import decode, named
from eventkit.envelope import HeaderWriter, Record, pack, unpack
from eventkit.errors import ForeignError, OvertakenError, UndecodableError, is_transient
from eventkit.kafka_sink import partition_of
from eventkit.offsets import Progress
from eventkit.outbox import OutboxEvent, newest_per_key
from eventkit.reader import _halves
from eventkit.transaction import json_rows, plain_url
from servicekit.migrate import _configuration
from servicekit.settings import ServiceSettings

TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
VENDOR: Subscription[Any] = Subscription(KINDS["vendor"])
BY_TYPE: dict[str, Subscription[Any]] = {VENDOR.kind.event_type: VENDOR}


def record(
    value: bytes | None = b'{"version":2,"no":"V1"}',
    topic: str = "purchasing.master.v1",
    key: bytes | None = b"vendor/V1",
    **headers: str,
) -> Record:
    known = {
        "ce_type": "koppel.vendor.v1",
        "ce_source": "/koppel/purchasing",
        "ce_subject": "V1",
        "ce_id": "e-1",
        **headers,
    }
    return Record(
        topic=topic,
        partition=0,
        offset=7,
        key=key,
        value=value,
        headers=tuple((k, v.encode()) for k, v in known.items() if v),
    )


def test_effects_keep_the_correlation_and_name_the_event_as_their_cause() -> None:
    origin = Context.new("anna", TRACE)
    effect = origin.caused_by("event-1")
    assert (effect.correlation_id, effect.causation_id, effect.by) == (
        origin.correlation_id,
        "event-1",
        "anna",
    )
    assert trace_id(effect.traceparent) == trace_id(TRACE)
    assert effect.traceparent != origin.traceparent


@pytest.mark.parametrize("malformed", ["", "nonsense", "00-short-00f067aa0ba902b7-01"])
def test_a_malformed_trace_is_replaced_by_a_new_one(malformed: str) -> None:
    assert len(trace_id(child_span(malformed))) == 32


def test_an_event_is_decoded_by_its_type() -> None:
    event = decode(record(ce_correlationid="c-1", ce_by="anna"), BY_TYPE)
    assert event is not None
    assert (event.kind, event.no, event.version, event.snapshot.no) == ("vendor", "V1", 2, "V1")
    context = event.effects_context()
    assert (context.correlation_id, context.causation_id, context.by) == ("c-1", "e-1", "anna")


def test_unknown_fields_and_kinds_of_the_topic_that_are_not_read_are_ignored() -> None:
    assert decode(record(b'{"version":1,"no":"V1","colour":"blue"}'), BY_TYPE) is not None
    assert decode(record(ce_type="koppel.item-vendor.v1"), BY_TYPE) is None


@pytest.mark.parametrize(
    "broken",
    [
        record(b"{"),
        record(b'{"no":"V1"}'),
        record(b'{"version":"two","no":"V1"}'),
        record(b'{"version":0,"no":"V1"}'),
        record(b'{"version":-1,"no":"V1"}'),
        record(b'{"version":9007199254740992,"no":"V1"}'),
        record(b'{"version":9223372036854775808,"no":"V1"}'),
        record(b"[" * 100_000),
        record(ce_type="koppel.vendor.v2"),
        record(ce_type="koppel.sales-order.v1"),
        record(ce_subject="V1\x00"),
        record(ce_subject="V1\N{RIGHT-TO-LEFT OVERRIDE}"),
        record(ce_subject="V" * 401),
        record(None),
        record(ce_type=""),
        record(ce_subject=""),
        record(ce_id=""),
    ],
)
def test_what_the_contract_does_not_allow_is_undecodable(broken: Record) -> None:
    with pytest.raises(UndecodableError):
        decode(broken, BY_TYPE)


@pytest.mark.parametrize(
    ("foreign", "error"),
    [
        (record(topic="pos.master.v1"), "vendor belongs to purchasing.master.v1, not to pos.master.v1"),
        (
            record(ce_source="/koppel/pos-gateway"),
            "published by purchasing, this record by '/koppel/pos-gateway'",
        ),
        (record(ce_source=""), "published by purchasing, this record by ''"),
        (record(key=b"vendor/V2"), "must be 'vendor/V1', it is 'vendor/V2'"),
        (record(key=None), "must be 'vendor/V1', it is none"),
        (record(b'{"version":2,"no":"V2"}'), "header ce_subject says V1, the snapshot V2"),
        (record(ce_version="3"), "header ce_version is not the snapshot's version 2"),
    ],
)
def test_what_the_topics_owner_did_not_write_is_foreign(foreign: Record, error: str) -> None:
    with pytest.raises(ForeignError, match=error):
        decode(foreign, BY_TYPE)


@pytest.mark.parametrize(
    ("headers", "found"),
    [
        ({"ce_version": "7"}, ("vendor", "V1", 7)),
        ({"ce_version": "7", "ce_type": "koppel.vendor.v2"}, ("koppel.vendor.v2", "V1", 7)),
        ({"ce_version": "9" * 400, "ce_subject": "V\x00" + "1" * 400}, ("vendor", "V\ufffd" + "1" * 398, 0)),
        ({"ce_version": "seven", "ce_subject": "", "ce_type": ""}, ("", "", 0)),
    ],
)
def test_what_the_headers_name_is_kept_cut_and_cleaned(
    headers: dict[str, str], found: tuple[str, str, int]
) -> None:
    changed = tuple((name, value.encode()) for name, value in headers.items())
    seen = named(msgspec.structs.replace(record(b"{"), headers=(*changed, *record().headers)), BY_TYPE)
    assert (seen.kind, seen.no, seen.version) == found


def test_labels_that_travel_on_are_cut_and_cleaned() -> None:
    event = decode(record(ce_by="a\x00b" + "c" * 1000, ce_correlationid="d" * 1000), BY_TYPE)
    assert event is not None
    context = event.effects_context()
    assert (context.by, context.correlation_id) == ("a\ufffdb" + "c" * 197, "d" * 200)


def test_a_record_survives_being_kept() -> None:
    assert unpack(pack(record(None))) == record(None)


def test_headers_are_cloudevents_in_binary_mode() -> None:
    event = OutboxEvent(
        topic="sales.order.v1",
        key="S-1001",
        type="koppel.sales-order.v1",
        subject="S-1001",
        version=3,
        event_id="e-1",
        occurred_at=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
        correlation_id="c",
        causation_id="d",
        traceparent=TRACE,
        by="anna",
        body=msgspec.Raw(b"{}"),
    )
    headers = HeaderWriter("sales").headers(event)
    assert dict(headers) == {
        "ce_specversion": b"1.0",
        "ce_source": b"/koppel/sales",
        "ce_type": b"koppel.sales-order.v1",
        "content-type": b"application/json",
        "ce_id": b"e-1",
        "ce_subject": b"S-1001",
        "ce_time": b"2026-01-02T03:04:05Z",
        "ce_version": b"3",
        "ce_correlationid": b"c",
        "ce_causationid": b"d",
        "ce_by": b"anna",
        "traceparent": TRACE.encode(),
    }


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(1, 5)), max_size=20))
def test_of_each_aggregate_the_highest_version_is_sent(written: list[tuple[str, int]]) -> None:
    events: Any = [SimpleNamespace(topic="t", key=key, version=v) for key, v in written]
    sent = newest_per_key(events)
    assert {e.key: e.version for e in sent} == {
        k: max(v for key, v in written if key == k) for k, _ in written
    }
    places = [next(i for i, e in enumerate(events) if e is s) for s in sent]
    assert places == sorted(places)


@given(st.lists(st.integers(), max_size=30))
def test_halves_keep_every_event_in_order(events: list[int]) -> None:
    assert [e for half in _halves(events) for e in half] == events  # type: ignore[arg-type]
    assert all(_halves(events))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("key", "murmur2"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536)],
)
def test_keys_go_where_every_client_sends_them(key: bytes, murmur2: int) -> None:
    """The hashes are those of the test in Apache Kafka's own repository."""
    assert partition_of(key, 6) == (murmur2 & 0x7FFFFFFF) % 6


def test_deciding_parks_or_lets_wait_one_change_and_goes_on() -> None:
    context = Context.new("anna")
    changes = [Change(kind="k", no=no, version=1, new=no, context=context) for no in ("A", "B", "C")]
    batch = Batch(changes)
    decided = []
    for change in batch:
        with batch.deciding(change):
            if change.no == "A":
                raise Waiting("item", "1000")
            if change.no == "B":
                raise ValueError("poison")
            decided.append(change.no)
    assert decided == ["C"]
    assert (batch.waiting["A"].kind, batch.waiting["A"].no) == ("item", "1000")
    assert str(batch.failed["B"]) == "poison"


def test_the_old_snapshot_is_decoded_when_asked_for() -> None:
    model = KINDS["vendor"].model
    new = model(version=2, no="V1")
    change = Change(
        kind="vendor",
        no="V1",
        version=2,
        new=new,
        context=Context.new("a"),
        old_json='{"version":1,"no":"V1"}',
    )
    assert change.old is not None
    assert change.old.version == 1
    assert Change(kind="vendor", no="V1", version=2, new=new, context=Context.new("a")).old is None


def test_a_position_is_careful_until_what_was_begun_is_ended() -> None:
    assert Progress(next=3, attempted_to=5).careful
    assert not Progress(next=5, attempted_to=5).careful


class _LostError(Exception):
    sqlstate = "57P01"


class _DeadlockError(Exception):
    sqlstate = "40P01"


class _DuplicateError(Exception):
    sqlstate = "23505"


@pytest.mark.parametrize(
    "error",
    [
        OSError(),
        TimeoutError(),
        ConnectionRefusedError(),
        OvertakenError(),
        DBAPIError("", None, _LostError()),
        DBAPIError("", None, _DeadlockError()),
        asyncpg.CannotConnectNowError(),
        asyncpg.TooManyConnectionsError(),
        asyncpg.InterfaceError(""),
    ],
)
def test_what_passes_by_itself_is_tried_again(error: Exception) -> None:
    assert is_transient(error)


@pytest.mark.parametrize(
    "error",
    [ValueError(), KeyError(), IntegrityError("", None, _DuplicateError()), asyncpg.CheckViolationError()],
)
def test_what_does_not_pass_is_not_tried_again(error: Exception) -> None:
    assert not is_transient(error)


class _Row(msgspec.Struct):
    no: str
    name: str | None = None


def test_rows_for_a_statement_keep_their_defaults() -> None:
    assert json_rows([_Row("A"), {"no": "B"}]) == '[{"no":"A","name":null},{"no":"B"}]'


@pytest.mark.parametrize(
    "url", ["postgresql://u:p@h/d", "postgresql+asyncpg://u:p@h/d", "postgres://u:p@h/d"]
)
def test_database_urls_may_name_a_driver(url: str) -> None:
    assert plain_url(url) == "postgresql://u:p@h/d"


def test_another_database_is_refused() -> None:
    with pytest.raises(ValueError, match="mysql"):
        plain_url("mysql://u:p@h/d")


class _Topic(msgspec.Struct):
    name: str
    compacted: bool
    partitions: int | None = None


def test_document_topics_forget_after_their_retention_and_master_topics_never() -> None:
    settings = ServiceSettings(database_url="postgresql://h/d", kafka_bootstrap="h:1")
    documents = _configuration(settings, _Topic("a", compacted=False))
    assert documents["retention.ms"] == str(14 * 86_400_000)
    masters = _configuration(settings, _Topic("b", compacted=True))
    assert masters["cleanup.policy"] == "compact"
    assert "retention.ms" not in masters
    assert documents["max.message.bytes"] == "16777216"
    assert documents["message.timestamp.type"] == "LogAppendTime"
