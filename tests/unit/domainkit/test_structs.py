"""Structs that are made of others with the same fields."""

from __future__ import annotations

import msgspec
import pytest

from domainkit.structs import extended


class Line(msgspec.Struct, frozen=True, kw_only=True):
    no: int
    quantity: int = 0


class Kept(Line, frozen=True, kw_only=True):
    hidden: str = "secret"

    @property
    def doubled(self) -> int:
        return self.quantity * 2


class Shown(Line, frozen=True, kw_only=True):
    doubled: int
    note: str


KEPT = Kept(no=1, quantity=3)


def test_shared_fields_and_properties_are_taken_over() -> None:
    assert extended(Shown, KEPT, note="x") == Shown(no=1, quantity=3, doubled=6, note="x")


def test_what_is_given_goes_before_what_the_source_has() -> None:
    assert extended(Shown, KEPT, note="x", doubled=7).doubled == 7


def test_a_required_field_that_neither_has_is_an_error() -> None:
    with pytest.raises(TypeError, match="note"):
        extended(Shown, KEPT)
