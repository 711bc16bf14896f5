"""What a transaction gives to the relay of its process reaches it once."""

from __future__ import annotations

from contracts.purchasing.masters import Vendor
from contracts.topics import KINDS
from eventkit.handover import Handover
from eventkit.outbox import OutboxRow
from tests.support.events import outbox_event

ROW = OutboxRow(7, [])


def handover(*, active: bool = True) -> Handover:
    made = Handover()
    if active:
        made.open()
    return made


def test_a_row_that_was_announced_and_given_is_taken_once() -> None:
    h = handover()
    h.announce([ROW])
    assert not h.waiting
    h.give([ROW])
    assert (h.waiting, h.take(100), h.take(100)) == (True, [ROW], [])


def test_a_row_that_the_relay_reads_before_it_is_given_is_left_out() -> None:
    h = handover()
    h.announce([ROW])
    h.forget([7])
    h.give([ROW])
    assert h.take(100) == []


def test_a_row_that_the_relay_reads_after_it_was_given_is_left_out() -> None:
    h = handover()
    h.announce([ROW])
    h.give([ROW])
    h.forget([7])
    assert h.take(100) == []


def test_a_withdrawn_row_is_not_given() -> None:
    h = handover()
    h.announce([ROW])
    h.withdraw([ROW])
    h.give([ROW])
    assert h.take(100) == []


def test_nothing_is_kept_for_a_relay_that_is_elsewhere() -> None:
    h = handover(active=False)
    h.announce([ROW])
    h.give([ROW])
    h.open()
    assert h.take(100) == []


def test_what_a_relay_left_behind_is_not_taken_by_the_next_one() -> None:
    h = handover()
    h.announce([ROW])
    h.give([ROW])
    h.close()
    h.open()
    assert h.take(100) == []


def test_what_was_announced_before_the_relay_came_here_is_left_to_the_table() -> None:
    """Another relay may have sent it, and newer versions after it."""
    h = handover(active=False)
    h.announce([ROW])
    h.open()
    assert h.give([ROW]) is False
    assert h.take(100) == []


def test_what_is_given_is_taken_in_batches_of_whole_rows() -> None:
    events = [outbox_event(KINDS["vendor"], no, Vendor(version=1, no=no)) for no in ("V1", "V2")]
    rows = [OutboxRow(id_, events) for id_ in range(5)]
    h = handover()
    h.announce(rows)
    assert h.give(rows) is True
    assert [row.id for row in h.take(3)] == [0, 1]
    assert h.waiting
    assert [row.id for row in h.take(100)] == [2, 3, 4]
