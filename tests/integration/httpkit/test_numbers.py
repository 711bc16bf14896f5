from __future__ import annotations

from urllib.parse import quote

import pytest

from tests.integration.httpkit.conftest import Service

REAL_NUMBERS = [
    'HEX-1/4"UNC',
    "5%(98/2)",
    "A#1",
    "SO/2026/1",
    "WHAT?",
    "A B",
    "Ä-1",
    "..A",
    "A+B",
    "A;B",
    "A%2FB",
    "'1'",
]
"""Numbers that items and documents really have."""


@pytest.mark.parametrize("number", REAL_NUMBERS)
async def test_what_a_201_names_is_read_and_changed_under_its_location(service: Service, number: str) -> None:
    created = await service.client.post(
        "/v1/notes", json={"no": number, "title": "t"}, headers={"Idempotency-Key": "k"}
    )
    assert (created.status_code, created.json()["no"]) == (201, number)
    location = created.headers["location"]
    assert location == f"/v1/notes/{quote(number, safe='')}"
    read = await service.client.get(location)
    assert (read.status_code, read.json()["no"]) == (200, number)
    renamed = await service.client.post(
        f"{location}/rename", json={"title": "other"}, headers={"Idempotency-Key": "k"}
    )
    assert (renamed.status_code, renamed.json()["title"]) == (200, "other")


@pytest.mark.parametrize(
    "number", [".", "..", "A\u200bB", "\ufeffA", "\u202eA", "A\ue000B", "A\u2028B", "A\nB"]
)
async def test_what_nobody_can_see_or_address_is_no_number(service: Service, number: str) -> None:
    refused = await service.client.post(
        "/v1/notes", json={"no": number, "title": "t"}, headers={"Idempotency-Key": "k"}
    )
    assert (refused.status_code, refused.json()["code"]) == (422, "malformed-number")


async def test_an_invisible_character_in_a_path_is_refused(service: Service) -> None:
    refused = await service.client.get("/v1/notes/A%E2%80%8BB")
    assert (refused.status_code, refused.json()["code"]) == (422, "malformed-number")


async def test_a_slash_that_is_not_encoded_separates(service: Service) -> None:
    assert (await service.client.get("/v1/notes/A/B")).status_code == 404
