"""What of a batch is new, and what is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from contracts.topics import KINDS
from eventkit.consumer import Subscription
from eventkit.copying import Copy
from eventkit.envelope import Record
from eventkit.incoming import Incoming
from eventkit.plausible import VersionBound

VENDOR: Subscription[Any] = Subscription(KINDS["vendor"])
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BY_TYPE: dict[str, Subscription[Any]] = {VENDOR.kind.event_type: VENDOR}


def record(
    offset: int, no: str, version: int, *, type_: str = VENDOR.kind.event_type, value: bytes = b""
) -> Record:
    headers = {
        "ce_type": type_,
        "ce_source": "/koppel/purchasing",
        "ce_subject": no,
        "ce_id": f"e-{offset}",
    }
    return Record(
        topic="purchasing.master.v1",
        partition=0,
        offset=offset,
        key=f"vendor/{no}".encode(),
        value=value or f'{{"version":{version},"no":"{no}"}}'.encode(),
        headers=tuple((name, text.encode()) for name, text in headers.items()),
    )


def incoming(*records: Record, copies: dict[str, int] | None = None, days_ago: int = 0) -> Incoming:
    made = Incoming(records, BY_TYPE)
    received_at = NOW - timedelta(days=days_ago)
    known = {("vendor", no): Copy(version, "{}", received_at) for no, version in (copies or {}).items()}
    made.compare(known, VersionBound(100, NOW))
    return made


def numbers(events: list[Any]) -> list[tuple[str, int]]:
    return [(event.no, event.version) for event in events]


def test_the_newest_version_of_each_aggregate_stands_at_its_own_place() -> None:
    batch = incoming(record(0, "A", 1), record(1, "B", 1), record(2, "A", 2))
    assert numbers(batch.of(VENDOR)[0]) == [("B", 1), ("A", 2)]
    assert [r.offset for r in batch.superseded] == [0]


def test_an_older_version_after_a_newer_one_is_superseded_and_stale() -> None:
    batch = incoming(record(0, "A", 2), record(1, "A", 1), record(2, "B", 1))
    assert numbers(batch.of(VENDOR)[0]) == [("A", 2), ("B", 1)]
    assert [r.offset for r in batch.superseded] == [1]
    assert batch.stale(VENDOR) == ["A"]


def test_what_is_not_newer_than_its_copy_is_known() -> None:
    batch = incoming(record(0, "A", 2), record(1, "B", 2), record(2, "C", 2), copies={"A": 1, "B": 2, "C": 3})
    fresh, known = batch.of(VENDOR)
    assert (numbers(fresh), numbers(known)) == ([("A", 2)], [("B", 2), ("C", 2)])
    assert batch.stale(VENDOR) == ["C"]


def test_a_change_has_the_snapshot_and_the_copy_before_it() -> None:
    batch = Incoming([record(0, "A", 2)], BY_TYPE)
    copy = Copy(1, '{"version":1,"no":"A","name":"before"}', NOW)
    batch.compare({("vendor", "A"): copy}, VersionBound(100, NOW))
    ((event,), _) = batch.of(VENDOR)
    change = batch.change(event)
    assert (change.new.version, change.old and change.old.name) == (2, "before")


def test_a_version_too_far_ahead_of_the_copy_is_implausible_and_displaces_nothing() -> None:
    batch = incoming(
        record(0, "A", 2),
        record(1, "A", 102),
        record(2, "A", 3),
        record(3, "B", 101),
        copies={"A": 1, "B": 1},
    )
    assert numbers(batch.of(VENDOR)[0]) == [("B", 101), ("A", 3)]
    assert [(e.record.offset, str(error)) for e, error in batch.implausible] == [
        (1, "version 102 follows 1: more than 100 changes a day in 1 day")
    ]
    assert [r.offset for r in batch.superseded] == [0]
    assert batch.stale(VENDOR) == []


def test_an_aggregate_whose_every_version_is_implausible_is_left_alone() -> None:
    batch = incoming(record(0, "A", 2**53 - 1), copies={"A": 1})
    assert (batch.of(VENDOR), list(batch.superseded), batch.stale(VENDOR)) == (([], []), [], [])


@pytest.mark.parametrize(("days", "version"), [(0, 101), (1, 201), (99, 10_001)])
def test_the_bound_grows_with_the_time_since_the_copy_was_received(days: int, version: int) -> None:
    true = incoming(record(0, "A", version), copies={"A": 1}, days_ago=days)
    false = incoming(record(0, "A", version + 1), copies={"A": 1}, days_ago=days)
    assert (numbers(true.of(VENDOR)[0]), len(false.implausible)) == ([("A", version)], 1)


def test_what_was_never_seen_may_be_old() -> None:
    assert numbers(incoming(record(0, "A", 100_000)).of(VENDOR)[0]) == [("A", 100_000)]
    assert len(incoming(record(0, "A", 100_001)).implausible) == 1


def test_kinds_that_are_not_read_are_skipped_and_what_breaks_the_contract_is_undecodable() -> None:
    batch = incoming(
        record(0, "A", 1, type_="koppel.item-vendor.v1"), record(1, "B", 1, value=b"{"), record(2, "C", 1)
    )
    assert [r.offset for r in batch.skipped] == [0]
    assert [r.offset for r, _ in batch.undecodable] == [1]
    assert numbers(batch.of(VENDOR)[0]) == [("C", 1)]


def test_states_that_a_subscription_does_not_want_are_skipped_like_kinds_that_are_not_read() -> None:
    open_only = replace(VENDOR, wants=lambda vendor: not vendor.blocked)
    closed = record(0, "A", 2, value=b'{"version":2,"no":"A","blocked":"all"}')
    batch = Incoming([closed, record(1, "B", 1)], {VENDOR.kind.event_type: open_only})
    assert [r.offset for r in batch.skipped] == [0]
    assert list(batch.newest) == [("vendor", "B")]
