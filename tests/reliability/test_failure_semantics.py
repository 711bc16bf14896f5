"""What the running stack survives: architecture's failure semantics, each shown on real processes.

Every test disturbs the stack, heals it, and then asks the databases whether anything was lost or bought twice.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import Any
from uuid import uuid4

import pytest

from deploy.errors import StackError
from deploy.local.client import Api, Koppel, Refused, until
from deploy.local.demo.sample import Till
from deploy.local.settings import SERVICES
from deploy.local.stack import LocalStack
from tests.e2e.acts import linked, open_order, order_when, post_till_order, receive, release, synchronized
from tests.reliability.checkers import drained, execute, fetch, links_are_conserved
from tests.reliability.poison import send_poison
from tests.reliability.repeated_requests import a_client

FLAGGED = [
    {"item_no": "1000", "quantity": "1"},
    {"item_no": "1100", "quantity": "2"},
    {"item_no": "1200", "quantity": "1"},
]
FAILPOINTS = ("after_commit", "after_send", "before_mark", "after_db_commit_before_offset", "mid_batch")
BACK_OFFICE = ("sales", "planning", "purchasing")


async def test_committed_means_on_disk(stack: LocalStack) -> None:
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        assert await fetch(stack, "sales", f"SHOW {setting}") == [{setting: "on"}]


async def test_till_orders_are_accepted_while_the_back_office_is_stopped(
    stack: LocalStack, koppel: Koppel, till: Till
) -> None:
    """Flow 4, POS-16's promise without HQ: 202 now, a sales order with its purchases once HQ is back."""
    processes = [f"{service}-{role}" for service in BACK_OFFICE for role in ("serve", "work")]
    await asyncio.gather(*(stack.stop(process) for process in processes))
    confirmed, response = await post_till_order(till)
    assert response.status_code == 202
    pulled = await koppel.pos.post("/pull-jobs/P-0001/run", {})
    assert pulled["pending"] == 0
    await asyncio.gather(*(stack.start(process) for process in processes))
    shown = await synchronized(koppel, till, confirmed["confirmation_no"])
    await linked(koppel, shown["sales_order_no"])
    await links_are_conserved(stack)


async def test_http_writes_go_on_while_kafka_is_down_and_arrive_when_it_is_back(
    stack: LocalStack, koppel: Koppel
) -> None:
    """B32, failure semantics 7: the outbox keeps what Kafka cannot take; readiness says degraded."""
    await stack.kill("kafka")
    orders = [await open_order(koppel, "C100", FLAGGED) for _ in range(3)]
    for order in orders:
        await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    (waiting,) = await fetch(stack, "sales", "SELECT count(*) AS n FROM outbox")
    assert waiting["n"] >= 3
    await stack.start("kafka")
    for order in orders:
        await linked(koppel, order["no"])
    await drained(stack)
    await links_are_conserved(stack)


async def test_database_down_answers_503_with_retry_after_and_heals(
    stack: LocalStack, koppel: Koppel
) -> None:
    """Failure semantics 7: an act is refused for now, never half done."""
    await stack.kill("postgres")
    with pytest.raises(Refused) as refused:
        await open_order(koppel, "C100", FLAGGED)
    assert refused.value.status == 503
    await stack.start("postgres")
    order = await until(lambda: _order_or_none(koppel), lambda o: o is not None, deadline_s=30, every_s=0.2)
    assert order is not None
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    await linked(koppel, order["no"])


async def test_kill_9_of_every_worker_while_orders_flow_buys_each_line_once(
    stack: LocalStack, koppel: Koppel
) -> None:
    """Failure semantics 3 and 6: `kill -9` is as safe as SIGTERM."""
    orders = [await open_order(koppel, "C200", FLAGGED) for _ in range(40)]
    for i, service in enumerate(SERVICES):
        releases = [koppel.sales.post(f"/sales-orders/{order['no']}/release") for order in orders[i::4]]
        await asyncio.gather(*releases, stack.kill(f"{service}-work"))
    await asyncio.gather(*(stack.start(f"{service}-work") for service in SERVICES))
    for order in orders:
        await linked(koppel, order["no"])
    await drained(stack)
    await links_are_conserved(stack)


