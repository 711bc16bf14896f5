"""The consumer of docs/events.md follows the running stack."""

from __future__ import annotations

import asyncio
import sys

from deploy.local import LocalStack
from deploy.local.client import Koppel, Refused, until
from deploy.local.settings import ROOT

EXAMPLE = ROOT / "docs" / "examples" / "follow_events.py"
DEADLINE_S = 60


async def test_the_example_shows_an_order_once_per_version(stack: LocalStack, koppel: Koppel) -> None:
    order = await koppel.sales.post("/sales-orders", {"customer_no": "C100", "lines": []})
    # Of versions that wait to be sent only the newest is.
    await until(lambda: is_sent(koppel, order["no"]), bool, deadline_s=DEADLINE_S)
    await koppel.sales.patch(f"/sales-orders/{order['no']}", {"your_reference": "B"})
    follower = await asyncio.create_subprocess_exec(
        sys.executable, EXAMPLE, stack.kafka_bootstrap, "sales.order.v1", stdout=asyncio.subprocess.PIPE
    )
    seen: list[list[str]] = []
    try:
        async with asyncio.timeout(DEADLINE_S):
            while not seen or seen[-1][2] != "2":
                assert follower.stdout is not None
                line = (await follower.stdout.readline()).decode().split(" ")
                assert line != [""], "the example has ended"
                if line[1] == order["no"]:
                    seen.append(line)
    finally:
        follower.terminate()
        await follower.wait()
    assert [line[:3] for line in seen] == [["koppel.sales-order.v1", order["no"], v] for v in ("1", "2")]
    assert all(line[-1].strip() for line in seen), "each says who asked"


async def is_sent(koppel: Koppel, no: str) -> bool:
    """Another service has got the order as this client has seen it."""
    try:
        await koppel.purchasing.get(f"/copies/sales-order/{no}")
    except Refused as refused:
        if refused.code != "copy-not-there-yet":
            raise
        return False
    return True


def test_the_example_is_as_short_as_the_page_says() -> None:
    assert len(EXAMPLE.read_text().splitlines()) <= 32
