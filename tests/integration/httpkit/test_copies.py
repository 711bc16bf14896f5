from __future__ import annotations

import asyncio
import time

import httpx
import pytest

from httpkit.limits import Limits
from tests.integration.httpkit.conftest import Service
from tests.support.polling import eventually

ADD = "INSERT INTO copy VALUES ($1, $2, $3, '{}', now()) ON CONFLICT (kind, no) DO UPDATE SET version = $3"


patient = pytest.mark.parametrize(
    "service", [Limits(reference_grace_s=20, copies_wait_s=20, poll_interval_s=0.01)], indirect=True
)
"""For tests in which the copy comes: a busy machine may need a while to store it."""


async def create(service: Service, **headers: str) -> httpx.Response:
    body = {"no": "N-1", "title": "t", "item_no": "I-1"}
    return await service.client.post("/v1/notes", json=body, headers={"Idempotency-Key": "k", **headers})


@patient
async def test_an_act_waits_for_the_copy_that_its_caller_has_seen(service: Service) -> None:
    await service.sql(ADD, "item", "I-1", 6)
    waiting = asyncio.create_task(create(service, **{"Koppel-After": "item/I-1@7, sales-order/S-9@3"}))
    done, _ = await asyncio.wait({waiting}, timeout=0.1)
    assert not done
    await service.sql(ADD, "item", "I-1", 7)
    assert (await waiting).status_code == 201


async def test_a_copy_that_does_not_come_is_503_with_retry_after(service: Service) -> None:
    started = time.monotonic()
    answer = await create(service, **{"Koppel-After": "item/I-1@7"})
    assert (answer.status_code, answer.json()["code"]) == (503, "copy-not-there-yet")
    assert "retry-after" in answer.headers
    assert time.monotonic() - started >= service.runner.limits.copies_wait_s


@pytest.mark.parametrize(
    "service", [Limits(copy_waiters_per_caller_max=2, copies_wait_s=20, poll_interval_s=0.01)], indirect=True
)
async def test_one_caller_that_waits_for_much_keeps_no_other_from_waiting(service: Service) -> None:
    async def get(sub: str, after: str) -> httpx.Response:
        headers = {"Koppel-After": after, "Authorization": f"Bearer {service.token(sub=sub)}"}
        return await service.client.get("/v1/notes", headers=headers)

    async def taken() -> int:
        return service.runner.copies._waiters.taken

    waiting = [asyncio.create_task(get("a", "item/NOPE@1")) for _ in range(2)]
    await eventually(taken, lambda n: n == 2)
    await service.sql(ADD, "item", "I-1", 7)
    assert (await get("a", "item/NOPE@1")).json()["code"] == "copy-not-there-yet"
    assert (await get("a", "item/I-1@7")).status_code == 200, "what is here needs no waiting"
    waiting.append(asyncio.create_task(get("b", "item/NOPE@1")))
    await eventually(taken, lambda n: n == 3)
    await service.sql(ADD, "item", "NOPE", 1)
    assert {answer.status_code for answer in await asyncio.gather(*waiting)} == {200}


async def test_reading_waits_for_copies_too(service: Service) -> None:
    answer = await service.client.get("/v1/notes", headers={"Koppel-After": "item/I-1@7"})
    assert answer.status_code == 503


@pytest.mark.parametrize(
    "header", ["item", "item/I-1", "item/I-1@x", "ITEM/I-1@1", "item/%00@1", "item/a b@1"]
)
async def test_a_malformed_koppel_after_is_400(service: Service, header: str) -> None:
    answer = await create(service, **{"Koppel-After": header})
    assert (answer.status_code, answer.json()["code"]) == (400, "koppel-after-malformed")


async def test_what_an_answer_has_seen_is_taken_back_as_after(service: Service) -> None:
    await service.client.post(
        "/v1/notes", json={"no": "a,ü@1", "title": "t"}, headers={"Idempotency-Key": "odd"}
    )
    answer = await service.client.patch("/v1/notes/A%2C%C3%9C%401", json={"title": "u"})
    seen = answer.headers["koppel-seen"]
    assert seen == "note/A%2C%C3%9C%401@2"
    again = await service.client.get("/v1/notes", headers={"Koppel-After": seen.replace("note/", "item/")})
    assert again.status_code == 503
    await service.sql(ADD, "item", "A,Ü@1", 2)
    assert (
        await service.client.get("/v1/notes", headers={"Koppel-After": seen.replace("note/", "item/")})
    ).is_success


@patient
async def test_an_act_that_a_copy_refuses_is_decided_again_when_the_copy_comes(service: Service) -> None:
    waiting = asyncio.create_task(create(service))
    await service.notes.switches.entered.wait()
    done, _ = await asyncio.wait({waiting}, timeout=0.15)
    assert not done
    await service.sql(ADD, "item", "I-1", 1)
    assert (await waiting).status_code == 201


async def test_after_the_grace_time_the_refusal_stands(service: Service) -> None:
    started = time.monotonic()
    answer = await create(service)
    assert (answer.status_code, answer.json()["code"]) == (422, "unknown-item")
    assert time.monotonic() - started >= service.runner.limits.reference_grace_s


@patient
async def test_a_newer_copy_that_does_not_help_does_not_end_the_grace(service: Service) -> None:
    body = {"no": "N-1", "title": "t", "item_no": "I-2"}
    await service.sql(ADD, "item", "I-2", 1)
    await service.sql("DELETE FROM copy")
    waiting = asyncio.create_task(
        service.client.post("/v1/notes", json=body, headers={"Idempotency-Key": "k"})
    )
    await service.notes.switches.entered.wait()
    await service.sql(ADD, "item", "I-3", 5)
    await service.sql(ADD, "item", "I-2", 2)
    assert (await waiting).status_code == 201


@pytest.mark.parametrize("service", [Limits(reference_grace_s=0)], indirect=True)
async def test_no_grace_time_no_waiting(service: Service) -> None:
    assert (await create(service)).status_code == 422
    assert service.notes.switches.batches == [1]


async def test_a_copy_is_told_with_its_version(service: Service) -> None:
    await service.sql(ADD, "item-vendor", "V1/1000", 4)
    answer = await service.client.get("/v1/copies/item-vendor/v1/1000")
    assert answer.status_code == 200
    assert answer.json().items() >= {"kind": "item-vendor", "no": "V1/1000", "version": 4}.items()
    assert answer.json()["received_at"]
    unknown = await service.client.get("/v1/copies/item/I-9")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "unknown-copy")
