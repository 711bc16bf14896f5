"""Every resource says when it was created and changed, and lists follow the changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tests.integration.api.served import AnyService

SINCE = "2026-01-01T00:00:00Z"
WITHOUT = {
    "/operations/{id}": "it has started_at and ended_at",
    "/copies/{kind}/{no}": "a copy has received_at",
    "/number-series/{code}": "a counter",
    "/pull-jobs/{id}": "a job has last_run_at",
    "/distribution-schedules/{no}": "only an act",
    "/sales-orders/{no}/lines/{line_no}": "a part of its order",
    "/sales-quotes/{no}/lines/{line_no}": "a part of its quote",
    "/sales-invoices/{no}/lines/{line_no}": "a part of its invoice",
    "/sales-return-orders/{no}/lines/{line_no}": "a part of its return order",
    "/purchase-orders/{no}/lines/{line_no}": "a part of its order",
    "/purchase-invoices/{no}/lines/{line_no}": "a part of its invoice",
    "/sessions/{id}": "only ended, never read",
    "/items/{item_no}": "availability at the gateway",
    "/offline-returns/{id}": "a transaction has received_at",
}


async def test_every_resource_has_its_times(served: AnyService) -> None:
    for template, path in served.resources.items():
        if template in WITHOUT:
            continue
        resource = await served.get(path)
        created, updated = (datetime.fromisoformat(resource[name]) for name in ("created_at", "updated_at"))
        assert created.tzinfo is not None, template
        assert created <= updated, template


async def test_lists_by_time_of_change_show_the_times_of_the_resources(served: AnyService) -> None:
    followed = 0
    for path in await lists_with(served, "updated_since"):
        whole = await served.get(path)
        changes = await served.get(path, updated_since=SINCE)
        times = [item["updated_at"] for item in changes["items"] if "updated_at" in item]
        assert times == sorted(times), path
        assert len(changes["items"]) >= len(whole["items"]), path
        assert (changes["watermark"] is None) == (not changes["items"]), path
        if changes["items"]:
            followed += 1
            again = await served.get(path, updated_since=SINCE, cursor=changes["watermark"])
            assert {str(item) for item in again["items"]} <= {str(item) for item in changes["items"]}
    assert followed >= 3


async def test_every_sort_that_a_list_documents_works_both_ways(served: AnyService) -> None:
    for path, fields in (await lists_with(served, "sort")).items():
        for field in filter(None, fields["enum"]):
            found: list[Any] = []
            page = await served.get(path, sort=field, limit=1)
            while page["next_cursor"]:
                found += page["items"]
                page = await served.get(path, sort=field, limit=1, cursor=page["next_cursor"])
            assert len(found) + len(page["items"]) == len((await served.get(path))["items"]), (path, field)


async def lists_with(served: AnyService, parameter: str) -> dict[str, Any]:
    """The paths of lists of what exists that have this parameter, with its schema."""
    found = {}
    for operation in (await served.document()).operations():
        parameters = {p["name"]: p["schema"] for p in operation.content.get("parameters", ())}
        path = served.path_of(operation)
        if operation.method == "get" and parameter in parameters and path is not None:
            found[path] = parameters[parameter]
    return found
