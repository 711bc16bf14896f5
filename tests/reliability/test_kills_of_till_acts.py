"""Acts of tills survive processes that are killed while they are under way."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from deploy.local.client import Api, Koppel, Refused, until
from deploy.local.settings import SERVICES
from deploy.local.stack import LocalStack
from tests.reliability import till_checkers
from tests.reliability.checkers import drained
from tests.reliability.patient_tills import ONE, PATIENCE_S, PatientTill, Sent, patient_tills

VICTIMS = (
    ("pos_gateway-serve",),
    ("sales-serve", "sales-work"),
    ("kafka", "pos_gateway-work"),
)
REASON = {"reason": "changed mind"}


async def acts_of_all_kinds(till: PatientTill, chosen: random.Random, *, waits: bool) -> list[Sent]:
    """One act of each kind, each on an order of its own. A till that does not wait has no invoice to return from."""

    async def edit() -> Sent:
        line = {"line_no": 10000, "quantity": str(chosen.randint(1, 9))}
        return await till.act("edit", await till.sell(chosen), {"lines": [line]})

    async def pick_up() -> Sent:
        order = await till.sell(chosen)
        quantity = chosen.choice(["1", order["lines"][0]["quantity"]])
        return await till.act("pickup", order, {"lines": [{"line_no": 10000, "quantity": quantity}]})

    async def picked_up() -> dict[str, Any]:
        return await till.done("pickup", await till.sell(chosen), {"lines": ONE})

    async def give_back() -> Sent:
        order = await picked_up()
        lines = [{**ONE[0], "reason_code": "DAMAGED"}]
        body = {"invoice_no": order["settlement"]["invoice_no"], "lines": lines}
        return await till.act("returns", order, body)

    preparing = [edit(), pick_up(), till.blind_return()]
    preparing += [
        till.act("cancel", await till.sell(chosen), REASON),
        till.act("cancel-remaining", await picked_up(), REASON),
        till.act("convert", await till.sell(chosen, "quote"), {}),
    ]
    if waits:
        preparing.append(give_back())
    return list(await asyncio.gather(*preparing))


async def carried_out_while_dying(
    stack: LocalStack,
    koppel: Koppel,
    victims: Sequence[str],
    acts: Sequence[tuple[PatientTill, Sent]],
    answers: int,
) -> None:
    """Send all acts at once, while their orders are pulled and made; after so many answers the victims die."""
    left = asyncio.Semaphore(0)

    async def one(till: PatientTill, sent: Sent) -> None:
        await till.carry_out(sent)
        left.release()

    async with asyncio.TaskGroup() as group:
        for till, sent in acts:
            group.create_task(one(till, sent))
        for service, job in jobs(koppel):
            group.create_task(has_run(service, job))
        for _ in range(answers):
            await left.acquire()
        await asyncio.gather(*(stack.kill(victim) for victim in victims))
        await asyncio.gather(*(stack.start(victim) for victim in victims))


def jobs(koppel: Koppel) -> Sequence[tuple[Api, str]]:
    """What hands orders over to sales, and makes them there."""
    return (koppel.pos, "/pull-jobs/P-0001/run"), (koppel.sales, "/order-synchronization/run")


async def has_run(service: Api, job: str) -> None:
    """Run it by hand until it is answered."""

    async def ran() -> bool:
        try:
            await service.post(job, {})
        except httpx.TransportError:
            return False
        except Refused as refused:
            if refused.status != httpx.codes.SERVICE_UNAVAILABLE:
                raise
            return False
        return True

    await until(ran, bool, deadline_s=PATIENCE_S, every_s=0.1)


# Three rounds of kills after the start of a stack: a busy machine needs more than the usual time for them.
@pytest.mark.timeout(400)
async def test_kill_9_during_each_act_of_a_till_loses_and_repeats_nothing(
    stack: LocalStack, koppel: Koppel
) -> None:
    """B33, POS-103, POS-110, POS-122 to POS-127: gateway, sales and broker die while acts are under way.

    Each is sent until it is answered, and is then done once; money and goods agree everywhere.
    """
    chosen = random.Random(random.getrandbits(32))
    async with patient_tills(stack, koppel) as tills:
        waiting, queuing = tills
        for victims in VICTIMS:
            acts = [(waiting, act) for act in await acts_of_all_kinds(waiting, chosen, waits=True)]
            acts += [(queuing, act) for act in await acts_of_all_kinds(queuing, chosen, waits=False)]
            chosen.shuffle(acts)
            for service, job in jobs(koppel)[: chosen.randint(0, 2)]:
                await has_run(service, job)
            await carried_out_while_dying(stack, koppel, victims, acts, chosen.randint(0, 6))
        # A worker ends when it cannot reach the broker for too long; its supervisor waits before it starts it again.
        await asyncio.gather(*(stack.start(f"{service}-work") for service in SERVICES))
        for service, job in jobs(koppel):
            await has_run(service, job)
            await drained(stack)

        for till in tills:
            await till_checkers.each_act_is_done_once(stack, till)
            await till_checkers.orders_agree(stack, till)
            await till_checkers.lines_add_up(till)
            await till_checkers.deposits_add_up(till)
            await till_checkers.the_journal_is_the_drawer(till)
        sent = [*waiting.sent, *queuing.sent]
        await till_checkers.sales_has_posted_what_tills_settled(stack, sent)
        await till_checkers.goods_have_moved_once(koppel, sent)
