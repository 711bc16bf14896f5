"""Lists by time of change: what a caller that follows them sees, also while transactions are under way."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from tests.integration.httpkit.conftest import Service
from tests.integration.httpkit.test_lists import FILL

SINCE = "updated_since=2026-01-01T00:00:00Z"
INSERT = text("INSERT INTO note VALUES (:no, 1, :no, 1, '', :now)")


async def get(service: Service, query: str) -> Any:
    answer = await service.client.get(f"/v1/notes?{query}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_changes_come_in_the_order_of_change(service: Service) -> None:
    await service.sql(FILL, 5)
    await service.sql("UPDATE note SET updated_at = '2026-06-01Z' WHERE no = 'N-2'")
    first = await get(service, f"{SINCE}&limit=3")
    second = await get(service, f"{SINCE}&limit=3&cursor={first['next_cursor']}")
    assert [note["no"] for page in (first, second) for note in page["items"]] == [
        "N-1", "N-3", "N-4", "N-5", "N-2",
    ]  # fmt: skip
    assert second["next_cursor"] is None


async def test_a_deleted_record_is_shown_by_time_of_change_alone(service: Service) -> None:
    await service.sql(FILL, 2)
    await service.sql("UPDATE note SET deleted = true, version = 2 WHERE no = 'N-1'")
    changes = (await get(service, SINCE))["items"]
    assert changes[0] == {"no": "N-1", "version": 2, "updated_at": "2026-01-01T01:00:00Z", "deleted": True}
    assert [note["no"] for note in (await get(service, ""))["items"]] == ["N-2"]


async def test_the_watermark_leads_to_what_changes_later(service: Service) -> None:
    await service.sql(FILL, 3)
    mark = (await get(service, SINCE))["watermark"]
    nothing = await get(service, f"{SINCE}&cursor={mark}")
    assert (nothing["items"], nothing["next_cursor"], nothing["watermark"]) == ([], None, mark)
    await service.sql("UPDATE note SET updated_at = now() WHERE no = 'N-1'")
    assert [n["no"] for n in (await get(service, f"{SINCE}&cursor={mark}"))["items"]] == ["N-1"]


async def test_an_empty_list_has_no_watermark_yet(service: Service) -> None:
    assert (await get(service, SINCE))["watermark"] is None
    assert "watermark" not in await get(service, "")


async def test_a_row_that_is_committed_late_is_not_missed(service: Service) -> None:
    """The row has an earlier time than those that were read before it could be seen."""
    async with service.database.begin() as slow:
        await slow.run(INSERT, no="SLOW", now=slow.now)
        async with service.database.begin() as quick:
            await quick.run(INSERT, no="QUICK-1", now=quick.now)
            await quick.run(INSERT, no="QUICK-2", now=datetime.now(UTC))
        first = await get(service, f"{SINCE}&limit=1")
        assert [note["no"] for note in first["items"]] == ["QUICK-1"]
    # The transaction ends between two pages of one walk: the watermark still lies before it.
    last = await get(service, f"{SINCE}&limit=1&cursor={first['next_cursor']}")
    assert [note["no"] for note in last["items"]] == ["QUICK-2"]
    again = await get(service, f"{SINCE}&cursor={last['watermark']}")
    assert {note["no"] for note in again["items"]} == {"SLOW", "QUICK-1", "QUICK-2"}


async def test_sort_orders_up_and_down_over_pages(service: Service) -> None:
    await service.sql(FILL, 4)
    down = await get(service, "sort=-no&limit=3")
    rest = await get(service, f"sort=-no&limit=3&cursor={down['next_cursor']}")
    assert [n["no"] for page in (down, rest) for n in page["items"]] == ["N-4", "N-3", "N-2", "N-1"]
    assert [n["no"] for n in (await get(service, "sort=no"))["items"]] == ["N-1", "N-2", "N-3", "N-4"]


async def test_an_unknown_sort_is_refused_with_the_fields_there_are(service: Service) -> None:
    for query in ("sort=quantity", f"sort=no&{SINCE}"):
        answer = await service.client.get(f"/v1/notes?{query}")
        assert (answer.status_code, answer.json()["code"]) == (422, "bad-sort")
    named = (await service.client.get("/v1/notes?sort=quantity")).json()["errors"][0]
    assert (named["pointer"], named["detail"]) == ("/sort", "sort: must be one of no, title")


async def test_a_filter_takes_several_values(service: Service) -> None:
    await service.sql(FILL, 2)
    await service.sql("INSERT INTO note VALUES ('A-0', 1, 'a, b', 1, '', '2026-01-01Z')")
    for query in ("title=even,odd", "title=even&title=odd", "title=even%2Codd"):
        assert {n["no"] for n in (await get(service, query))["items"]} == {"N-1", "N-2"}, query
    with_a_comma = await get(service, r"title=a\, b,even")
    assert {note["no"] for note in with_a_comma["items"]} == {"A-0", "N-2"}
    assert len((await get(service, "title="))["items"]) == 3


async def test_a_parameter_of_one_value_may_not_be_repeated(service: Service) -> None:
    answer = await service.client.get("/v1/notes?limit=1&limit=2&title=even&title=odd")
    assert (answer.status_code, answer.json()["code"]) == (422, "repeated-field")
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/limit"]


async def test_a_search_finds_parts_in_upper_or_lower_case(service: Service) -> None:
    await service.sql(FILL, 3)
    await service.sql("INSERT INTO note VALUES ('A-0', 1, '100%_x', 1, '', '2026-01-01Z')")
    assert [n["no"] for n in (await get(service, "query=EVE"))["items"]] == ["N-2"]
    assert [n["no"] for n in (await get(service, "query=n-3"))["items"]] == ["N-3"]
    assert [n["no"] for n in (await get(service, "query=0%25_"))["items"]] == ["A-0"]


async def test_days_have_a_range_with_both_ends(service: Service) -> None:
    await service.sql("INSERT INTO note SELECT 'D-' || i, 1, 'day', 1, '', date '2026-02-01' + i "
                      "FROM generate_series(1, 5) AS i")  # fmt: skip
    found = await get(service, "written_from=2026-02-03&written_to=2026-02-05")
    assert [note["no"] for note in found["items"]] == ["D-2", "D-3", "D-4"]
