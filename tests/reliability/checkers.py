"""Questions to the four databases after a disturbance: is anything lost, doubled or still under way?"""

from __future__ import annotations

from typing import Any, NamedTuple

import asyncpg

from deploy.local import SERVICES, LocalStack
from deploy.local.client import until

DRAIN_DEADLINE_S = 40.0


async def fetch(stack: LocalStack, service: str, query: str, *arguments: Any) -> list[dict[str, Any]]:
    """Rows of a service's database."""
    connection = await asyncpg.connect(stack.database_url(service), timeout=10)
    try:
        return [dict(row) for row in await connection.fetch(query, *arguments, timeout=30)]
    finally:
        await connection.close()


async def execute(stack: LocalStack, service: str, statement: str, *arguments: Any) -> None:
    """Change a service's database behind its back."""
    connection = await asyncpg.connect(stack.database_url(service), timeout=10)
    try:
        await connection.execute(statement, *arguments, timeout=30)
    finally:
        await connection.close()


class Flow(NamedTuple):
    """How far events are: how many are still to come, and how many the services have read in all."""

    pending: int
    read: int


async def drained(stack: LocalStack) -> None:
    """I7: every outbox is empty and every consumer stands at the end of its partitions.

    The databases are asked one after the other: an event can pass between two of them. So nothing may have moved since
    the look before.
    """
    looks: list[Flow] = []

    async def look() -> list[Flow]:
        looks.append(await _flow(stack))
        return looks[-2:]

    def stands(seen: list[Flow]) -> bool:
        return len(seen) > 1 and seen[0] == seen[1] and seen[1].pending == 0

    await until(look, stands, deadline_s=DRAIN_DEADLINE_S, every_s=0.1)


async def _flow(stack: LocalStack) -> Flow:
    outbox = 0
    for service in SERVICES:
        outbox += (await fetch(stack, service, "SELECT count(*) AS n FROM outbox"))[0]["n"]
    lag, read = await _positions(stack)
    return Flow(outbox + lag, read)


async def _positions(stack: LocalStack) -> tuple[int, int]:
    """How many messages the services have not taken into their own positions, and how many they have."""
    from aiokafka import AIOKafkaConsumer, TopicPartition  # noqa: PLC0415 - only this question asks the broker

    positions: dict[TopicPartition, list[int]] = {}
    for service in SERVICES:
        rows = await fetch(stack, service, "SELECT topic, partition, next FROM consumer_offset")
        for row in rows:
            positions.setdefault(TopicPartition(row["topic"], row["partition"]), []).append(row["next"])
    consumer = AIOKafkaConsumer(bootstrap_servers=stack.kafka_bootstrap)
    await consumer.start()
    try:
        ends = await consumer.end_offsets(list(positions))
    finally:
        await consumer.stop()
    lag = sum(max(0, ends[partition] - n) for partition, nexts in positions.items() for n in nexts)
    return lag, sum(map(sum, positions.values()))


async def links_are_conserved(stack: LocalStack) -> None:
    """I2: every flagged, released sales line has one live demand and one active purchase line of equal quantity.

    A line that was given up has neither quantity nor purchase.
    """
    wanted = await fetch(
        stack,
        "sales",
        """
        SELECT line ->> 'id' AS id, (line ->> 'quantity')::numeric AS quantity, o.no
        FROM sales_order o CROSS JOIN LATERAL json_array_elements(o.body -> 'lines') AS line
        WHERE (line -> 'demand' ->> 'released')::boolean AND o.status <> 'cancelled'
          AND (line ->> 'quantity')::numeric > 0
        """,
    )
    links = await fetch(
        stack,
        "purchasing",
        """
        SELECT l.sales_line_id::text AS id, (line ->> 'quantity')::numeric AS quantity
        FROM purchase_link l
        JOIN purchase_order o ON o.no = l.purchase_order_no
        CROSS JOIN LATERAL json_array_elements(o.body -> 'lines') AS line
        WHERE l.active AND line -> 'link' ->> 'link_id' = l.link_id::text
        """,
    )
    demands = await fetch(
        stack,
        "planning",
        "SELECT sales_line_id::text AS id FROM demand WHERE state NOT IN ('superseded', 'cancelled')",
    )
    bought: dict[str, list[Any]] = {}
    for link in links:
        bought.setdefault(link["id"], []).append(link["quantity"])
    wrong = {
        line["no"]: bought.get(line["id"]) for line in wanted if bought.get(line["id"]) != [line["quantity"]]
    }
    assert not wrong, f"lines without exactly one purchase line of their quantity: {wrong}"
    assert set(bought) <= {line["id"] for line in wanted}, "a purchase line without a sales line"
    live = [demand["id"] for demand in demands]
    assert len(live) == len(set(live)), "a sales line with two live demands"
    assert {line["id"] for line in wanted} <= set(live), "a sales line without a demand"