async def test_kill_9_while_lines_change_ends_each_request_and_buys_each_line_once(
    stack: LocalStack, koppel: Koppel
) -> None:
    """G5: lines whose purchase is there, is on its way, or was sent; every operation ends, both sides agree."""
    lines = [{"item_no": "1100", "quantity": "5"}]
    orders = [await open_order(koppel, "C100", lines) for _ in range(18)]
    for order in orders[:6]:
        await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    for order in orders[:3]:
        purchase_no = (await linked(koppel, order["no"]))["lines"][0]["sourcing"]["purchase_order_no"]
        await koppel.purchasing.post(f"/purchase-orders/{purchase_no}/send", {"method": "download"})

    async def change(client: Koppel, order: dict[str, Any], quantity: int) -> str:
        await client.sales.post(f"/sales-orders/{order['no']}/release")
        path = f"/sales-orders/{order['no']}/lines/10000/change-requests"
        return str((await client.sales.post(path, {"quantity": quantity}))["id"])

    operations: list[str] = []
    async with a_client(stack) as client:
        for i, service in enumerate(BACK_OFFICE):
            asking = [change(client, order, 8 if j % 2 else 3) for j, order in enumerate(orders[i::3])]
            _, answered = await asyncio.gather(stack.kill(f"{service}-work"), asyncio.gather(*asking))
            operations += answered
    await asyncio.gather(*(stack.start(f"{service}-work") for service in BACK_OFFICE))
    statuses = [await _ended(koppel, id_) for id_ in operations]
    assert set(statuses) == {"succeeded", "refused"}, "a sent order takes no lower quantity"
    for order in orders:
        await linked(koppel, order["no"])
    await drained(stack)
    await links_are_conserved(stack)


async def test_kill_9_while_goods_are_given_away_and_dates_follow_moves_each_once(
    stack: LocalStack, koppel: Koppel
) -> None:
    """E5, G17: goods of one order go to another and are bought again; a moved sale's purchase is carried out."""
    lines = [{"item_no": "1100", "quantity": "2"}]
    orders = [await release(koppel, "C100", lines) for _ in range(9)]
    givers, takers, movers = orders[:3], orders[3:6], orders[6:]
    for order in givers:
        await receive(koppel, order["lines"][0]["sourcing"]["purchase_order_no"])
        await order_when(koppel, order["no"], lambda o: o["lines"][0]["sourcing"]["state"] == "received")
    messages = [await _moved_message(koppel, order) for order in movers]

    async def give(client: Koppel, giver: dict[str, Any], taker: dict[str, Any]) -> str:
        path = f"/sales-orders/{giver['no']}/lines/10000"
        await client.sales.post(f"{path}/reallocate", {"to_sales_order_no": taker["no"], "to_line_no": 10000})
        resolved = await client.sales.post(f"{path}/resolve-exception", {"answer": "procure_again"})
        return str(resolved["id"])

    async def carry_out(client: Koppel, message: str) -> str:
        body = {"line_ids": [message]}
        run = await client.planning.post("/requisition-worksheets/DEFAULT/carry-out", body)
        return str(run["id"])

    given, carried = [], []
    urls = {service: stack.url(service) for service in SERVICES}
    # Each a client that has seen nothing of the other's acts: it would wait for the workers that are dead.
    async with Koppel(urls, stack.token()) as seller, Koppel(urls, stack.token()) as planner:
        for service, giver, taker, message in zip(BACK_OFFICE, givers, takers, messages, strict=True):
            acts = (give(seller, giver, taker), carry_out(planner, message))
            _, resolution, run = await asyncio.gather(stack.kill(f"{service}-work"), *acts)
            given.append(resolution)
            carried.append(run)
    await asyncio.gather(*(stack.start(f"{service}-work") for service in BACK_OFFICE))
    assert {await _ended(koppel, id_) for id_ in given} == {"succeeded"}
    assert {await _ended(koppel, id_, "planning") for id_ in carried} == {"succeeded"}
    for order in givers:
        again = await linked(koppel, order["no"])
        assert again["lines"][0]["sourcing"]["generation"] == 2
    for order in movers:
        purchase_no = order["lines"][0]["sourcing"]["purchase_order_no"]
        bought = (await koppel.purchasing.get(f"/purchase-orders/{purchase_no}"))["lines"][0]
        assert bought["expected_receipt_date"] == "2999-01-01"
    await drained(stack)
    await links_are_conserved(stack)
    question = "SELECT balance FROM allocation WHERE sales_order_no = ANY($1)"
    for side, balance in ((givers, 0), (takers, 2)):
        rows = await fetch(stack, "planning", question, [order["no"] for order in side])
        assert [row["balance"] for row in rows] == [balance] * 3


