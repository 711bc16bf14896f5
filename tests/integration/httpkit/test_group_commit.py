from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from httpkit.limits import Limits
from tests.integration.httpkit.conftest import Service
from tests.support.polling import eventually


def body(i: int, **more: Any) -> dict[str, Any]:
    return {"no": f"N-{i}", "title": "t", **more}


async def create(service: Service, i: int, path: str = "/v1/notes", **more: Any) -> httpx.Response:
    return await service.client.post(path, json=body(i, **more), headers={"Idempotency-Key": f"k{i}"})


async def behind_a_closed_gate(service: Service, requests: list[Any]) -> list[httpx.Response]:
    """The first request's transaction is held open until all the others wait for the next one."""
    switches = service.notes.switches
    switches.gate.clear()
    first = asyncio.create_task(requests[0])
    await switches.entered.wait()
    others = [asyncio.create_task(r) for r in requests[1:]]

    async def queued() -> int:
        return sum(len(queue._queue) for queue in service.runner._queues.values())

    await eventually(queued, lambda n: n == len(others))
    switches.gate.set()
    return list(await asyncio.gather(first, *others))


async def test_an_idle_service_stores_a_command_at_once_and_alone(service: Service) -> None:
    for i in range(3):
        assert (await create(service, i)).status_code == 201
    assert service.notes.switches.batches == [1, 1, 1]


async def test_what_arrives_while_a_transaction_runs_is_stored_together(service: Service) -> None:
    answers = await behind_a_closed_gate(service, [create(service, i) for i in range(31)])
    assert {a.status_code for a in answers} == {201}
    assert [a.json()["no"] for a in answers] == [f"N-{i}" for i in range(31)]
    transactions = await service.sql("SELECT xid, count(*) AS n FROM note GROUP BY xid ORDER BY n")
    assert [row["n"] for row in transactions] == [1, 30]


async def test_a_refusal_in_a_batch_leaves_the_others_alone(service: Service) -> None:
    wishes = [create(service, i, item_no="NONE" if i % 3 == 0 else "") for i in range(1, 13)]
    answers = await behind_a_closed_gate(service, [create(service, 0), *wishes])
    assert [a.status_code for a in answers] == [201, *([201, 201, 422] * 4)]
    assert len(await service.sql("SELECT no FROM note")) == 9
    assert len(await service.sql("SELECT key FROM idempotency")) == 9


async def test_a_database_error_finds_its_culprit_and_spares_the_others(service: Service) -> None:
    wishes = [create(service, i, "/v1/breaks", title="bad" if i == 5 else "t") for i in range(1, 9)]
    answers = await behind_a_closed_gate(service, [create(service, 0, "/v1/breaks"), *wishes])
    assert [a.status_code for a in answers] == [201] * 5 + [422] + [201] * 3
    assert answers[5].json()["code"] == "invalid-value"
    assert service.notes.switches.batches == [1, 8, 4, 4, 2, 1, 1, 2]
    assert len(await service.sql("SELECT key FROM idempotency")) == 8


async def test_two_acts_on_one_version_one_wins_one_is_stale(service: Service) -> None:
    await create(service, 1)
    headers = [{"If-Match": '"1"', "Idempotency-Key": f"r{i}"} for i in range(10)]
    answers = await asyncio.gather(
        *(
            service.client.post("/v1/notes/N-1/rename", json={"title": str(h)[:50]}, headers=h)
            for h in headers
        )
    )
    assert sorted(a.status_code for a in answers) == [200] + [412] * 9
    assert {a.json()["code"] for a in answers if a.status_code == 412} == {"stale-version"}
    assert (await service.sql("SELECT version FROM note"))[0]["version"] == 2


async def test_two_acts_on_one_version_in_two_processes_one_wins(service: Service, second: Service) -> None:
    await create(service, 1)
    answers = await asyncio.gather(
        *(
            s.client.patch("/v1/notes/N-1", json={"title": "x"}, headers={"If-Match": '"1"'})
            for s in [service, second] * 5
        )
    )
    assert sorted(a.status_code for a in answers) == [200] + [412] * 9


@pytest.mark.parametrize("service", [Limits(queue_max_commands=5, act_deadline_s=5)], indirect=True)
async def test_a_full_queue_is_answered_503_with_retry_after(service: Service) -> None:
    service.notes.switches.gate.clear()
    first = asyncio.create_task(create(service, 0))
    await service.notes.switches.entered.wait()
    others = [asyncio.create_task(create(service, i)) for i in range(1, 21)]
    refused = await eventually(_finished(others), lambda done: len(done) == 15)
    service.notes.switches.gate.set()
    assert {(a.status_code, a.json()["code"], a.headers["retry-after"]) for a in refused} == {
        (503, "overloaded", "1")
    }
    answers = await asyncio.gather(first, *others)
    assert sorted(a.status_code for a in answers) == [201] * 6 + [503] * 15


@pytest.mark.parametrize("service", [Limits(act_deadline_s=0.6)], indirect=True)
async def test_every_waiter_has_its_deadline(service: Service) -> None:
    service.notes.switches.gate.clear()
    running = asyncio.create_task(create(service, 0))
    await service.notes.switches.entered.wait()
    queued = asyncio.create_task(create(service, 1))
    answers = await asyncio.gather(running, queued)
    assert [a.status_code for a in answers] == [503, 503]
    assert [a.json()["code"] for a in answers] == ["outcome-unknown", "overloaded"]
    service.notes.switches.gate.set()
    await made(service, 2)
    assert "N-1" not in [row["no"] for row in await service.sql("SELECT no FROM note")]
    for i in (0, 1):
        await made(service, i)
    assert len(await service.sql("SELECT no FROM note")) == 3


@pytest.mark.parametrize("service", [Limits(act_deadline_s=5, transaction_deadline_s=0.2)], indirect=True)
async def test_a_transaction_that_takes_too_long_is_rolled_back(service: Service) -> None:
    service.notes.switches.gate.clear()
    answer = await create(service, 0)
    service.notes.switches.gate.set()
    assert (answer.status_code, answer.json()["code"]) == (503, "database-unavailable")
    assert await service.sql("SELECT no FROM note") == []
    await made(service, 0)


async def made(service: Service, i: int) -> None:
    """Asked for under its key until there was time for it: the short deadlines of these tests are for all acts."""
    answer = await eventually(lambda: create(service, i), lambda answer: answer.status_code != 503)
    assert answer.status_code == 201


def _finished(tasks: list[asyncio.Task[httpx.Response]]) -> Any:
    async def read() -> list[httpx.Response]:
        return [t.result() for t in tasks if t.done()]

    return read
