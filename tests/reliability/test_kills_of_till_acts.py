"""Acts of tills survive processes that are killed while they are under way."""

from __future__ import annotations

import asyncio
import random
from decimal import Decimal
from typing import Any

import pytest

from deploy.local.client import Koppel
from deploy.local.stack import LocalStack
from tests.reliability import till_checkers
from tests.reliability.dying_servers import all_is_done, carried_out_while_dying, has_run, jobs
from tests.reliability.patient_tills import ONE, REASON, PatientTill, Sent
from tests.reliability.shops import Shop, patient_tills

SHOP = Shop("KILLED")
VICTIMS = (
    ("pos_gateway-serve",),
    ("sales-serve", "sales-work"),
    ("kafka", "pos_gateway-work"),
)


async def sold(till: PatientTill, chosen: random.Random, kind: str = "customer_order") -> dict[str, Any]:
    """An order or a quote of goods to pick up; of some prices their parts have to be rounded."""
    price = str(Decimal(chosen.randint(100, 9_999)) / 100)
    return await till.sell([till.pickup_line(SHOP.rope, str(chosen.randint(2, 7)), price)], kind)


async def acts_of_all_kinds(till: PatientTill, chosen: random.Random, *, waits: bool) -> list[Sent]:
    """One act of each kind, each on an order of its own. A till that does not wait has no invoice to return from."""

    async def edit() -> Sent:
        line = {"line_no": 10000, "quantity": str(chosen.randint(1, 9))}
        return await till.act("edit", await sold(till, chosen), {"lines": [line]})

    async def pick_up() -> Sent:
        order = await sold(till, chosen)
        quantity = chosen.choice(["1", order["lines"][0]["quantity"]])
        return await till.act("pickup", order, {"lines": [{"line_no": 10000, "quantity": quantity}]})

    async def picked_up() -> dict[str, Any]:
        return await till.done("pickup", await sold(till, chosen), {"lines": ONE})

    async def give_back() -> Sent:
        order = await picked_up()
        lines = [{**ONE[0], "reason_code": "DAMAGED"}]
        body = {"invoice_no": order["settlement"]["invoice_no"], "lines": lines}
        return await till.act("returns", order, body)

    preparing = [edit(), pick_up(), till.blind_return(SHOP.rope, SHOP.manager)]
    preparing += [
        till.act("cancel", await sold(till, chosen), REASON),
        till.act("cancel-remaining", await picked_up(), REASON),
        till.act("convert", await sold(till, chosen, "quote"), {}),
    ]
    if waits:
        preparing.append(give_back())
    return list(await asyncio.gather(*preparing))


# Three rounds of kills after the start of a stack: a busy machine needs more than the usual time for them.
@pytest.mark.timeout(400)
async def test_kill_9_during_each_act_of_a_till_loses_and_repeats_nothing(
    stack: LocalStack, koppel: Koppel
) -> None:
    """B33, POS-103, POS-110, POS-122 to POS-127: gateway, sales and broker die while acts are under way.

    Each is sent until it is answered, and is then done once; money and goods agree everywhere.
    """
    chosen = random.Random(random.getrandbits(32))
    async with patient_tills(stack, koppel, SHOP) as tills:
        waiting, queuing = tills
        for victims in VICTIMS:
            acts = [waiting.carry_out(act) for act in await acts_of_all_kinds(waiting, chosen, waits=True)]
            acts += [queuing.carry_out(act) for act in await acts_of_all_kinds(queuing, chosen, waits=False)]
            chosen.shuffle(acts)
            for service, job in jobs(koppel)[: chosen.randint(0, 2)]:
                await has_run(service, job)
            await carried_out_while_dying(stack, koppel, victims, acts, chosen.randint(0, 6))
        await all_is_done(stack, koppel)

        await till_checkers.all_adds_up(stack, SHOP, tills)
        await till_checkers.goods_have_moved_once(koppel, SHOP, [*waiting.sent, *queuing.sent])
