"""The pull job hands orders over once, and orders follow what sales makes of them (POS-91 to POS-105)."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import text

from contracts.channel import ChannelOrder, ChannelTransaction
from contracts.topics import KINDS
from contracts.values import Problem
from eventkit.consumer import Batch, Change
from eventkit.context import Context
from eventkit.transaction import Database
from pos_gateway.jobs.pull import interval_s, run_pull_job
from pos_gateway.store import changing, stages
from pos_gateway.store.gauges import OrderGauges
from pos_gateway.store.snapshots import SNAPSHOTS
from pos_gateway.use_cases.follow_channel_transactions import follow_channel_transactions
from pos_gateway.use_cases.pull_orders import publish_pending
from tests.integration.pos_gateway.shop import Gateway, Till, line, open_shop, sold
from tests.support.polling import eventually
from tests.support.service import codes

CONTEXT = Context.new("test")
CONFIRMED_CAPTURE = """
INSERT INTO payment_instruction (id, confirmation_no, store_no, kind, number, attempt, method, amount, card_token,
                                 status, requested_at, confirmed_at)
VALUES (gen_random_uuid(), $1, 'S1', 'capture', 1, 1, 'card', 1, '', 'executed', now(), now()) RETURNING id
"""
PENDING = "WHERE status = 'pending'"
WAITING_FOR_A_LOCK = """
SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
AT_THE_GATE = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'advisory'"


async def published_orders(gateway: Gateway) -> list[ChannelOrder]:
    rows = await gateway.sql("SELECT body FROM outbox_event WHERE topic = 'pos.transaction.v1'")
    return [msgspec.json.decode(row[0], type=ChannelOrder) for row in rows]


async def tell(gateway: Gateway, *transactions: ChannelTransaction) -> None:
    """What the consumer does with a batch of events."""
    changes = [
        Change(kind="channel-transaction", no=t.confirmation_no, version=t.version, new=t, context=CONTEXT)
        for t in transactions
    ]
    async with gateway.database.begin() as tx:
        await follow_channel_transactions(tx, Batch(changes))


def of(
    order: dict[str, Any], transaction_id: UUID, version: int, status: str, **more: Any
) -> ChannelTransaction:
    return ChannelTransaction(
        version=version,
        confirmation_no=order["confirmation_no"],
        transaction_id=transaction_id,
        store_no="S1",
        status=status,
        **more,
    )


async def pulled(till: Till) -> tuple[dict[str, Any], UUID]:
    order = (await till.submit(till.order())).json()
    await till.gateway.send("POST", "/pull-jobs/P-0001/run", {})
    (sent,) = [
        o for o in await published_orders(till.gateway) if o.confirmation_no == order["confirmation_no"]
    ]
    return order, sent.transaction_id


async def test_p10_what_sales_has_not_made_is_counted_with_its_age(till: Till) -> None:
    """POS-108."""
    await pulled(till)
    await till.submit(till.order())
    await till.gateway.sql(
        "UPDATE order_stage SET received_at = now() - interval '1 hour' WHERE status = 'pulled'"
    )

    async with till.gateway.database.read() as conn:
        read = {gauge.name: gauge.values for gauge in await OrderGauges().read(conn)}

    assert read["koppel_pos_unsynchronized"] == [({"status": "pending"}, 1.0), ({"status": "pulled"}, 1.0)]
    assert 3600 <= read["koppel_pos_unsynchronized_age_seconds"][1][1] < 3700


async def test_a_run_by_hand_publishes_what_waits(till: Till) -> None:
    body = till.order(
        lines=[
            line("ship", tax_pct="19", purchasing_code="special", discount="10.00"),
            line(unit_of_measure_code="box"),
        ],
        balance_cards=[{"card_token": "tok_1"}],
    )
    order = (await till.submit(body)).json()

    answer = await till.gateway.send("POST", "/pull-jobs/P-0001/run", {})

    assert (answer.status_code, answer.json()) == (200, {"pulled": 1, "pending": 0})
    assert (await till.show(order["confirmation_no"]))["status"] == "pulled"
    (sent,) = await published_orders(till.gateway)
    assert sent.confirmation_no == order["confirmation_no"]
    assert sent.happened == ("pulled",)
    assert (sent.customer_no, sent.currency_code, sent.worker_id) == ("C100", "EUR", "W-S1")
    assert [(x.line_no, x.mode, x.purchasing_code, x.unit_of_measure_code) for x in sent.lines] == [
        (10000, "ship", "SPECIAL", "PCS"),
        (20000, "pickup", "", "BOX"),
    ]
    assert sent.lines[0].address is not None
    assert str(sent.totals.total) == "207.10"


