from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from httpkit import idempotency
from tests.integration.httpkit.conftest import Service
from tests.support.polling import eventually

LOCK = "pg_try_advisory_xact_lock(r.lock)"
HELD = 4711
HOLD = text(f"SELECT pg_advisory_xact_lock({HELD})")
WAITING = "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'advisory' AND datname = current_database()"
NOTE = {"no": "N-1", "title": "first", "quantity": "2"}


def keyed(key: str, **more: str) -> dict[str, str]:
    return {"Idempotency-Key": key, **more}


async def create(service: Service, key: str, body: Any = None, **headers: str) -> httpx.Response:
    return await service.client.post("/v1/notes", json=body or NOTE, headers=keyed(key, **headers))


async def count_notes(service: Service) -> int:
    return int((await service.sql("SELECT count(*) AS n FROM note"))[0]["n"])


async def test_a_post_without_a_key_is_refused(service: Service) -> None:
    answer = await service.client.post("/v1/notes", json=NOTE)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-missing")
    assert await count_notes(service) == 0


async def test_an_unusable_key_is_refused(service: Service) -> None:
    answer = await create(service, "x" * 256)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency-key-invalid")


async def test_a_dry_run_needs_no_key_and_leaves_nothing(service: Service) -> None:
    answer = await service.client.post("/v1/notes?dry_run=true", json=NOTE)
    assert answer.status_code == 200
    assert answer.json() == {"no": "N-1", "version": 1, "title": "first", "quantity": "2"}
    assert await count_notes(service) == 0
    assert await service.sql("SELECT * FROM idempotency") == []


async def test_a_repeated_request_gets_the_stored_status_and_the_resource_as_it_is_now(
    service: Service,
) -> None:
    first = await create(service, "k")
    changed = await service.client.patch("/v1/notes/N-1", json={"title": "second"})
    again = await create(service, "k")
    assert (first.status_code, changed.status_code, again.status_code) == (201, 200, 201)
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["location"] == first.headers["location"] == "/v1/notes/N-1"
    assert again.json()["title"] == "second"
    assert again.headers["etag"] == '"2"'
    assert again.headers["koppel-seen"] == "note/N-1@2"


async def test_white_space_and_order_of_members_do_not_make_another_body(service: Service) -> None:
    await create(service, "k")
    again = await service.client.post(
        "/v1/notes",
        content=b'{"quantity" : "2", "title":"first",\n "no":"N-1"}',
        headers=keyed("k", **{"Content-Type": "application/json"}),
    )
    assert (again.status_code, again.headers.get("idempotency-replayed")) == (201, "true")


async def test_the_same_key_with_another_body_is_refused(service: Service) -> None:
    await create(service, "k")
    other = await create(service, "k", {**NOTE, "title": "other"})
    assert (other.status_code, other.json()["code"]) == (422, "idempotency-key-reused")


async def test_a_refusal_is_not_remembered(service: Service) -> None:
    refused = await create(service, "k", {**NOTE, "item_no": "I-1"})
    await service.sql("INSERT INTO copy VALUES ('item', 'I-1', 1, '{}', now())")
    corrected = await create(service, "k", {**NOTE, "item_no": "I-1", "title": "corrected"})
    assert (refused.status_code, corrected.status_code) == (422, 201)


async def test_keys_are_apart_by_caller_path_and_method(service: Service) -> None:
    await create(service, "k")
    other_caller = service.token(sub="somebody else")
    theirs = await create(service, "k", {**NOTE, "no": "N-2"}, Authorization=f"Bearer {other_caller}")
    other_path = await service.client.post("/v1/count", headers=keyed("k"))
    assert (theirs.status_code, other_path.status_code) == (201, 200)
    assert "idempotency-replayed" not in theirs.headers


async def test_an_answer_that_is_not_the_resource_is_stored_and_told_again(service: Service) -> None:
    first = await service.client.post("/v1/count", headers=keyed("c"))
    await create(service, "k")
    again = await service.client.post("/v1/count", headers=keyed("c"))
    assert first.json() == again.json() == {"notes": 0}
    assert again.headers["idempotency-replayed"] == "true"


