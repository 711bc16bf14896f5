"""Each operation answers the statuses that all share, and exactly where its API document says so."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any, Final
from uuid import uuid4

import httpx
import pytest

from eventkit.transaction import Database
from httpkit.idempotency import Key
from httpkit.rates import Rates
from tests.contract import not_yet
from tests.contract.findings.document import PROBLEM, Document, Operation
from tests.contract.findings.parameters import KEY
from tests.integration.api.requests import body_of, query_of, unknown_path
from tests.integration.api.resources import park_event
from tests.integration.api.served import AnyService
from tests.support.met_statuses import NotingStatuses, note

NO_DATABASE: Final = "postgresql://nobody:nothing@127.0.0.1:1/none"
UNVERSIONED: Final = ("/health/live", "/health/ready", "/metrics", "/docs", "/redoc")
STALE: Final = '"999999"'
ANY_VERSION: Final = "*"
TOO_LONG_BYTES: Final = 64 * 1024 * 1024

Ask = Callable[[AnyService, Document, Operation], Awaitable[httpx.Response | None]]
"""Sends the request that must be answered with the status; None: there is no such request for the operation."""


async def without_token(served: AnyService, document: Document, operation: Operation) -> httpx.Response:
    return await send(served, document, operation, token="")


async def without_scopes(served: AnyService, document: Document, operation: Operation) -> httpx.Response:
    return await send(served, document, operation, token=served.token_with(""))


async def malformed(served: AnyService, document: Document, operation: Operation) -> httpx.Response | None:
    if takes_body(operation):
        return await send(served, document, operation, body=b'{"no": ')
    if operation.requires(KEY):
        return await without_key(served, document, operation)
    return await send(served, document, operation, headers={"Koppel-After": "no version"})


async def without_key(served: AnyService, document: Document, operation: Operation) -> httpx.Response | None:
    return await send(served, document, operation, key="") if operation.requires(KEY) else None


async def too_large(served: AnyService, document: Document, operation: Operation) -> httpx.Response:
    return await send(served, document, operation, headers={"Content-Length": str(TOO_LONG_BYTES)})


async def in_another_type(served: AnyService, document: Document, operation: Operation) -> httpx.Response:
    return await send(served, document, operation, body=b"<no/>", headers={"Content-Type": "text/xml"})


async def with_something_unknown(
    served: AnyService, document: Document, operation: Operation
) -> httpx.Response:
    """An unknown field; where there is no body, something in the address that cannot be.

    What another service sends may have members that are not known here, so there a known one is of no use.
    """
    body = body_of(document, operation)
    if isinstance(body, dict):
        wrong = {"version": "none"} if is_snapshot(document, operation) else {"no_such_field": 1}
        return await send(served, document, operation, body=body | wrong)
    if operation.parameter("limit"):
        return await send(served, document, operation, params={"limit": "many"})
    if "{" in operation.path:
        return await send(served, document, operation, path=over_long(operation))
    return await send(served, document, operation, params={"no_such_parameter": "1"})


def is_snapshot(document: Document, operation: Operation) -> bool:
    """Whether the body is a struct of the contracts, sent by another service."""
    schema = operation.content["requestBody"]["content"]["application/json"]["schema"]
    return "version" in document.resolved(schema).get("required", ())


async def unknown(served: AnyService, document: Document, operation: Operation) -> httpx.Response | None:
    if "{" not in operation.path:
        return None
    return await send(served, document, operation, path=unknown_path(document, operation))


async def stale(served: AnyService, document: Document, operation: Operation) -> httpx.Response | None:
    if served.path_of(operation) is None:
        return None
    return await send(served, document, operation, headers={"If-Match": STALE})


async def unchanged(served: AnyService, document: Document, operation: Operation) -> httpx.Response | None:
    if served.path_of(operation) is None:
        return None
    first = await send(served, document, operation)
    return await send(served, document, operation, headers={"If-None-Match": first.headers.get("ETag", "*")})


async def being_worked_on(
    served: AnyService, document: Document, operation: Operation
) -> httpx.Response | None:
    """Another process holds the key's lock; of an operation that takes no key nothing can be said.

    An act of a till takes its key with the last of its steps, which this request does not reach.
    """
    if operation.parameter(KEY) is None or "428" in operation.responses:
        return None
    path = served.path_of(operation) or unknown_path(document, operation)
    key = Key(await served.scope_of_keys(operation.method, path), str(uuid4()), "")
    await served.sql("SELECT pg_advisory_lock($1)", key.lock)
    try:
        return await send(served, document, operation, path=path, key=key.key)
    finally:
        await served.sql("SELECT pg_advisory_unlock($1)", key.lock)


SHARED: Final[dict[str, tuple[str, Ask]]] = {
    "without a token": ("401", without_token),
    "with a token without scopes": ("403", without_scopes),
    "malformed": ("400", malformed),
    "too large": ("413", too_large),
    "in another type than JSON": ("415", in_another_type),
    "with something unknown": ("422", with_something_unknown),
    "of something unknown": ("404", unknown),
    "for another version": ("412", stale),
    "of what the caller has": ("304", unchanged),
    "under a key that is being worked on": ("409", being_worked_on),
}


@pytest.mark.parametrize("request_is", SHARED)
async def test_a_request_gets_its_status_where_it_is_documented(served: AnyService, request_is: str) -> None:
    status, ask = SHARED[request_is]
    document = await served.document()
    wrong = []
    for operation in documenting(document, status):
        answer = await ask(served, document, operation)
        if answer is not None:
            # Some requests are refused before they are routed: that the operation answers so is known here alone.
            note(served.service.name, operation.method.upper(), operation.path, answer.status_code)
            wrong += difference(operation, status, answer)
    judge(served, wrong)


async def test_a_post_without_a_key_is_refused_where_the_key_is_required(served: AnyService) -> None:
    document = await served.document()
    wrong = []
    for operation in document.operations():
        if operation.method == "post" and operation.secured:
            answer = await send(served, document, operation, key="")
            # What is rehearsed by a parameter needs a key unless it is.
            required = operation.requires(KEY) or operation.parameter("dry_run") is not None
            if is_missing_key(answer) != required:
                documented = "" if required else "not "
                wrong.append(f"{operation}: key is {documented}required, got {answer.status_code}")
    judge(served, wrong)


async def test_what_exists_is_answered(served: AnyService) -> None:
    document = await served.document()
    wrong = []
    asked = 0
    for operation in documenting(document, "200"):
        path = served.path_of(operation)
        if operation.method == "get" and path is not None and "{" in operation.path:
            asked += 1
            answer = await send(served, document, operation, headers={"Accept": "*/*"})
            wrong += difference(operation, "200", answer)
    assert asked >= 5
    judge(served, wrong)


async def test_without_a_database_every_operation_answers_later(served: AnyService) -> None:
    document = await served.document()
    wrong = []
    async with disconnected(served) as alone:
        for operation in documenting(document, "503"):
            answer = await send(alone, document, operation)
            wrong += difference(operation, "503", answer)
            if answer.status_code == 503 and "Retry-After" not in answer.headers:
                wrong.append(f"{operation}: 503 without Retry-After")
    judge(served, wrong)


async def test_a_caller_that_sends_too_much_is_asked_to_wait(served: AnyService) -> None:
    document = await served.document()
    wrong = []
    async with disconnected(served, Rates(0.001, 1)) as alone:
        (first, *operations) = documenting(document, "429")
        await send(alone, document, first)
        for operation in (first, *operations):
            answer = await send(alone, document, operation)
            wrong += difference(operation, "429", answer)
            if "Retry-After" not in answer.headers:
                wrong.append(f"{operation}: 429 without Retry-After")
    judge(served, wrong)


@pytest.mark.parametrize("path", UNVERSIONED)
async def test_an_address_for_people_and_operators_answers(served: AnyService, path: str) -> None:
    assert (await served.client.get(path)).status_code == 200


async def test_a_service_without_a_database_is_not_ready(served: AnyService) -> None:
    async with disconnected(served) as alone:
        assert (await alone.client.get("/health/ready")).status_code == 503


async def test_a_parked_event_is_shown_and_then_redriven_or_discarded(served: AnyService) -> None:
    for act, body in (("redrive", None), ("discard", {"note": "Entered by hand."})):
        path = await park_event(served)
        assert (await served.get(path))["reason"] == "error"
        await served.post(f"{path}/{act}", body, expect=200)
        await park_event(served)
        await served.post(f"/parked/{act}", {"all": True, "reason": "error"} | (body or {}), expect=200)


def documenting(document: Document, status: str) -> Iterator[Operation]:
    return (o for o in document.operations() if status in o.responses and o.path.startswith("/v1"))


def difference(operation: Operation, status: str, answer: httpx.Response) -> list[str]:
    """What is not as the document says."""
    if str(answer.status_code) != status:
        return [f"{operation}: {status} expected, got {answer.status_code} {answer.text[:200]}"]
    if status >= "400" and answer.headers["content-type"] != PROBLEM:
        return [f"{operation}: {status} as {answer.headers['content-type']}"]
    return []


def judge(served: AnyService, wrong: list[str]) -> None:
    if wrong and served.module in not_yet.ANSWERED:
        sys.stdout.writelines(f"{served.module}: {each}\n" for each in wrong)
        pytest.skip(f"{served.module} not yet: {len(wrong)} findings")
    assert wrong == []


async def send(
    served: AnyService, document: Document, operation: Operation, **request: Any
) -> httpx.Response:
    """A request that the operation takes, but for what the arguments say."""
    path = request.pop("path", None) or served.path_of(operation) or unknown_path(document, operation)
    body = request.pop("body", None) or body_of(document, operation)
    request["params"] = query_of(document, operation) | request.get("params", {})
    if "428" in operation.responses:
        request["headers"] = {"If-Match": ANY_VERSION} | request.get("headers", {})
    return await served.send(operation.method.upper(), path, body, **request)


def takes_body(operation: Operation) -> bool:
    return "requestBody" in operation.content


def over_long(operation: Operation) -> str:
    """The path with a number that is longer than any."""
    return "/".join(
        "9" * 500 if part.startswith("{") else part for part in operation.path.removeprefix("/v1").split("/")
    )


def is_missing_key(answer: httpx.Response) -> bool:
    return answer.status_code == 400 and "key" in answer.json()["code"]


@asynccontextmanager
async def disconnected(served: AnyService, rates: Rates | None = None) -> AsyncIterator[AnyService]:
    """Another process of the service, whose database refuses connections."""
    database = Database(NO_DATABASE)
    app = served.service.http(database)
    if rates is not None:
        app.state.rates = rates
    transport = httpx.ASGITransport(NotingStatuses(app, served.service.name))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://alone") as client,
    ):
        yield replace(served, client=client)
    await database.close()
