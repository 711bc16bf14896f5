"""Finding orders, customers and items at a till (POS-60)."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contracts.channel import ChannelTransaction, LineProgress
from tests.integration.pos_gateway.shop import Till, line, open_shop, sold
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


async def test_pos_60_orders_are_found_by_how_their_goods_reach_the_customer(till: Till) -> None:
    picked = await made(till, line())
    lines, paid = [line("ship"), line("carry_out")], [{"method": "cash", "amount": "100.00"}]
    order = till.order(lines=lines, payments=paid, balance_cards=[{"card_token": "t"}])
    both = (await till.submit(order)).json()["confirmation_no"]

    assert await search(till, fulfilment_mode="pickup") == [picked]
    assert await search(till, fulfilment_mode="ship") == [both]
    assert await search(till, fulfilment_mode="carry_out,pickup") == [both, picked]
    bad = await till.gateway.send(
        "GET", "/customer-orders", token=till.token, params={"fulfilment_mode": "drone"}
    )
    assert (bad.status_code, codes(bad)) == (422, ["not-allowed"])


async def test_p6_orders_whose_goods_are_there_are_found(till: Till) -> None:
    """POS-60: from free stock (of 7 ropes at the store 2 are for others), and what was received for a special order."""
    few = await made(till, line(quantity="2"))
    many = await made(till, line(quantity="6"))
    boxed = await made(till, line(unit_of_measure_code="BOX"))
    special = await made(till, line(purchasing_code="SPECIAL", quantity="3"))
    shipped = await made(till, line("ship"))
    before = await search(till, ready="true")
    for no in (few, many, boxed, special, shipped):
        await synchronized(till, no)
    in_stock = await search(till, ready="true")
    await synchronized(till, special, version=3, received="3")

    assert (before, in_stock) == ([], [few])
    assert await search(till, ready="true") == [special, few]
    assert await search(till, ready="false") == [shipped, boxed, many]


async def test_pos_60_an_order_is_found_by_the_receipt_of_a_later_act(till: Till) -> None:
    """P6."""
    no = await made(till, line(quantity="2"))
    await pick_up(till, no, receipt_no="R-2")

    assert await search(till, order_no="R-2") == [no]


async def test_p2_the_timeline_shows_each_stage_and_act_once(till: Till) -> None:
    """POS-121: another store's order has none."""
    no = await made(till, line(quantity="2"))
    await till.gateway.post("/pull-jobs/P-0001/run", {}, expect=200)
    await pick_up(till, no)
    await synchronized(till, no, version=3)
    await synchronized(till, no, version=4)

    shown = await till.gateway.get(f"/customer-orders/{no}/timeline", token=till.token)
    other = await open_shop(till.gateway, store_no="S3")
    foreign = await till.gateway.send("GET", f"/customer-orders/{no}/timeline", token=other.token)

    assert [(i["happened"], i["service"], i["by"]) for i in shown["items"]] == [
        ("confirmed", "pos-gateway", "W-S1"),
        ("pulled", "pos-gateway", "system:pull-job"),
        ("pickup", "pos-gateway", "W-S1"),
        ("synchronized", "sales", ""),
    ]
    assert (foreign.status_code, codes(foreign)) == (404, ["unknown-customer-order"])


async def made(till: Till, *lines: dict[str, Any]) -> str:
    order = till.order(lines=list(lines), balance_cards=[{"card_token": "t"}])
    answer = await till.submit(order)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["confirmation_no"])


async def pick_up(till: Till, no: str, **more: Any) -> None:
    lines = [{"line_no": 10000, "quantity": "1"}]
    body = till.act(lines=lines, payments=[{"method": "cash", "amount": "100.00"}], **more)
    answer = await till.carry_out("pickup", no, body)
    assert answer.status_code == 202, answer.text


async def synchronized(till: Till, no: str, *, version: int = 2, received: str = "0") -> None:
    """Sales has made the order, and received so much for its line."""
    (row,) = await till.gateway.sql(
        "SELECT transaction_id FROM customer_order WHERE confirmation_no = $1", no
    )
    nothing = Decimal(0)
    progress = LineProgress(
        line_no=10000,
        quantity_received=Decimal(received),
        quantity_shipped=nothing,
        quantity_invoiced=nothing,
        quantity_returned=nothing,
        quantity_cancelled=nothing,
    )
    said = ChannelTransaction(
        version=version,
        confirmation_no=no,
        transaction_id=row["transaction_id"],
        store_no=till.store_no,
        status="succeeded",
        sales_order_no=no.replace("K-", "S-"),
        lines=(progress,) if progress.quantity_received else (),
    )
    await till.gateway.deliver(("channel-transaction", no, said))


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
    [
        {"status": "lost"},
        {"date": "soon"},
        {"limit": 0},
        {"limit": -1},
        {"cursor": "x"},
        {"ready": "yes"},
        {"limit": 1_000_000},
    ],
)
async def test_a_bad_filter_is_refused(till: Till, filters: dict[str, Any]) -> None:
    """B31."""
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


