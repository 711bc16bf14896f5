from __future__ import annotations

from typing import Any

from tests.integration.httpkit.conftest import Service

FILL = """
INSERT INTO note
SELECT 'N-' || i, 1, CASE WHEN i % 2 = 0 THEN 'even' ELSE 'odd' END, i, '',
       timestamptz '2026-01-01 00:00Z' + i * interval '1 hour'
FROM generate_series(1, $1::int) AS i
"""


async def walk(service: Service, path: str) -> list[list[Any]]:
    """All pages by their Link headers."""
    pages = []
    while True:
        answer = await service.client.get(path)
        assert answer.status_code == 200, answer.text
        pages.append([item["no"] for item in answer.json()["items"]])
        if "link" not in answer.headers:
            assert answer.json()["next_cursor"] is None
            return pages
        assert answer.json()["next_cursor"] in answer.links["next"]["url"]
        path = answer.links["next"]["url"]


async def test_pages_hold_every_row_once_in_a_stable_order(service: Service) -> None:
    await service.sql(FILL, 25)
    pages = await walk(service, "/v1/notes?limit=10")
    assert [len(p) for p in pages] == [10, 10, 5]
    everything = [no for page in pages for no in page]
    assert len(set(everything)) == 25
    at_once = await walk(service, "/v1/notes?limit=500")
    assert at_once == [everything]


async def test_a_full_last_page_has_no_next(service: Service) -> None:
    await service.sql(FILL, 20)
    assert [len(p) for p in await walk(service, "/v1/notes?limit=10")] == [10, 10]


async def test_the_default_page_has_fifty(service: Service) -> None:
    await service.sql(FILL, 60)
    assert [len(p) for p in await walk(service, "/v1/notes")] == [50, 10]


async def test_rows_added_meanwhile_do_not_shift_pages(service: Service) -> None:
    await service.sql(FILL, 20)
    first = await service.client.get("/v1/notes?limit=10")
    await service.sql("INSERT INTO note VALUES ('A-0', 1, 'aaa', 1, '', now())")
    second = await service.client.get(first.links["next"]["url"])
    nos = [i["no"] for a in (first, second) for i in a.json()["items"]]
    assert len(set(nos)) == 20


async def test_filters_stay_in_the_link(service: Service) -> None:
    await service.sql(FILL, 25)
    pages = await walk(service, "/v1/notes?limit=10&title=even")
    assert [len(p) for p in pages] == [10, 2]


async def test_updated_since_takes_what_changed_at_or_after(service: Service) -> None:
    await service.sql(FILL, 5)
    for since in ("2026-01-01T04:00:00Z", "2026-01-01T05:00:00+01:00", "2026-01-01T05:00:00%2B01:00"):
        answer = await service.client.get(f"/v1/notes?updated_since={since}")
        assert sorted(i["no"] for i in answer.json()["items"]) == ["N-4", "N-5"], since


async def test_a_cursor_of_another_list_is_refused(service: Service) -> None:
    await service.sql(FILL, 25)
    cursor = (await service.client.get("/v1/notes?limit=10")).json()["next_cursor"]
    other_filter = await service.client.get(f"/v1/notes?limit=10&title=even&cursor={cursor}")
    other_list = await service.client.get(f"/v1/parked?cursor={cursor}")
    other_limit = await service.client.get(f"/v1/notes?limit=3&cursor={cursor}")
    assert [other_filter.status_code, other_list.status_code, other_limit.status_code] == [422, 422, 200]
    assert other_filter.json()["code"] == "bad-cursor"
