"""Reads the body of the hottest route: one pass for what is in order, a careful look at what is not."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from contracts.refusals import Refusal, Violation
from httpkit import jsonbody
from pos_gateway.domain.cards import may_hold_card_number, refuse_card_numbers
from pos_gateway.domain.new_order import NewOrder
from pos_gateway.http.shapes import differences

_LEAP_SECOND = re.compile(r"([Tt]\d\d:\d\d):60")
_decode = msgspec.json.Decoder(NewOrder).decode


def order_in(body: bytes) -> NewOrder:
    """The wish in a request's body. Malformed: 400; wrong in any field: 422 with all of them; see `domain.cards`."""
    # Only escaped, or as DEL, can control characters stand in JSON: without either there is none.
    if b"\\" not in body and b"\x7f" not in body and not may_hold_card_number(body):
        try:
            return _decode(body)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            pass  # the careful reading says what it is
    return _read_carefully(body)


def _read_carefully(body: bytes) -> NewOrder:
    document = jsonbody.decode(body)
    refuse_card_numbers(document)
    _settle_leap_second(document)
    found = tuple(differences(document, NewOrder))
    if found:
        raise Refusal(*found)
    try:
        return msgspec.convert(document, NewOrder)
    except msgspec.ValidationError as e:
        raise Refusal(Violation("invalid", str(e))) from None


def _settle_leap_second(document: Any) -> None:
    """A till's clock may show the 60th second; it is taken for the one before (B28)."""
    if isinstance(document, dict) and isinstance(at := document.get("occurred_at"), str):
        document["occurred_at"] = _LEAP_SECOND.sub(r"\1:59", at)