async def test_pos_116_a_worker_who_may_not_recall_finds_and_opens_no_orders(till: Till) -> None:
    """POS-112: a terminal still reads; what the worker sells itself is answered."""
    worker = {"name": "Kim", "store_nos": ["S1"]}
    await till.gateway.put("/workers/W-S1", worker | {"permissions": ["create_order", "pickup_lines"]})
    no = await sold(till, "1")
    paths = ["", f"/{no}", f"/{no}/invoices", f"/{no}/timeline"]
    refused = [await till.gateway.send("GET", f"/customer-orders{x}", token=till.token) for x in paths]

    for answer in refused:
        assert (answer.status_code, codes(answer)) == (403, ["permission-missing"])
        assert answer.json()["errors"][0]["permission"] == "recall"
    at_terminal = await till.gateway.get(f"/customer-orders/{no}", token=till.terminal_token)
    assert at_terminal["confirmation_no"] == no
    await till.gateway.put("/workers/W-S1", worker | {"permissions": ["recall"]})
    for path in paths:
        assert (await till.gateway.send("GET", f"/customer-orders{path}", token=till.token)).is_success


async def test_pos_121_a_store_opens_its_own_orders_and_those_to_be_picked_up_there(till: Till) -> None:
    """Of others' it knows nothing: B30."""
    here, there = await open_shop(till.gateway, store_no="S2"), line(store_no="S2")
    own, for_both = await sold(till, "1"), await made(till, line(), there)

    assert await search(here) == [for_both]
    assert (await here.show(for_both))["transaction"]["store_no"] == "S1"
    for path in ("", "/invoices", "/timeline"):
        answer = await here.gateway.send("GET", f"/customer-orders/{own}{path}", token=here.token)
        assert (answer.status_code, codes(answer)) == (404, ["unknown-customer-order"])


async def test_availability_is_that_of_the_store_s_location(till: Till) -> None:
    answer = await till.gateway.send(
        "GET", "/items/1000/availability", token=till.token, params={"stores": "S1"}
    )

    (row,) = answer.json()["items"]
    assert (row["store_no"], row["location_code"], row["available"]) == ("S1", "SHOP1", "5")
    assert row["as_of"]
    unknown = await till.gateway.send("GET", "/items/NONE/availability", token=till.token)
    assert (unknown.status_code, codes(unknown)) == (404, ["unknown-item"])


async def test_what_is_sold_and_not_pulled_yet_is_not_free(till: Till) -> None:
    """P5: 5 pieces are free; 3 of them are sold, and an order before is not short because of one after it.

    The answer at creation says it too, also of an order that is only tried.
    """
    first = await sold(till, "3")
    tried = await till.dry_run(till.order(lines=[line(quantity="3")]))
    answered = (await till.submit(till.order(lines=[line(quantity="3")]))).json()
    second = answered["confirmation_no"]
    for order in (tried.json(), answered):
        assert order["lines"][0]["availability"] == {"available": "2", "earliest_date": "2026-03-05"}
    quote = till.order(kind="quote", lines=[line(quantity="1")])
    assert (await till.submit(quote)).is_success
    answer = await till.gateway.get("/items/1000/availability", token=till.token, stores="S1")
    short = [(await till.show(no))["lines"][0].get("availability") for no in (first, second)]

    assert [row["available"] for row in answer["items"]] == ["-1"]
    assert short == [None, {"available": "2", "earliest_date": "2026-03-05"}]
    await till.gateway.post("/pull-jobs/P-0001/run", {})
    pulled = await till.gateway.get("/items/1000/availability", token=till.token, stores="S1")
    assert [row["available"] for row in pulled["items"]] == ["5"]


async def test_a_wildcard_in_a_search_is_a_letter(till: Till) -> None:
    answer = await till.gateway.send("GET", "/customers", token=till.token, params={"query": "%"})

    assert answer.json()["items"] == []


async def test_an_unknown_query_parameter_is_refused(till: Till) -> None:
    answer = await till.gateway.send("GET", "/customers", token=till.token, params={"name": "x"})

    assert codes(answer) == ["unknown-field"]
