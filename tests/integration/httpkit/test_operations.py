from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import httpx
import pytest

from eventkit import operations
from eventkit.ids import new_id
from httpkit.limits import Limits
from tests.integration.httpkit.conftest import Service
from tests.support.polling import eventually


async def send(service: Service, key: str = "k", **headers: str) -> httpx.Response:
    return await service.client.post("/v1/notes/N-1/send", headers={"Idempotency-Key": key, **headers})


async def finish(service: Service, id_: UUID, status: str, result: Any = None, problem: Any = None) -> None:
    async with service.database.begin() as tx:
        await operations.finish(tx, [operations.Finished(id_, status, result, problem)])


@pytest.fixture
def id_(service: Service) -> UUID:
    made = service.notes.switches.operation_id = new_id()
    return made


async def test_an_act_that_goes_on_elsewhere_is_accepted_with_its_operation(
    service: Service, id_: UUID
) -> None:
    answer = await send(service)
    assert answer.status_code == 202
    assert answer.headers["location"] == f"/v1/operations/{id_}"
    assert answer.headers["koppel-seen"] == "note/N-1@2"
    body = answer.json()
    assert body.pop("started_at")
    assert body == {
        "id": str(id_),
        "kind": "send",
        "status": "running",
        "result": None,
        "problem": None,
        "ended_at": None,
    }
    assert (await service.client.get(answer.headers["location"])).json()["status"] == "running"


async def test_who_waits_gets_the_end_result(service: Service, id_: UUID) -> None:
    waiting = asyncio.create_task(send(service, Prefer="respond-async, wait=10"))
    await eventually(lambda: service.sql("SELECT id FROM operation"), bool)
    await finish(service, id_, "succeeded", {"shipment_no": "SH-1"})
    answer = await waiting
    assert (answer.status_code, answer.json()) == (200, {"shipment_no": "SH-1"})
    assert answer.headers["koppel-seen"] == "note/N-1@2"


async def test_who_waits_gets_the_problem(service: Service, id_: UUID) -> None:
    waiting = asyncio.create_task(send(service, Prefer="wait=10"))
    await eventually(lambda: service.sql("SELECT id FROM operation"), bool)
    await finish(
        service, id_, "refused", None, {"code": "received-meanwhile", "detail": "5, not 3", "received": "5"}
    )
    answer = await waiting
    assert (answer.status_code, answer.headers["content-type"]) == (409, "application/problem+json")
    assert answer.json().items() >= {"code": "received-meanwhile", "received": "5", "status": 409}.items()
    assert answer.json()["errors"]


async def test_who_asks_later_sees_the_same_problem_document(service: Service, id_: UUID) -> None:
    await send(service)
    errors = [
        {"code": "vendor-blocked", "detail": "V-1 is blocked", "pointer": "/lines/0", "line_no": 10000},
        {"code": "item-blocked", "detail": "1000 is blocked"},
    ]
    await finish(service, id_, "failed", None, {"type": "about:blank", "errors": errors})
    shown = (await service.client.get(f"/v1/operations/{id_}")).json()["problem"]
    assert shown == (await send(service, Prefer="wait=5")).json()
    assert (shown["type"], shown["status"]) == ("/problems/vendor-blocked", 409)
    assert [(e["code"], e["pointer"]) for e in shown["errors"]] == [
        ("vendor-blocked", "/lines/0"),
        ("item-blocked", ""),
    ]


async def test_an_operation_that_failed_without_a_reason_says_so(service: Service, id_: UUID) -> None:
    await send(service)
    await finish(service, id_, "failed")
    shown = (await service.client.get(f"/v1/operations/{id_}")).json()["problem"]
    assert (shown["code"], shown["detail"]) == ("failed", "send was failed")


async def test_who_waits_too_short_gets_202(service: Service, id_: UUID) -> None:
    answer = await send(service, Prefer="wait=1")
    assert (answer.status_code, answer.json()["id"]) == (202, str(id_))


async def test_a_repeated_request_shows_the_operation_as_it_is_now(service: Service, id_: UUID) -> None:
    await send(service)
    service.notes.switches.operation_id = new_id()
    await finish(service, id_, "succeeded", {"shipment_no": "SH-1"})
    again = await send(service)
    assert (again.status_code, again.json()["status"]) == (202, "succeeded")
    assert again.headers["idempotency-replayed"] == "true"
    waited = await send(service, Prefer="wait=5")
    assert (waited.status_code, waited.json()) == (200, {"shipment_no": "SH-1"})


async def test_waiting_holds_no_database_connection(service: Service, id_: UUID) -> None:
    first = await send(service)
    waiting = [
        asyncio.create_task(service.client.get(first.headers["location"], headers={"Prefer": "wait=20"}))
        for _ in range(60)
    ]
    listed = await service.client.get("/v1/notes")
    assert listed.status_code == 200
    await finish(service, id_, "succeeded", {})
    answers = await asyncio.gather(*waiting)
    assert {a.json()["status"] for a in answers} == {"succeeded"}


@pytest.mark.parametrize(
    ("service", "other"),
    [
        (Limits(operation_waiters_max=3), "somebody-else"),
        (Limits(operation_waiters_per_caller_max=3), "tester"),
    ],
    indirect=["service"],
)
async def test_who_cannot_wait_gets_202_at_once_and_the_act_is_done(
    service: Service, id_: UUID, other: str
) -> None:
    await send(service, "first")
    waiting = [asyncio.create_task(send(service, "first", Prefer="wait=20")) for _ in range(3)]
    await eventually(lambda: taken(service), lambda n: n == 3)
    service.notes.switches.operation_id = new_id()
    token = {"Authorization": f"Bearer {service.token(sub=other)}"}
    accepted = await send(service, "second", Prefer="wait=20", **token)
    assert (accepted.status_code, accepted.json()["status"]) == (202, "running")
    shown = await service.client.get(f"/v1/operations/{id_}", headers={"Prefer": "wait=20", **token})
    assert (shown.status_code, shown.json()["status"]) == (200, "running")
    await finish(service, id_, "succeeded", {})
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}


@pytest.mark.parametrize("service", [Limits(operation_waiters_per_caller_max=3)], indirect=True)
async def test_one_caller_that_waits_much_keeps_no_other_from_waiting(service: Service, id_: UUID) -> None:
    await send(service, "first")
    waiting = [asyncio.create_task(send(service, "first", Prefer="wait=20")) for _ in range(3)]
    await eventually(lambda: taken(service), lambda n: n == 3)
    token = {"Authorization": f"Bearer {service.token(sub='somebody-else')}"}
    another = service.client.get(f"/v1/operations/{id_}", headers={"Prefer": "wait=20", **token})
    waiting.append(asyncio.create_task(another))
    await eventually(lambda: taken(service), lambda n: n == 4)
    await finish(service, id_, "succeeded", {})
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}


async def taken(service: Service) -> int:
    return service.runner.operations._waiters.taken


async def test_an_unknown_operation_is_404(service: Service) -> None:
    answer = await service.client.get(f"/v1/operations/{new_id()}")
    assert (answer.status_code, answer.json()["code"]) == (404, "unknown-operation")
    assert (await service.client.get("/v1/operations/7")).status_code == 422
