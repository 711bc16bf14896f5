"""Postings of a line: which of them make up a part of its total, and how many an order has room for.

An order carries all its postings in its event, and an event is one Kafka message. Each line has an equal share of the
room, so that the poster of a line needs to know only that line: purchasing decides the receipts of drop shipments, and
the shipments that sales makes of them always fit.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Final, TypeVar
from uuid import UUID

import msgspec
from msgspec.structs import replace

from contracts.fields import MAX_LINES
from contracts.refusals import Violations
from contracts.values import Posting
from domainkit.money import ZERO


class BilledPosting(Posting, frozen=True, kw_only=True):
    """A movement as its owner keeps it: with what of it is invoiced.

    Movements that were invoiced before this was kept have 0; their line's total says it (`invoiced_by_posting`).
    """

    quantity_invoiced: Decimal = ZERO


P = TypeVar("P", bound=Posting)
B = TypeVar("B", bound=BilledPosting)

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


def invoiced_by_posting(postings: Iterable[B], total: Decimal) -> Mapping[UUID, Decimal]:
    """How much of each standing posting is invoiced; `total` is invoiced of the line.

    What the postings do not say themselves counts for the oldest ones.
    """
    standing = [posting for posting in postings if not posting.undone]
    known = {posting.posting_id: posting.quantity_invoiced for posting in standing}
    rest = total - sum(known.values(), ZERO)
    for posting in standing:
        more = min(max(rest, ZERO), posting.quantity - known[posting.posting_id])
        known[posting.posting_id] += more
        rest -= more
    return known


def not_invoiced(postings: Sequence[B], total: Decimal, posting_id: UUID) -> Decimal:
    """What is left to invoice of one posting; 0 of one that was undone."""
    found = invoiced_by_posting(postings, total)
    posting = next((p for p in postings if p.posting_id == posting_id and not p.undone), None)
    return ZERO if posting is None else posting.quantity - found[posting_id]


def billed(
    postings: Sequence[B], total: Decimal, quantity: Decimal, posting_id: UUID | None = None
) -> tuple[tuple[B, ...], tuple[UUID, ...]]:
    """The postings after so much more was invoiced, and those that this bills: the oldest, or the one named."""
    found = dict(invoiced_by_posting(postings, total))
    rest = quantity
    billing: list[UUID] = []
    for posting in postings:
        if posting.undone or posting_id not in {None, posting.posting_id}:
            continue
        share = min(rest, posting.quantity - found[posting.posting_id])
        if share > 0:
            found[posting.posting_id] += share
            rest -= share
            billing.append(posting.posting_id)
    return _with_shares(postings, found), tuple(billing)


def credited(
    postings: Sequence[B], total: Decimal, quantity: Decimal, posting_ids: Collection[UUID]
) -> tuple[B, ...]:
    """The postings after an invoice of so much, which billed these, was taken back: the newest first."""
    found = dict(invoiced_by_posting(postings, total))
    rest = quantity
    for posting in reversed(postings):
        if posting.posting_id in posting_ids and posting.posting_id in found:
            share = min(rest, found[posting.posting_id])
            found[posting.posting_id] -= share
            rest -= share
    return _with_shares(postings, found)


def _with_shares(postings: Iterable[B], shares: Mapping[UUID, Decimal]) -> tuple[B, ...]:
    return tuple(replace(p, quantity_invoiced=shares.get(p.posting_id, ZERO)) for p in postings)


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