async def test_a_second_run_finds_nothing(till: Till) -> None:
    """B26."""
    await till.submit(till.order())
    await till.gateway.send("POST", "/pull-jobs/P-0001/run", {})

    again = await till.gateway.send("POST", "/pull-jobs/P-0001/run", {})

    assert again.json() == {"pulled": 0, "pending": 0}
    assert len(await published_orders(till.gateway)) == 1


async def test_a_run_for_one_store_leaves_the_others(till: Till) -> None:
    other = await open_shop(till.gateway, store_no="S2")
    await till.submit(till.order())
    await other.submit(other.order())

    answer = await till.gateway.send("POST", "/pull-jobs/P-0001/run", {"store_nos": ["s2"]})

    assert answer.json() == {"pulled": 1, "pending": 0}
    assert [o.transaction.store_no for o in await published_orders(till.gateway)] == ["S2"]


async def test_two_runs_at_once_publish_each_order_once(till: Till) -> None:
    await asyncio.gather(*(till.submit(till.order()) for _ in range(40)))

    async def run() -> int:
        async with till.gateway.database.begin() as tx:
            return await publish_pending(tx, 15, None, CONTEXT)

    counts = await asyncio.gather(run(), run(), run(), run())

    sent = [o.confirmation_no for o in await published_orders(till.gateway)]
    assert sum(counts) == len(sent) == len(set(sent)) == 40


