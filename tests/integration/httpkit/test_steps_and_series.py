from __future__ import annotations

import asyncio

import httpx

from tests.integration.httpkit.conftest import Service

SERIES = "INSERT INTO number_series (code, prefix, next_no, last_no) VALUES ('note', 'N-', 1, 3)"


async def two_steps(service: Service) -> httpx.Response:
    body = {"no": "n", "title": "t"}
    return await service.client.post("/v1/in-two-steps", json=body, headers={"Idempotency-Key": "k"})


async def test_a_request_of_several_steps_is_answered_again_and_not_done_again(service: Service) -> None:
    first, again = await two_steps(service), await two_steps(service)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["idempotency-replayed"] == "true"
    assert again.json() == first.json() == {"no": "N-2", "version": 1, "title": "t", "quantity": "1"}
    assert len(await service.sql("SELECT no FROM note")) == 2


async def test_a_refused_step_is_the_answer_and_the_key_stays_free(service: Service) -> None:
    await service.client.post("/v1/notes", json={"no": "n-1", "title": "t"}, headers={"Idempotency-Key": "x"})
    refused = await two_steps(service)
    assert (refused.status_code, refused.json()["code"]) == (409, "note-exists")
    assert [row["key"] for row in await service.sql("SELECT key FROM idempotency")] == ["x"]


async def test_numbers_of_acts_stored_together_have_no_gaps_and_end_with_the_series(service: Service) -> None:
    await service.sql(SERIES)
    answers = await asyncio.gather(
        *(service.client.post("/v1/numbers", headers={"Idempotency-Key": str(i)}) for i in range(5))
    )
    given = sorted(a.json()["no"] for a in answers if a.status_code == 200)
    refused = {(a.status_code, a.json()["code"]) for a in answers if a.status_code != 200}
    assert given == ["N-1", "N-2", "N-3"]
    assert refused == {(409, "number-series-exhausted")}


async def test_a_series_that_is_set_anew_goes_on(service: Service) -> None:
    await service.sql(SERIES.replace("1, 3", "4, 3"))
    refused = await service.client.post("/v1/numbers", headers={"Idempotency-Key": "k"})
    await service.client.put("/v1/number-series/note", json={"prefix": "N-", "next": 4, "last": 9})
    given = await service.client.post("/v1/numbers", headers={"Idempotency-Key": "k"})
    assert (refused.status_code, given.json()) == (409, {"no": "N-4"})
