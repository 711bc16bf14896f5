"""Postings of a line: which of them make up a part of its total."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

from contracts.values import Posting
from domainkit.money import ZERO

P = TypeVar("P", bound=Posting)


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
