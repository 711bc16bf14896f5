"""The two ways of reading a body agree: what the quick one takes, the careful one takes as the same."""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contracts.refusals import Refusal
from httpkit.problems import status_of
from pos_gateway.domain.new_order import NewOrder
from pos_gateway.http import reading
from pos_gateway.http.shapes import differences

BODY: dict[str, Any] = {
    "transaction": {"store_no": "S1", "terminal_no": "T1", "business_date": "2026-03-02", "sequence": 1},
    "occurred_at": "2026-03-02T10:14:58+01:00",
    "customer_no": "C1",
    "new_customer": None,
    "lines": [
        {"item_no": "1", "quantity": 1.5, "unit_price": "2.50", "fulfilment": {"mode": "ship", "address": {}}}
    ],
    "approval_ids": ["01930000-0000-7000-8000-000000000100"],
}


def test_both_ways_read_the_same() -> None:
    body = json.dumps(BODY).encode()

    assert reading.order_in(body) == reading._read_carefully(body)


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.integers()
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=6,
    ),
    st.sampled_from([*BODY, "transaction.sequence", "lines.0.quantity", "lines.0.fulfilment", "extra"]),
)
def test_any_value_anywhere_is_taken_or_refused_with_reasons(value: Any, path: str) -> None:
    document = json.loads(json.dumps(BODY))
    *way, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    node = document
    for part in way:
        node = node[part]
    node[last] = value
    body = json.dumps(document).encode()

    outcome = _outcome(body)
    assert isinstance(outcome, NewOrder) or (status_of(outcome) in {400, 422} and outcome.violations)


def _outcome(body: bytes) -> NewOrder | Refusal:
    try:
        return reading.order_in(body)
    except Refusal as refusal:
        return refusal


@pytest.mark.parametrize("body", [b"", b"[", b"nul", b'{"a":1,}', b"\xff"])
def test_what_is_no_json_is_malformed(body: bytes) -> None:
    with pytest.raises(Refusal) as refusal:
        reading.order_in(body)

    assert status_of(refusal.value) == 400


def test_every_difference_has_its_pointer_and_code() -> None:
    document = {
        "transaction": {"store_no": "S" * 21, "terminal_no": 1, "business_date": "soon", "sequence": -1},
        "occurred_at": "2026-03-02T10:14:58",
        "lines": {"quantity": 1},
        "customer_id": "me",
        "payments": [7],
        "colour": "red",
    }

    found = {v.pointer: v.code for v in differences(document, NewOrder)}

    assert found == {
        "/transaction/store_no": "too-long",
        "/transaction/terminal_no": "not-a-text",
        "/transaction/business_date": "not-a-date",
        "/transaction/sequence": "not-a-number",
        "/occurred_at": "offset-required",
        "/lines": "not-a-list",
        "/customer_id": "not-a-uuid",
        "/payments/0": "not-an-object",
        "/colour": "unknown-field",
    }


def test_nothing_differs_where_conversion_succeeds() -> None:
    assert list(differences(BODY, NewOrder)) == []
    assert msgspec.convert(BODY, NewOrder).customer_no == "C1"
