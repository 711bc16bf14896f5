from __future__ import annotations

import httpx
import pytest

from tests.integration.httpkit.conftest import Service


@pytest.fixture
async def note(service: Service) -> httpx.Response:
    return await service.client.post(
        "/v1/notes", json={"no": "N-1", "title": "t"}, headers={"Idempotency-Key": "first"}
    )


async def rename(service: Service, **headers: str) -> httpx.Response:
    return await service.client.post(
        "/v1/notes/n-1/rename", json={"title": "u"}, headers={"Idempotency-Key": "r", **headers}
    )


async def test_every_answer_carries_the_version(service: Service, note: httpx.Response) -> None:
    shown = await service.client.get("/v1/notes/N-1")
    changed = await service.client.patch("/v1/notes/N-1", json={"title": "u"}, headers={"If-Match": '"1"'})
    assert [a.headers["etag"] for a in (note, shown, changed)] == ['"1"', '"1"', '"2"']
    assert [a.headers.get("koppel-seen") for a in (note, shown, changed)] == [
        "note/N-1@1",
        None,
        "note/N-1@2",
    ]


@pytest.mark.usefixtures("note")
@pytest.mark.parametrize("header", ['"2"', "2", "abc", '"x"', '"2", "3"'])
async def test_another_version_is_412(service: Service, header: str) -> None:
    answer = await rename(service, **{"If-Match": header})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale-version")


@pytest.mark.usefixtures("note")
@pytest.mark.parametrize("header", ['"1"', 'W/"1"', "*", '"1", "2"', '"x","1"'])
async def test_the_current_version_is_taken(service: Service, header: str) -> None:
    assert (await rename(service, **{"If-Match": header})).status_code == 200


@pytest.mark.usefixtures("note")
async def test_an_unchanged_resource_is_304(service: Service) -> None:
    unchanged = await service.client.get("/v1/notes/N-1", headers={"If-None-Match": '"1"'})
    changed = await service.client.get("/v1/notes/N-1", headers={"If-None-Match": '"7"'})
    assert (unchanged.status_code, unchanged.content, unchanged.headers["etag"]) == (304, b"", '"1"')
    assert changed.status_code == 200


@pytest.mark.usefixtures("note")
async def test_warnings_stand_in_the_answer(service: Service) -> None:
    answer = await service.client.patch("/v1/notes/N-1", json={"title": "odd"})
    assert answer.json()["warnings"] == [{"code": "odd", "detail": "this title is odd"}]
    assert answer.json()["title"] == "odd"
