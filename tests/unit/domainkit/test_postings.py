"""Which postings make up a part of a line's total."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.values import Posting
from domainkit.postings import covered


def postings(*quantities: int, undone: frozenset[int] = frozenset()) -> list[Posting]:
    return [
        Posting(
            posting_id=UUID(int=i),
            quantity=Decimal(quantity),
            posting_date=date(2026, 3, 2),
            undone=i in undone,
        )
        for i, quantity in enumerate(quantities)
    ]


def numbers(found: tuple[Posting, ...]) -> list[int]:
    return [posting.posting_id.int for posting in found]


@pytest.mark.parametrize(
    ("after", "quantity", "expected"),
    [(0, 5, [0, 1]), (0, 3, [0]), (2, 2, [0, 1]), (3, 3, [1, 3]), (5, 4, [3]), (9, 1, []), (0, 0, [])],
)
def test_a_part_is_made_up_of_the_postings_that_overlap_it(
    after: int, quantity: int, expected: list[int]
) -> None:
    """BC-DS-26: of receipts of 3, 2, 7 (undone) and 4."""
    made = postings(3, 2, 7, 4, undone=frozenset({2}))
    assert numbers(covered(made, Decimal(after), Decimal(quantity))) == expected


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_posting_by_posting_each_is_billed_once(quantities: list[int]) -> None:
    made, total, billed = postings(*quantities), Decimal(0), []
    for quantity in quantities:
        billed += numbers(covered(made, total, Decimal(quantity)))
        total += quantity
    assert billed == list(range(len(quantities)))
