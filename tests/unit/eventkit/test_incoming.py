"""What of a batch is new, and what is not."""

from __future__ import annotations

from typing import Any

from contracts.topics import KINDS
from eventkit.consumer import Subscription
from eventkit.copying import Copy
from eventkit.envelope import Record
from eventkit.incoming import Incoming

VENDOR: Subscription[Any] = Subscription(KINDS["vendor"])
BY_TYPE: dict[str, Subscription[Any]] = {VENDOR.kind.event_type: VENDOR}


def record(
    offset: int, no: str, version: int, *, type_: str = VENDOR.kind.event_type, value: bytes = b""
) -> Record:
    headers = {"ce_type": type_, "ce_subject": no, "ce_id": f"e-{offset}"}
    return Record(
        topic="purchasing.master.v1",
        partition=0,
        offset=offset,
        key=no.encode(),
        value=value or f'{{"version":{version},"no":"{no}"}}'.encode(),
        headers=tuple((name, text.encode()) for name, text in headers.items()),
    )


def incoming(*records: Record, copies: dict[str, int] | None = None) -> Incoming:
    made = Incoming(records, BY_TYPE)
    made.copies = {("vendor", no): Copy(version, "{}") for no, version in (copies or {}).items()}
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
    batch.copies = {("vendor", "A"): Copy(1, '{"version":1,"no":"A","name":"before"}')}
    ((event,), _) = batch.of(VENDOR)
    change = batch.change(event)
    assert (change.new.version, change.old and change.old.name) == (2, "before")


def test_other_types_are_skipped_and_what_breaks_the_contract_is_undecodable() -> None:
    batch = incoming(
        record(0, "A", 1, type_="koppel.unheard-of.v1"), record(1, "B", 1, value=b"{"), record(2, "C", 1)
    )
    assert [r.offset for r in batch.skipped] == [0]
    assert [r.offset for r, _ in batch.undecodable] == [1]
    assert numbers(batch.of(VENDOR)[0]) == [("C", 1)]