async def _moved_message(koppel: Koppel, order: dict[str, Any]) -> str:
    """The id of planning's message that the order's purchase shall follow its sale to another day."""
    path = f"/sales-orders/{order['no']}"
    await koppel.sales.post(f"{path}/reopen")
    await koppel.sales.patch(f"{path}/lines/10000", {"shipment_date": "2999-01-01"})
    await koppel.sales.post(f"{path}/release")
    found = await until(
        lambda: koppel.planning.get("/requisition-lines", sales_order_no=order["no"]),
        lambda page: bool(page["items"]),
        deadline_s=40,
    )
    return str(found["items"][0]["id"])


async def _ended(koppel: Koppel, operation_id: str, service: str = "sales") -> str:
    path, api = f"/operations/{operation_id}", getattr(koppel, service)
    ended = await until(lambda: api.get(path), lambda o: o["status"] != "running", deadline_s=40, every_s=0.2)
    return str(ended["status"])


@pytest.mark.parametrize("point", FAILPOINTS)
async def test_dying_at_a_failpoint_loses_and_repeats_nothing(
    stack: LocalStack, koppel: Koppel, point: str
) -> None:
    """B33: each worker dies at the named point once; its successor ends the work, and no line is bought twice.

    So it does with a bought line that changes at the same time (G5): its request ends, and both sides agree.
    """
    bought = await release(koppel, "C100", FLAGGED)
    await drained(stack)

    async def armed(worker: str) -> None:
        await stack.stop(worker)
        with suppress(StackError):  # work may be waiting: it can die before it has said that it is ready
            await stack.start(worker, KOPPEL_FAILPOINT=point)

    async def succeeded(worker: str) -> None:
        await until(lambda: _runs(stack, worker), lambda running: not running, deadline_s=40)
        await stack.start(worker)

    workers = [f"{service}-work" for service in BACK_OFFICE]
    await asyncio.gather(*map(armed, workers))
    order = await open_order(koppel, "C100", FLAGGED)
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    request = f"/sales-orders/{bought['no']}/lines/20000/change-requests"
    operation = await koppel.sales.post(request, {"quantity": "5"})
    await asyncio.gather(*map(succeeded, workers))
    await linked(koppel, order["no"])
    assert await _ended(koppel, operation["id"]) == "succeeded"
    await drained(stack)
    await links_are_conserved(stack)


async def test_replaying_every_topic_from_the_start_has_no_second_effect(
    stack: LocalStack, koppel: Koppel
) -> None:
    """B32, failure semantics 3: everything is delivered again from the beginning, and nothing happens."""
    await release(koppel, "C100", FLAGGED)
    await drained(stack)
    before = await _everything_bought(stack)
    for service in SERVICES:
        await stack.stop(f"{service}-work")
        await execute(stack, service, "UPDATE consumer_offset SET next = 0")
    await asyncio.gather(*(stack.start(f"{service}-work") for service in SERVICES))
    await drained(stack)
    assert await _everything_bought(stack) == before
    await links_are_conserved(stack)


async def test_a_poison_event_parks_alone_and_the_others_flow(stack: LocalStack, koppel: Koppel) -> None:
    """B32, P8, failure semantics 4: parked with its error, visible, discarded by a person; nobody waits for it."""
    poisoned = f"S-POISON-{uuid4().hex[:6]}".upper()
    await send_poison(stack, topic="sales.order.v1", key=poisoned, event_type="koppel.sales-order.v1")
    await release(koppel, "C100", FLAGGED)

    for reader in (koppel.purchasing, koppel.planning):
        parked = partial(_parked, reader, poisoned)
        (event,) = await until(parked, lambda found: len(found) == 1, deadline_s=20)
        assert (event["reason"], event["status"]) == ("undecodable", "parked")
        assert event["error"]
        await reader.post(f"/parked/{event['id']}/discard", {"note": "not an order"})
        assert await parked() == []


