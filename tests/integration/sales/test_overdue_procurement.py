"""A released line that nobody buys is noticed: in the exceptions, and by an alarm on the metrics."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from contracts.values import Problem
from sales.store.gauges import LineGauges
from tests.integration.sales.rig import Sales
from tests.integration.sales.samples import SPECIAL, STOCK, demand, purchase, purchase_line


async def exceptions(sales: Sales) -> dict[str, Any]:
    """The problem of each line that needs a person, by order."""
    items = (await sales.get("/exceptions"))["items"]
    return {item["sales_order_no"]: item["sourcing"] for item in items}


async def released_long_ago(sales: Sales, *orders: Any) -> None:
    nos = [order["no"] for order in orders]
    await sales.sql("UPDATE sales_order SET released_at = now() - interval '1 hour' WHERE no = ANY($1)", nos)


async def test_a_released_line_that_is_not_bought_in_time_is_an_exception(sales: Sales) -> None:
    late, fresh = await sales.released(SPECIAL, STOCK), await sales.released(SPECIAL)
    await sales.order(SPECIAL)
    await sales.deliver(demand(late, 1, "requested"))
    await released_long_ago(sales, late)

    found = await exceptions(sales)

    assert found.keys() == {late["no"]}
    assert found[late["no"]]["state"] == "requested"
    assert found[late["no"]]["problem"]["code"] == "overdue-procurement"
    listed = (await sales.get("/sales-lines", sales_order_no=late["no"]))["items"]
    assert [item["sourcing"]["problem"] and item["sourcing"]["problem"]["code"] for item in listed] == [
        "overdue-procurement",
        None,
    ]
    assert fresh["no"] not in found

    await sales.deliver(purchase("P-1", 1, purchase_line(late)))
    assert await exceptions(sales) == {}


async def test_why_a_line_is_not_bought_is_said_rather_than_that_it_is_late(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    why = Problem(code="below-minimum", detail="the vendor delivers 10 or more")
    await sales.deliver(demand(order, 1, "requisitioned", problem=why))
    await released_long_ago(sales, order)
    assert (await exceptions(sales))[order["no"]]["problem"]["code"] == "below-minimum"


async def test_a_line_whose_order_is_opened_again_is_not_late_and_its_time_starts_anew(sales: Sales) -> None:
    order = await sales.released(SPECIAL)
    await released_long_ago(sales, order)
    await sales.post(f"/sales-orders/{order['no']}/reopen")
    assert await exceptions(sales) == {}
    await sales.post(f"/sales-orders/{order['no']}/release")
    assert await exceptions(sales) == {}


async def test_metrics_tell_the_stages_the_exceptions_and_the_oldest_line_that_is_not_bought(
    sales: Sales,
) -> None:
    late, refused = await sales.released(SPECIAL), await sales.released(SPECIAL)
    bought = await sales.released(SPECIAL)
    await sales.deliver(demand(late, 1, "requested"), purchase("P-1", 1, purchase_line(bought)))
    await sales.deliver(demand(refused, 1, "exception", problem=Problem(code="c", detail="d")))
    await released_long_ago(sales, late)

    gauges = LineGauges(timedelta(minutes=15))
    async with sales.database.read() as conn:
        read = {g.name: g.values for g in await gauges.read(conn)}

    assert read["koppel_sales_lines"] == [
        ({"state": "exception"}, 1.0),
        ({"state": "ordered"}, 1.0),
        ({"state": "requested"}, 1.0),
    ]
    assert read["koppel_sales_exceptions"] == [({}, 1.0)]
    assert read["koppel_sales_overdue_procurements"] == [({}, 1.0)]
    ((_, age),) = read["koppel_sales_procurement_age_seconds"]
    assert 3600 <= age < 3700


async def test_metrics_count_releases_links_and_the_time_between(sales: Sales) -> None:
    before = await counted(sales)
    order = await sales.released(SPECIAL)
    link = purchase("P-1", 1, purchase_line(order))
    for _ in range(2):
        await sales.deliver(link)
    after = await counted(sales)
    assert after["released"] - before["released"] == 1
    assert after["linked"] - before["linked"] == 1
    assert after["measured"] - before["measured"] == 1
    assert 0 < after["seconds"] - before["seconds"] < 60


async def counted(sales: Sales) -> dict[str, float]:
    page = (await sales.client.get("/metrics")).text
    found = {"released": 0.0, "linked": 0.0, "measured": 0.0, "seconds": 0.0}
    names = {
        "koppel_sales_lines_linked_total": "linked",
        "koppel_sales_release_to_link_seconds_count": "measured",
        "koppel_sales_release_to_link_seconds_sum": "seconds",
    }
    for family in text_string_to_metric_families(page):
        for sample in family.samples:
            labels = sample.labels
            if sample.name in names:
                found[names[sample.name]] = sample.value
            if sample.name == "koppel_happened_total" and labels["kind"] == "sales-order":
                found[labels["happened"]] = sample.value
    return found
