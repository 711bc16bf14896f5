"""B14: card numbers."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.refusals import Refusal
from domainkit.cards import is_card_number, may_hold_card_number, refuse_card_numbers

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
    "between", [".", "/", "_", "  ", "\u00a0", "\u200b", " - ", "\u2011", "·", "\u0301", ", "]
)
def test_any_grouping_is_seen_through(between: str) -> None:
    grouped = between.join(["4111", "1111", "1111", "1111"])
    assert is_card_number(grouped)
    assert may_hold_card_number(f'{{"card_token": "{grouped}"}}'.encode())


@pytest.mark.parametrize(
    "text",
    [
        "４１１１１１１１１１１１１１１１",  # full width
        "٤١١١١١١١١١١١١١١١",  # Arabic-Indic
        "4¹¹¹111111111111",
        "4 1 1 1 1 1 1 1 1 1 1 1 1 1 1 1",
        "card: 4111 1111 1111 1111, 12/27, 123",
        "+4111111111111111",  # longer than any telephone number
    ],
)
def test_any_kind_of_digit_is_seen(text: str) -> None:
    assert is_card_number(text)
    assert may_hold_card_number(f'{{"name": "{text}"}}'.encode())


@pytest.mark.parametrize(
    "text",
    [
        "2223-00-31T22:00:03.122003+22:00",
        "2026-03-02T22:21:05.123456+02:00",
        "+49 (176) 1234-5678",
        "0049 7531 123456",
        "tok_4111aaaa11111111",
        "4111-1111-1111-1111-abc",
        "Seeweg 4, 78462 Konstanz, 2. OG",
        "100 x 200 x 300 mm, 4 Stück, 1.500,00",
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


@given(st.text(max_size=80) | st.text("0123456789 .-/üé٣４", max_size=60))
def test_the_quick_look_sees_whatever_the_long_look_sees(text: str) -> None:
    if is_card_number(text):
        assert may_hold_card_number(msgspec.json.encode({"note": text}))


@given(before=st.text("0123456789 /", max_size=8), between=st.sampled_from(["", " ", ".", "\u2009"]))
def test_a_card_is_seen_behind_other_numbers(before: str, between: str) -> None:
    grouped = between.join(["5500", "0000", "0000", "0004"])
    assert is_card_number(f"{before} {grouped}")


@pytest.mark.parametrize(
    "repeated", ["1 ", "4111 ", "1 1 1 1 1 1 1 1 1 1 1 1 a ", "1" + " " * 1000, "1", "é1 "]
)
@pytest.mark.timeout(60)
def test_a_look_takes_time_in_proportion_to_the_length(repeated: str) -> None:
    """The largest body is looked at, and a text of a tenth of it closely; in proportion to its square: hours."""
    document = f'{{"note": "{repeated * (4_000_000 // len(repeated.encode()))}"}}'.encode()
    may_hold_card_number(document)
    is_card_number(repeated * (400_000 // len(repeated)))


def test_a_trade_items_number_is_no_card() -> None:
    refuse_card_numbers({"lines": [{"item_no": "4006381333931"}, {"item_no": "4222222222222"}]})

    with pytest.raises(Refusal):
        refuse_card_numbers({"lines": [{"item_no": CARDS[0]}]})


def test_a_number_with_a_point_is_looked_at_too() -> None:
    with pytest.raises(Refusal):
        refuse_card_numbers({"amount": Decimal("4111111111111111.0"), "huge": Decimal("1E+999999")})


def test_a_refusal_names_the_field_and_not_the_number() -> None:
    document = {"lines": [{"note": f"pay with {CARDS[0]}"}], CARDS[1]: 1, "amount": int(CARDS[0])}

    with pytest.raises(Refusal) as refusal:
        refuse_card_numbers(document)

    assert {v.code for v in refusal.value.violations} == {"card-number-not-allowed"}
    assert {"/lines/0/note", "/amount"} <= {v.pointer for v in refusal.value.violations}
    assert all("1111" not in f"{v.pointer}{v.detail}{v.members}" for v in refusal.value.violations)


@pytest.mark.parametrize(
    "document",
    [
        {"note": "1 2 " * 1_000_000},
        {"lines": [{"note": "9 8 7 6 " * 400} for _ in range(1200)]},
        {"lines": [{"note": "９ 8 " * 900} for _ in range(900)]},
    ],
)
@pytest.mark.timeout(60)
def test_a_whole_document_of_loose_digits_is_looked_at_briefly(document: dict[str, object]) -> None:
    """A body of 4 MB of them; in proportion to the square of its length it would take hours."""
    with pytest.raises(Refusal):
        refuse_card_numbers(document)


def test_long_texts_without_many_digits_are_no_cards() -> None:
    refuse_card_numbers({"note": "Bitte bis März liefern, Straße 12. " * 1000})
    refuse_card_numbers({"lines": [{"note": "Größe 44, ab 2026-03-02"} for _ in range(1000)]})
