"""What a false event froze in other services is mended by operators' commands, with what it brought about."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

import asyncpg
import msgspec

from contracts.topics import KINDS
from deploy.local import LocalStack
from deploy.local.client import Koppel, until
from eventkit.envelope import HeaderWriter, Message
from eventkit.kafka_sink import KafkaSink
from servicekit.settings import ServiceSettings
from tests.e2e.acts import DEADLINE_S, open_order, order_when, release
from tests.support import events

LATER = 1000
"""Versions that a false event is ahead of the true one: plausible, so that it is believed."""


async def copy_of(stack: LocalStack, service: str, kind: str, no: str) -> dict[str, Any]:
    """The snapshot that a service has of another's aggregate, once it has one."""
    connection = await asyncpg.connect(stack.database_url(service))
    query = "SELECT body FROM copy WHERE kind = $1 AND no = $2"
    try:
        body = await until(
            lambda: connection.fetchval(query, kind, no),
            lambda found: found is not None,
            deadline_s=DEADLINE_S,
        )
    finally:
        await connection.close()
    return dict(msgspec.json.decode(body))


async def forge(stack: LocalStack, kind: str, no: str, snapshot: Mapping[str, Any]) -> None:
    """Publish a snapshot as its owner would."""
    known = KINDS[kind]
    settings = ServiceSettings(
        database_url="",
        kafka_bootstrap=stack.kafka_bootstrap,
        topic_prefix=stack.settings.topic_prefix,
        partitions=stack.settings.partitions,
    )
    body = msgspec.json.encode(snapshot)
    event = events.outbox_event(known, no, msgspec.json.decode(body, type=known.model))
    sink = KafkaSink(settings, "forger")
    await sink.start()
    try:
        headers = HeaderWriter(known.owner).headers(event)
        await sink.send([Message(known.topic, known.message_key(no).encode(), body, headers)])
    finally:
        await sink.stop()


async def forget(stack: LocalStack, kind: str, no: str, *services: str) -> None:
    """The repair that docs/running.md names."""
    for service in services:
        await stack.command(service, "copies", "forget", kind, no)
    await stack.command(KINDS[kind].owner, "republish", kind, "--key", no)


async def requisition_lines(koppel: Koppel, no: str) -> list[dict[str, Any]]:
    found = await koppel.planning.get("/requisition-lines", sales_order_no=no, status="open")
    return list(found["items"])


async def test_a_sales_order_that_a_false_event_deleted_is_followed_again(
    koppel: Koppel, stack: LocalStack
) -> None:
    """Planning had been made to give up a purchase, purchasing to complain of its link."""
    order = await release(koppel, "C100", [{"item_no": "1100", "quantity": "3"}])
    no, purchase_no = order["no"], order["lines"][0]["sourcing"]["purchase_order_no"]
    true = await copy_of(stack, "planning", "sales-order", no)
    await forge(stack, "sales-order", no, true | {"version": true["version"] + LATER, "deleted": True})

    async def problem() -> Any:
        return (await koppel.purchasing.get(f"/purchase-orders/{purchase_no}"))["lines"][0].get("problem")

    messages = await until(lambda: requisition_lines(koppel, no), bool, deadline_s=DEADLINE_S)
    assert [line["action_message"] for line in messages] == ["cancel"]
    assert await until(problem, bool, deadline_s=DEADLINE_S)

    await forget(stack, "sales-order", no, "planning", "purchasing")
    await until(lambda: requisition_lines(koppel, no), lambda lines: lines == [], deadline_s=DEADLINE_S)
    await until(problem, lambda found: found is None, deadline_s=DEADLINE_S)
    after = await koppel.sales.get(f"/sales-orders/{no}")
    assert after["lines"][0]["sourcing"]["purchase_order_no"] == purchase_no


async def test_a_line_that_a_false_event_took_away_is_bought_after_all(
    koppel: Koppel, stack: LocalStack
) -> None:
    order = await open_order(koppel, "C100", [{"item_no": "1100", "quantity": "3"}], automation="requisition")
    no = order["no"]
    await koppel.sales.post(f"/sales-orders/{no}/release")
    await until(lambda: requisition_lines(koppel, no), bool, deadline_s=DEADLINE_S)
    true = await copy_of(stack, "planning", "sales-order", no)
    await forge(stack, "sales-order", no, true | {"version": true["version"] + LATER, "lines": []})
    await until(lambda: requisition_lines(koppel, no), lambda lines: lines == [], deadline_s=DEADLINE_S)
    await forget(stack, "sales-order", no, "planning", "purchasing")
    (line,) = await until(lambda: requisition_lines(koppel, no), bool, deadline_s=DEADLINE_S)
    assert Decimal(line["quantity"]) == 3


async def test_receipts_that_never_were_are_taken_back(koppel: Koppel, stack: LocalStack) -> None:
    """A false purchase order had granted sales what nobody received."""
    order = await release(koppel, "C100", [{"item_no": "1100", "quantity": "2"}])
    no, purchase_no = order["no"], order["lines"][0]["sourcing"]["purchase_order_no"]
    true = await copy_of(stack, "planning", "purchase-order", purchase_no)
    receipt = {
        "posting_id": str(uuid4()),
        "quantity": "2",
        "posting_date": true["order_date"],
        "link_id": true["lines"][0]["link"]["link_id"],
        "base": "0",
    }
    line = true["lines"][0] | {"receipts": [receipt]}
    await forge(
        stack, "purchase-order", purchase_no, true | {"version": true["version"] + LATER, "lines": [line]}
    )
    await order_when(koppel, no, lambda o: o["lines"][0]["sourcing"]["state"] == "received")
    await forget(stack, "purchase-order", purchase_no, "sales", "planning")
    await order_when(koppel, no, lambda o: o["lines"][0]["sourcing"]["state"] == "ordered")
