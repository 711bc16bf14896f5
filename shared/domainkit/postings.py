"""Postings of a line: which of them make up a part of its total, and how many an order has room for.

An order carries all its postings in its event, and an event is one Kafka message. Each line has an equal share of the
room, so that whoever posts a line needs to know only that line: purchasing decides the receipts of drop shipments, and
the shipments that sales makes of them always fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final, TypeVar

import msgspec

from contracts.fields import MAX_LINES
from contracts.refusals import Violations
from contracts.values import Posting
from domainkit.money import ZERO

P = TypeVar("P", bound=Posting)

ROOM_BYTES: Final = 12 * 1024 * 1024
"""Of all postings of an order. The lines themselves take up to 2 MiB more, together less than `MAX_EVENT_BYTES`."""
_POSTING_BYTES: Final = 1000
"""More than the longest posting takes, with a carrier and a tracking number of 50 characters of 4 bytes."""


def covered(postings: Iterable[P], after: Decimal, quantity: Decimal) -> tuple[P, ...]:
    """The standing postings that moved the next `quantity` once the line's total was `after`, the oldest first.

    Invoices bill in this order, and a delivery that was posted before is answered with these.
    """
    found: list[P] = []
    total = ZERO
    for posting in postings:
        if posting.undone:
            continue
        before, total = total, total + posting.quantity
        if total > after and before < after + quantity:
            found.append(posting)
    return tuple(found)


def check_room(
    found: Violations, line_no: int, postings: Sequence[Posting], lines: int, pointer: str = ""
) -> None:
    """`too-many-postings` unless one more fits the line's share in an order of so many lines."""
    if _size(postings) + _POSTING_BYTES <= ROOM_BYTES // max(lines, 1):
        return
    found.conflict(
        "too-many-postings",
        f"line {line_no} has {len(postings)} postings: an order of {lines} lines has no room for more of a line; "
        "order the rest on another one",
        pointer,
        line_no=line_no,
        postings=len(postings),
    )


def has_room_for_lines(postings: Iterable[Sequence[Posting]], lines: int) -> bool:
    """Whether the postings of each line would fit their share in an order of so many lines."""
    share = ROOM_BYTES // max(lines, 1)
    return all(_size(of_line) <= share for of_line in postings)


def _size(postings: Sequence[Posting]) -> int:
    """Bytes in the event: never less than they take, and exact once they could be too many."""
    most = len(postings) * _POSTING_BYTES
    return most if most + _POSTING_BYTES <= ROOM_BYTES // MAX_LINES else len(msgspec.json.encode(postings))
