"""Requests that a dying server may leave unanswered, asked again under their keys."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import httpx

from deploy.local.client import Koppel, Refused, until
from deploy.local.settings import SERVICES
from deploy.local.stack import LocalStack

UNANSWERED = (httpx.HTTPError, Refused)
NUMBERS = ("receipt_no", "consignment_no", "no")

Request = tuple[str, str, dict[str, Any]]
"""The service that is asked, the path and the body."""

Keyed = tuple[Request, str]
"""A request and its Idempotency-Key."""


def a_client(stack: LocalStack) -> Koppel:
    """A client that has seen nothing: with `Koppel-After` it would wait for workers that are dead."""
    return Koppel({service: stack.url(service) for service in SERVICES}, stack.token())


async def answered(client: Koppel, request: Request, key: str) -> str | None:
    """The number of the document that it made; None if the server died before it answered."""
    asked, path, body = request
    try:
        answer = await getattr(client, asked).post(path, body, **{"Idempotency-Key": key})
    except UNANSWERED:
        return None
    return next(str(answer[field]) for field in NUMBERS if field in answer)


async def answered_until_killed(
    stack: LocalStack, client: Koppel, requests: Sequence[Keyed], processes: Sequence[str]
) -> list[str | None]:
    """What was answered before the processes died, which they do at the first answer."""
    asking = [asyncio.create_task(answered(client, *each)) for each in requests]
    await asyncio.wait(asking, return_when=asyncio.FIRST_COMPLETED)
    await asyncio.gather(*(stack.kill(process) for process in processes))
    return await asyncio.gather(*asking)


async def answered_again(client: Koppel, requests: Sequence[Keyed]) -> list[str]:
    """The number of each document, once all requests are answered."""

    async def again() -> list[str | None]:
        return await asyncio.gather(*(answered(client, *each) for each in requests))

    found = await until(again, lambda found: None not in found, deadline_s=30, every_s=0.2)
    return [str(no) for no in found]