async def test_a_deleted_resource_of_a_repeated_request_is_gone(service: Service) -> None:
    await create(service, "k")
    await service.sql("DELETE FROM note")
    again = await create(service, "k")
    assert (again.status_code, again.json()["code"]) == (410, "deleted")


async def test_concurrent_identical_posts_make_one(service: Service) -> None:
    answers = await asyncio.gather(*(create(service, "k") for _ in range(40)))
    assert {a.status_code for a in answers} == {201}
    assert sum("idempotency-replayed" not in a.headers for a in answers) == 1
    assert await count_notes(service) == 1


async def test_concurrent_posts_with_one_key_and_two_bodies_make_one(service: Service) -> None:
    bodies = [{**NOTE, "no": f"N-{i % 2}"} for i in range(20)]
    answers = await asyncio.gather(*(create(service, "k", body) for body in bodies))
    assert sorted({a.status_code for a in answers}) == [201, 422]
    assert sum(a.status_code == 201 for a in answers) == 10
    assert await count_notes(service) == 1


async def test_two_processes_with_one_key_make_one(service: Service, second: Service) -> None:
    answers = await asyncio.gather(
        *(
            create(s, f"k{i // 4}", {**NOTE, "no": f"N-{i // 4}"})
            for i, s in enumerate([service, second] * 40)
        )
    )
    assert {a.status_code for a in answers} <= {201, 409}
    running = [a for a in answers if a.status_code == 409]
    assert all(a.json()["code"] == "idempotency-key-running" and "retry-after" in a.headers for a in running)
    assert await count_notes(service) == 20
    made = [a for a in answers if a.status_code == 201 and "idempotency-replayed" not in a.headers]
    assert len(made) == 20


async def test_a_key_whose_act_still_runs_elsewhere_is_answered_409(
    service: Service, second: Service
) -> None:
    """B23."""
    service.notes.switches.gate.clear()
    first = asyncio.create_task(create(service, "k"))
    await service.notes.switches.entered.wait()
    meanwhile = await create(second, "k")
    service.notes.switches.gate.set()
    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "idempotency-key-running")
    assert meanwhile.headers["retry-after"] == "1"
    assert (await first).status_code == 201
    assert (await create(second, "k")).headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("raises", [False, True])
async def test_a_repetition_that_overtakes_the_commit_is_not_refused_for_what_the_first_did(
    service: Service, second: Service, *, raises: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """B23: the repetition asks for its key just before the first request commits, and gets it just after."""
    second.notes.switches.raises = raises
    service.notes.switches.gate.clear()
    first = asyncio.create_task(create(service, "k"))
    await service.notes.switches.entered.wait()
    claim = idempotency.CLAIM.text
    slow = claim.replace(LOCK, f"(SELECT {LOCK} FROM pg_advisory_xact_lock({HELD}))")
    assert slow != claim
    monkeypatch.setattr(idempotency, "CLAIM", text(slow))
    async with second.database.begin() as tx:
        await tx.all(HOLD)
        repetition = asyncio.create_task(create(second, "k"))
        await eventually(lambda: service.sql(WAITING), bool)
        monkeypatch.undo()
        service.notes.switches.gate.set()
        assert (await first).status_code == 201
    again = await repetition
    assert (again.status_code, again.headers.get("idempotency-replayed")) == (201, "true")
    assert await count_notes(service) == 1


async def test_a_key_is_stored_exactly_with_its_act(service: Service) -> None:
    broken = await service.client.post("/v1/crash", headers=keyed("k"))
    assert broken.status_code == 500
    assert await service.sql("SELECT * FROM idempotency") == []


async def test_keys_are_forgotten_after_seven_days(service: Service) -> None:
    await create(service, "old")
    await create(service, "new", {**NOTE, "no": "N-2"})
    await service.sql(
        "UPDATE idempotency SET created_at = now() - interval '7 days 1 minute' WHERE key = 'old'"
    )
    await idempotency.forget_old()(service.database)
    left = await eventually(lambda: service.sql("SELECT key FROM idempotency"), bool)
    assert [row["key"] for row in left] == ["new"]
