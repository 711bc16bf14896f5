"""B14: card numbers."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.refusals import Refusal
from pos_gateway.domain.cards import is_card_number, may_hold_card_number, refuse_card_numbers

CARDS = [
    "4111111111111111",
    "5500 0000 0000 0004",
    "3782-822463-10005",
    "6011000990139424",
    "2223003122003222",
]


@pytest.mark.parametrize("number", CARDS)
@pytest.mark.parametrize("around", ["{}", "card {} of Anna", "({})"])
def test_a_card_number_is_seen_wherever_it_stands(number: str, around: str) -> None:
    assert is_card_number(around.format(number))


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",  # fails Luhn's check
        "20260302000017",  # a receipt number made of a date
        "+4917612345678",
        "411111111111",
        "12345678901234567890123",
        "0193a2b4-4111-1111-1111-111100000000",
        "",
    ],
)
def test_what_is_no_card_number(text: str) -> None:
    assert not is_card_number(text)


@given(st.uuids(version=4))
def test_an_id_is_never_taken_for_a_card(id_: UUID) -> None:
    assert not is_card_number(str(id_))


@given(before=st.text('ab {}:",[]', max_size=5), number=st.sampled_from(CARDS))
def test_the_quick_look_misses_none(before: str, number: str) -> None:
    assert may_hold_card_number(f'{before}"{number}"'.encode())


def test_a_refusal_names_the_field_and_not_the_number() -> None:
    document = {"lines": [{"note": f"pay with {CARDS[0]}"}], CARDS[1]: 1, "amount": int(CARDS[0])}

    with pytest.raises(Refusal) as refusal:
        refuse_card_numbers(document)

    assert {v.code for v in refusal.value.violations} == {"card-number-not-allowed"}
    assert {"/lines/0/note", "/amount"} <= {v.pointer for v in refusal.value.violations}
    assert all("1111" not in f"{v.pointer}{v.detail}{v.members}" for v in refusal.value.violations)