async def _parked(reader: Api, subject: str) -> list[dict[str, Any]]:
    """What cannot be decoded is known by its headers alone."""
    found = await reader.get("/parked")
    whole = [await reader.get(f"/parked/{x['id']}") for x in found["items"]]
    return [x for x in whole if x["headers"]["ce_subject"] == subject]


async def test_a_lost_copy_is_restored_by_republishing(stack: LocalStack, koppel: Koppel) -> None:
    """Failure semantics 8: the same versions again, through the outbox; who has them already does nothing."""
    order = await release(koppel, "C100", FLAGGED)
    await drained(stack)
    before = await _everything_bought(stack)
    await execute(stack, "purchasing", "DELETE FROM copy WHERE kind = 'sales-order' AND no = $1", order["no"])
    async with a_client(stack) as stranger:
        assert await _copy_or_none(stranger, order["no"]) is None
        await stack.command("sales", "republish", "sales-order", "--key", order["no"])
        copy = await until(
            lambda: _copy_or_none(stranger, order["no"]), lambda c: c is not None, deadline_s=20
        )
    assert copy is not None
    assert copy["version"] == order["version"]
    await drained(stack)
    assert await _everything_bought(stack) == before


async def test_a_worker_that_hung_loses_its_lease_and_does_no_harm_when_it_wakes(
    stack: LocalStack, koppel: Koppel
) -> None:
    """Failure semantics 2: a worker that hangs loses its lease; when it wakes up it does no harm."""
    stack.pause("sales-work")
    order = await open_order(koppel, "C100", FLAGGED)
    await koppel.sales.post(f"/sales-orders/{order['no']}/release")
    await until(lambda: _leases(stack), lambda leases: leases == 0, deadline_s=20)
    stack.resume("sales-work")
    await order_when(koppel, order["no"], lambda o: o["lines"][1]["sourcing"]["state"] == "ordered")
    await links_are_conserved(stack)


async def _leases(stack: LocalStack) -> int:
    """How many sessions hold a lease of sales."""
    query = "SELECT count(*) AS n FROM pg_stat_activity WHERE application_name LIKE 'koppel lease %'"
    (sessions,) = await fetch(stack, "sales", f"{query} AND datname = current_database()")
    return int(sessions["n"])


async def _runs(stack: LocalStack, name: str) -> bool:
    return stack.children[name].running


async def _order_or_none(koppel: Koppel) -> dict[str, Any] | None:
    try:
        return await open_order(koppel, "C100", FLAGGED)
    except Refused as refused:
        if refused.status != 503:
            raise
        return None


async def _copy_or_none(koppel: Koppel, no: str) -> dict[str, Any] | None:
    try:
        return dict(await koppel.purchasing.get(f"/copies/sales-order/{no}"))
    except Refused as refused:
        if refused.status != 404:
            raise
        return None


async def _everything_bought(stack: LocalStack) -> dict[str, int]:
    counts = {
        "purchase orders": ("purchasing", "SELECT count(*) AS n FROM purchase_order"),
        "links": ("purchasing", "SELECT count(*) AS n FROM purchase_link"),
        "demands": ("planning", "SELECT count(*) AS n FROM demand"),
        "requisitions": ("planning", "SELECT count(*) AS n FROM requisition_line"),
        "ledger entries": ("planning", "SELECT count(*) AS n FROM item_ledger_entry"),
        "sales orders": ("sales", "SELECT count(*) AS n FROM sales_order"),
        "shipments": ("sales", "SELECT count(*) AS n FROM posted_sales_shipment"),
        "till orders": ("pos_gateway", "SELECT count(*) AS n FROM customer_order"),
    }
    return {name: (await fetch(stack, *query))[0]["n"] for name, query in counts.items()}
