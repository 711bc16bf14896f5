"""Which fields of documents and records differ (E7)."""

from __future__ import annotations

from decimal import Decimal
from typing import ClassVar

from msgspec import Struct
from msgspec.structs import replace

from contracts.audit import FieldChange
from domainkit.auditing import differences


class Place(Struct, frozen=True):
    city: str = ""
    street: str = ""


class Line(Struct, frozen=True):
    line_no: int
    quantity: Decimal = Decimal(1)
    moved: Decimal = Decimal(0)

    UNAUDITED: ClassVar = frozenset({"moved"})


class Paper(Struct, frozen=True):
    no: str = ""
    version: int = 1
    happened: tuple[str, ...] = ()
    place: Place = Place()
    codes: tuple[str, ...] = ()
    lines: tuple[Line, ...] = ()


PAPER = Paper(no="S1", place=Place("Bath"), lines=(Line(10000), Line(20000)))


def test_a_changed_field_has_its_old_and_its_new_value() -> None:
    assert differences(PAPER, replace(PAPER, codes=("A",))) == (
        FieldChange(field="codes", old="[]", new='["A"]'),
    )


def test_a_part_of_a_nested_value_is_named_by_its_path() -> None:
    assert differences(PAPER, replace(PAPER, place=Place("Wells"))) == (
        FieldChange(field="place.city", old="Bath", new="Wells"),
    )


def test_a_field_of_a_line_names_the_line() -> None:
    after = replace(PAPER, lines=(Line(10000), Line(20000, Decimal(5))))
    assert differences(PAPER, after) == (FieldChange(field="quantity", line_no=20000, old="1", new="5"),)


def test_an_added_and_a_removed_line_are_shown_whole() -> None:
    after = replace(PAPER, lines=(Line(10000), Line(30000, Decimal(2))))
    assert differences(PAPER, after) == (
        FieldChange(field="line", line_no=30000, new='{"line_no":30000,"quantity":"2"}'),
        FieldChange(field="line", line_no=20000, old='{"line_no":20000}'),
    )


def test_versions_and_what_the_model_leaves_out_are_no_changes() -> None:
    moved = replace(PAPER, version=2, happened=("moved",), lines=(Line(10000, moved=Decimal(1)), Line(20000)))
    assert differences(PAPER, moved) == ()


def test_a_new_record_shows_the_fields_that_were_given() -> None:
    assert differences(None, Paper(no="S2", place=Place("Bath"))) == (
        FieldChange(field="no", new="S2"),
        FieldChange(field="place", new='{"city":"Bath","street":""}'),
    )
