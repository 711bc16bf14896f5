"""Finding orders, customers and items at a till (POS-60)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.pos_gateway.shop import Till, line
from tests.support.service import codes


async def search(till: Till, **filters: Any) -> list[str]:
    answer = await till.gateway.send("GET", "/customer-orders", token=till.token, params=filters)
    assert answer.status_code == 200, answer.text
    return [o["confirmation_no"] for o in answer.json()["items"]]


async def test_orders_are_found_by_what_is_known_of_them(till: Till) -> None:
    late = line()
    late["fulfilment"]["date"] = "2026-05-01"
    first = (await till.submit(till.order(receipt_no="R-1"))).json()["confirmation_no"]
    second = (await till.submit(till.order(customer_no="C200", lines=[late]))).json()["confirmation_no"]

    assert await search(till) == [second, first]
    assert await search(till, order_no="r-1") == [first]
    assert await search(till, customer_no="c200") == [second]
    assert await search(till, status="pending") == [second, first]
    assert await search(till, status="pulled") == []
    assert await search(till, pickup_store="S1") == [second, first]
    assert await search(till, pickup_store="S2") == []
    assert await search(till, date="2026-05-01") == [second]


async def test_pages_of_a_search_meet_without_gap(till: Till) -> None:
    made = [(await till.submit(till.order())).json()["confirmation_no"] for _ in range(5)]
    found: list[str] = []
    cursor = ""
    while True:
        page = (
            await till.gateway.send(
                "GET", "/customer-orders", token=till.token, params={"limit": 2, "cursor": cursor}
            )
        ).json()
        found += [o["confirmation_no"] for o in page["items"]]
        if not (cursor := page["next_cursor"]):
            break

    assert found == made[::-1]


@pytest.mark.parametrize(
    "filters",
    [{"status": "lost"}, {"date": "soon"}, {"limit": 0}, {"limit": -1}, {"cursor": "x"}, {"ready": "true"}],
)
async def test_a_bad_filter_is_refused(till: Till, filters: dict[str, Any]) -> None:
    answer = await till.gateway.send("GET", "/customer-orders", token=till.token, params=filters)

    assert answer.status_code == 422


@pytest.mark.parametrize("no", ["..%2F..", "%00", "x" * 500, "K-999999"])
async def test_b30_strange_numbers_are_not_found(till: Till, no: str) -> None:
    answer = await till.gateway.send("GET", f"/customer-orders/{no}", token=till.token)

    assert answer.status_code in {404, 422}


async def test_customers_are_found_by_number_or_name(till: Till) -> None:
    by_no = (await till.gateway.send("GET", "/customers", token=till.token, params={"query": "c10"})).json()[
        "items"
    ]
    by_name = (
        await till.gateway.send("GET", "/customers", token=till.token, params={"query": "ROWING"})
    ).json()["items"]

    assert [c["no"] for c in by_no] == ["C100"]
    assert [(c["no"], c["name"]) for c in by_name] == [("C300", "Rowing Club")]
    assert by_no[0]["as_of"]


async def test_items_are_found_with_their_state(till: Till) -> None:
    found = (await till.gateway.send("GET", "/items", token=till.token, params={"query": "19"})).json()[
        "items"
    ]

    assert [(i["no"], i["blocked"]) for i in found] == [("1900", True)]


async def test_availability_is_that_of_the_store_s_location(till: Till) -> None:
    answer = await till.gateway.send(
        "GET", "/items/1000/availability", token=till.token, params={"stores": "S1"}
    )

    (row,) = answer.json()["items"]
    assert (row["store_no"], row["location_code"], row["available"]) == ("S1", "SHOP1", "5")
    assert row["as_of"]


async def test_a_wildcard_in_a_search_is_a_letter(till: Till) -> None:
    answer = await till.gateway.send("GET", "/customers", token=till.token, params={"query": "%"})

    assert answer.json()["items"] == []


async def test_an_unknown_query_parameter_is_refused(till: Till) -> None:
    answer = await till.gateway.send("GET", "/customers", token=till.token, params={"name": "x"})

    assert codes(answer) == ["unknown-field"]