async def test_p1_an_edit_that_commits_while_orders_are_pulled_goes_to_sales(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pull has seen the stage before the edit and locks it after: what it publishes is the order after."""
    no = await sold(till)
    gated = stages.PULL.text.replace(PENDING, f"{PENDING} AND pg_advisory_xact_lock(1)::text IS NOT NULL")
    assert gated != stages.PULL.text
    monkeypatch.setattr(stages, "PULL", text(gated))
    await till.gateway.sql("SELECT pg_advisory_lock(1)")

    pull = asyncio.create_task(till.gateway.send("POST", "/pull-jobs/P-0001/run", {}))
    await eventually(lambda: till.gateway.sql(AT_THE_GATE), bool)
    edit = await till.carry_out("edit", no, till.act(lines=[{"line_no": 10000, "quantity": "7"}]))
    await till.gateway.sql("SELECT pg_advisory_unlock(1)")

    assert (edit.status_code, edit.json()["status"]) == (202, "pending"), edit.text
    assert (await pull).json() == {"pulled": 1, "pending": 0}
    (sent,) = await published_orders(till.gateway)
    assert ([str(x.quantity) for x in sent.lines], sent.version) == (["7"], 2)


async def test_the_interval_is_set_over_the_api_and_may_be_a_fraction(gateway: Gateway) -> None:
    answer = await gateway.send("PUT", "/pull-jobs/P-0001", {"interval_s": 0.2})

    assert answer.json()["interval_s"] == 0.2
    assert (await gateway.send("GET", "/pull-jobs")).json()["items"][0]["interval_s"] == 0.2
    assert await interval_s(gateway.database) == 0.2


async def test_pos_108_a_late_order_is_warned_of_with_its_reason(till: Till) -> None:
    """15 minutes after it came; a job that is off keeps it back, else one that has ended or has too much to do."""
    await till.submit(till.order())
    await till.gateway.sql("UPDATE order_stage SET received_at = now() - interval '14 minutes'")
    in_time = await till.gateway.get("/pull-jobs/P-0001")
    await till.gateway.sql("UPDATE order_stage SET received_at = now() - interval '15 minutes'")
    ended = await till.gateway.get("/pull-jobs/P-0001")
    await till.gateway.sql("UPDATE pull_job SET last_run_at = now()")
    busy = await till.gateway.get("/pull-jobs/P-0001")
    off = await till.gateway.put("/pull-jobs/P-0001", {"interval_s": 0})
    await till.gateway.post("/pull-jobs/P-0001/run", {})
    done = await till.gateway.get("/pull-jobs/P-0001")

    assert [x["warning"] for x in (in_time, ended, busy)] == [None, "job-ended", "backlog"]
    assert [x["warning"] for x in (off, done)] == ["job-off", None]


async def test_the_job_says_what_waits_and_since_when(till: Till) -> None:
    """POS-108."""
    await till.submit(till.order())

    (job,) = (await till.gateway.send("GET", "/pull-jobs")).json()["items"]

    assert (job["id"], job["pending"], job["last_run_at"]) == ("P-0001", 1, None)
    assert job["oldest_pending_age_s"] >= 0


async def test_a_job_runs_only_when_it_is_due(till: Till) -> None:
    await till.submit(till.order())
    await run_pull_job(till.gateway.database)
    await till.submit(till.order())
    await run_pull_job(till.gateway.database)

    assert len(await published_orders(till.gateway)) == 1


async def test_an_interval_of_zero_is_by_hand_only(till: Till) -> None:
    await till.gateway.send("PUT", "/pull-jobs/P-0001", {"interval_s": 0})
    await till.submit(till.order())

    await run_pull_job(till.gateway.database)

    assert await published_orders(till.gateway) == []
    assert await interval_s(till.gateway.database) == 0


async def test_an_unknown_job_is_not_found(gateway: Gateway) -> None:
    run = await gateway.send("POST", "/pull-jobs/P-9/run", {})

    assert (run.status_code, codes(run)) == (404, ["unknown-pull-job"])
    assert (await gateway.send("GET", "/pull-jobs/P-9")).status_code == 404
    assert (await gateway.send("PUT", "/pull-jobs/P-9", {"interval_s": 1})).status_code == 404


async def test_an_order_follows_its_transaction_to_its_sales_order(till: Till) -> None:
    """POS-87, POS-89: the confirmation number stays, and the order is found by the sales order's number too."""
    order, transaction_id = await pulled(till)

    await tell(till.gateway, of(order, transaction_id, 2, "succeeded", sales_order_no="S-1001"))

    shown = await till.show(order["confirmation_no"])
    assert (shown["status"], shown["sales_order_no"], shown["version"]) == ("synchronized", "S-1001", 1)
    found = await till.gateway.send(
        "GET", "/customer-orders", token=till.token, params={"order_no": "s-1001"}
    )
    assert [o["confirmation_no"] for o in found.json()["items"]] == [order["confirmation_no"]]


async def test_orders_that_follow_sales_are_locked_in_the_order_of_their_numbers(till: Till) -> None:
    """In whichever order the events come: acts lock several orders so, and must not wait for each other in a ring."""
    one, two = [await pulled(till) for _ in range(2)]
    said = [of(*each, 2, "succeeded", sales_order_no="S-1") for each in (two, one)]
    async with till.gateway.database.begin() as tx:
        await changing.lock(tx, [one[0]["confirmation_no"]])
        following = asyncio.create_task(tell(till.gateway, *said))
        await eventually(lambda: till.gateway.sql(WAITING_FOR_A_LOCK), bool)
        await changing.lock(
            tx, [two[0]["confirmation_no"]]
        )  # ends in a deadlock if `following` had it already
    await following

    assert [(await till.show(x["confirmation_no"]))["status"] for x, _ in (one, two)] == ["synchronized"] * 2


async def test_a_failure_is_shown_with_its_reasons_and_goes_away(till: Till) -> None:
    order, transaction_id = await pulled(till)
    error = Problem(code="unknown-customer", detail="customer C100 does not exist")

    await tell(till.gateway, of(order, transaction_id, 2, "failed", errors=(error,)))
    failed = await till.show(order["confirmation_no"])
    await tell(till.gateway, of(order, transaction_id, 3, "succeeded", sales_order_no="S-1"))
    healed = await till.show(order["confirmation_no"])

    assert (failed["status"], failed["errors"][0]["code"]) == ("failed", "unknown-customer")
    assert (healed["status"], healed["errors"]) == ("synchronized", [])


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("channel-order", "UPDATE customer_order SET version = version"),
        ("capture-outcome", "UPDATE payment_instruction SET status = status"),
    ],
)
async def test_republishing_locks_an_order_as_acts_do(till: Till, kind: str, change: str) -> None:
    """The stage first: else an act that holds it and a republication wait for each other."""
    order, _ = await pulled(till)
    no = order["confirmation_no"]
    (capture,) = await till.gateway.sql(CONFIRMED_CAPTURE, no)
    database = till.gateway.database

    async def republish() -> list[str]:
        async with database.begin() as tx:
            wanted = {"channel-order": no, "capture-outcome": str(capture["id"])}[kind]
            return [each async for each, _ in SNAPSHOTS[kind](tx, [wanted], None, False)]  # noqa: FBT003

    async with database.begin() as tx:
        await changing.lock(tx, [no])
        republishing = asyncio.create_task(republish())
        await eventually(lambda: till.gateway.sql(WAITING_FOR_A_LOCK), bool)
        await tx.run(text(change))  # ends in a deadlock if `republishing` has this row already

    assert len(await republishing) == 1


