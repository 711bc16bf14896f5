"""What goes on while servers are killed: each request is sent until it is answered, and jobs run by hand."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import httpx

from deploy.local import SERVICES, LocalStack
from deploy.local.client import Api, Koppel, Refused, until
from tests.reliability.checkers import drained
from tests.reliability.patient_tills import PATIENCE_S


async def carried_out_while_dying(
    stack: LocalStack, koppel: Koppel, victims: Sequence[str], acts: Sequence[Awaitable[Any]], answers: int
) -> None:
    """Begin all acts at once, while tills' orders are pulled and made; after so many answers the victims die."""
    left = asyncio.Semaphore(0)

    async def one(act: Awaitable[Any]) -> None:
        await act
        left.release()

    async with asyncio.TaskGroup() as group:
        for act in acts:
            group.create_task(one(act))
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
    await asked_again(lambda: service.post(job, {}))


async def asked_again(ask: Callable[[], Awaitable[Any]]) -> Any:
    """The answer, once a server has given one. Anything else than that it cannot answer now is raised."""

    async def answer() -> Any:
        try:
            return await ask()
        except httpx.TransportError:
            return None
        except Refused as refused:
            if refused.status != httpx.codes.SERVICE_UNAVAILABLE:
                raise
            return None

    return await until(answer, lambda found: found is not None, deadline_s=PATIENCE_S, every_s=0.1)


async def all_is_done(stack: LocalStack, koppel: Koppel) -> None:
    """Every worker runs, each order that tills gave is made, and no event is under way."""
    # A worker ends when it cannot reach the broker for too long; its supervisor waits before it starts it again.
    await asyncio.gather(*(stack.start(f"{service}-work") for service in SERVICES))
    for service, job in jobs(koppel):
        await has_run(service, job)
        await drained(stack)
