"""How the body of an order is read: looked through for card numbers, then by the kit's reader."""

from __future__ import annotations

import json
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from hypothesis import given
from hypothesis import strategies as st
from starlette.requests import Request
from starlette.types import Message

from contracts.refusals import Refusal
from httpkit.bodies import BodyReader
from httpkit.problems import status_of
from httpkit.till_bodies import TillReader
from pos_gateway.app import ROUTES
from pos_gateway.domain.orders.commands import NewOrder
from pos_gateway.http.bodies import BatchReader

CARD = "4111111111111111"
BODY: dict[str, Any] = {
    "transaction": {"store_no": "s1", "terminal_no": "T1", "business_date": "2026-03-02", "sequence": 1},
    "occurred_at": "2026-03-02T10:14:58+01:00",
    "customer_no": "C1",
    "new_customer": None,
    "lines": [
        {
            "item_no": "1",
            "quantity": 1.5,
            "unit_price": "2.50",
            "fulfilment": {"mode": "ship", "address": {"city": None}},
        }
    ],
    "approval_ids": ["01930000-0000-7000-8000-000000000100"],
}


async def read(body: bytes) -> NewOrder:
    async def receive() -> Message:
        return {"type": "http.request", "body": body}

    app = FastAPI()
    app.state.records = None  # no number that the body names is looked up
    request = Request({"type": "http", "method": "POST", "headers": [], "app": app}, receive)
    order = await TillReader(NewOrder)(request)
    assert isinstance(order, NewOrder)
    return order


async def outcome(body: bytes) -> NewOrder | Refusal:
    try:
        return await read(body)
    except Refusal as refusal:
        return refusal


async def test_numbers_are_read_as_they_are_stored() -> None:
    assert (await read(json.dumps(BODY).encode())).transaction.store_no == "S1"


async def test_b28_a_leap_second_is_the_second_before_it() -> None:
    order = await read(json.dumps(BODY | {"occurred_at": "2026-12-31T23:59:60Z"}).encode())

    assert order.occurred_at.second == 59


@pytest.mark.parametrize("card", [CARD, "4111 1111 1111 1111"])
async def test_b14_a_card_number_is_all_that_is_said_of_a_body(card: str) -> None:
    refusal = await outcome(json.dumps(BODY | {"receipt_no": card, "colour": "red"}).encode())

    assert isinstance(refusal, Refusal)
    assert [(v.code, v.pointer) for v in refusal.violations] == [("card-number-not-allowed", "/receipt_no")]


async def test_b14_escaped_digits_hide_no_card_number() -> None:
    body = json.dumps(BODY | {"receipt_no": CARD}).replace(CARD, f"4\\u0031{CARD[2:]}").encode()
    assert CARD.encode() not in body

    refusal = await outcome(body)

    assert isinstance(refusal, Refusal)
    assert refusal.code == "card-number-not-allowed"


def test_b14_every_body_that_the_gateway_takes_is_searched() -> None:
    readers = {
        route.name: [dep.call for dep in route.dependant.dependencies if isinstance(dep.call, BodyReader)]
        for module in ROUTES
        for route in module.router.routes
        if isinstance(route, APIRoute)
    }

    assert readers["put_store"]
    for name, found in readers.items():
        assert all(isinstance(reader, TillReader | BatchReader) for reader in found), name


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
async def test_any_value_anywhere_is_taken_or_refused_with_reasons(value: Any, path: str) -> None:
    document = json.loads(json.dumps(BODY))
    *way, last = [int(p) if p.isdigit() else p for p in path.split(".")]
    node = document
    for part in way:
        node = node[part]
    node[last] = value

    found = await outcome(json.dumps(document).encode())

    assert isinstance(found, NewOrder) or (status_of(found) in {400, 422} and found.violations)


@pytest.mark.parametrize("body", [b"[", b"nul", b'{"a":1,}', b"\xff"])
async def test_what_is_no_json_is_malformed(body: bytes) -> None:
    refusal = await outcome(body)

    assert isinstance(refusal, Refusal)
    assert status_of(refusal) == 400