async def test_an_older_word_of_sales_changes_nothing(till: Till) -> None:
    order, transaction_id = await pulled(till)
    await tell(till.gateway, of(order, transaction_id, 3, "succeeded", sales_order_no="S-1"))

    await tell(till.gateway, of(order, transaction_id, 2, "failed"))

    assert (await till.show(order["confirmation_no"]))["status"] == "synchronized"


async def test_other_words_of_sales(till: Till) -> None:
    order, transaction_id = await pulled(till)
    seen = []
    for version, word in enumerate(("editing", "held", "dead", "unheard-of", "void"), start=2):
        await tell(till.gateway, of(order, transaction_id, version, word))
        seen.append((await till.show(order["confirmation_no"]))["status"])

    assert seen == ["failed", "held", "failed", "failed", "void"]


async def test_an_order_with_goods_carried_out_is_partly_fulfilled(till: Till) -> None:
    body = till.order(lines=[line("carry_out", unit_price="1.00"), line()],
                      payments=[{"method": "cash", "amount": "1.00"}])  # fmt: skip
    order = (await till.submit(body)).json()
    await till.gateway.send("POST", "/pull-jobs/P-0001/run", {})
    (sent,) = await published_orders(till.gateway)

    before = await till.show(order["confirmation_no"])
    made = {"sales_order_no": "S-1", "invoice_no": "SI-1"}
    await tell(till.gateway, of(order, sent.transaction_id, 2, "succeeded", **made))

    after = await till.show(order["confirmation_no"])
    assert (before["settlement"]["invoice_no"], before["lines"][0]["quantity_invoiced"]) == (None, "0")
    assert (after["status"], after["settlement"]["invoice_no"]) == ("partly_fulfilled", "SI-1")
    assert [(x["quantity_picked_up"], x["quantity_invoiced"]) for x in after["lines"]] == [
        ("1", "1"),
        ("0", "0"),
    ]


async def test_a_transaction_of_another_order_under_the_number_changes_nothing(till: Till) -> None:
    order, _ = await pulled(till)

    await tell(till.gateway, of(order, UUID(int=1), 2, "succeeded", sales_order_no="S-1"))

    assert (await till.show(order["confirmation_no"]))["status"] == "pulled"


async def test_a_new_customer_gets_its_number_from_sales(till: Till) -> None:
    first = (await till.submit(till.order(customer_no=None, new_customer={"name": "Neu"}))).json()
    await till.gateway.send("POST", "/pull-jobs/P-0001/run", {})
    (sent,) = await published_orders(till.gateway)
    assert sent.new_customer is not None
    assert str(sent.new_customer.id) == first["customer_id"]

    await tell(
        till.gateway, of(first, sent.transaction_id, 2, "succeeded", sales_order_no="S-1", customer_no="C1")
    )

    shown = await till.show(first["confirmation_no"])
    assert (shown["customer_no"], shown["customer_id"]) == ("C1", None)
    later = await till.submit(till.order(customer_no=None, customer_id=first["customer_id"]))
    assert later.json()["customer_no"] == "C1"


async def test_republishing_gives_what_was_pulled(till: Till) -> None:
    order, _ = await pulled(till)
    await till.submit(till.order())

    async def numbers(database: Database, *, open_only: bool) -> list[str]:
        async with database.begin() as tx:
            return [no async for no, _ in SNAPSHOTS["channel-order"](tx, None, None, open_only)]

    assert await numbers(till.gateway.database, open_only=False) == [order["confirmation_no"]]
    async with till.gateway.database.begin() as tx:
        assert [no async for no, _ in SNAPSHOTS["store"](tx, ["S1"], None, False)] == ["S1"]  # noqa: FBT003
    assert KINDS["channel-order"].message_key("K-1") == "K-1"
