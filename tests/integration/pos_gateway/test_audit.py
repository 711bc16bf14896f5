"""Who changed what of stores, terminals and workers; secrets are not shown (E7)."""

from __future__ import annotations

from typing import Any

from tests.integration.pos_gateway.shop import Gateway, Till


async def trail(gateway: Gateway, **filters: Any) -> list[Any]:
    """Entries of the audit trail, the newest first."""
    token = gateway.issuer.token("audit:read")
    items: list[Any] = (await gateway.get("/audit", token=token, **filters))["items"]
    return items


async def test_a_new_pin_is_told_and_hidden(gateway: Gateway) -> None:
    """E7."""
    await gateway.put("/workers/W77", {"name": "Kim", "role": "lead", "pin": "834027"})
    pin, made = await trail(gateway, kind="worker", no="W77")
    assert pin["changes"] == [{"field": "pin", "line_no": None, "old": None, "new": "(hidden)"}]
    assert {"field": "role", "line_no": None, "old": None, "new": "lead"} in made["changes"]
    kept = await gateway.sql("SELECT changes::text FROM audit")
    assert not any("834027" in row["changes"] for row in kept)


async def test_a_terminal_is_told_without_its_secret(till: Till) -> None:
    """E7: made, given a new secret, blocked."""
    gateway, no = till.gateway, till.terminal_no
    again = await gateway.post(f"/stores/{till.store_no}/terminals", {"no": no})
    await gateway.patch(f"/terminals/{no}", {"blocked": True})
    blocked, renewed, *_ = await trail(gateway, kind="terminal", no=no)
    assert blocked["changes"] == [{"field": "blocked", "line_no": None, "old": "false", "new": "true"}]
    assert [each["new"] for each in renewed["changes"]] == ["(hidden)"]
    kept = await gateway.sql("SELECT changes::text FROM audit")
    assert not any(again["secret"] in row["changes"] for row in kept)


async def test_another_interval_of_the_pull_job_is_told(gateway: Gateway) -> None:
    """E7."""
    await gateway.put("/pull-jobs/P-0001", {"interval_s": 7}, expect=200)
    await gateway.put("/pull-jobs/P-0001", {"interval_s": 7}, expect=200)
    (entry,) = await trail(gateway, kind="pull-job")
    (change,) = entry["changes"]
    assert (change["field"], change["new"]) == ("interval_s", "7.0")


async def test_a_till_s_order_is_no_change(till: Till) -> None:
    """E7: the path of orders writes no row."""
    before = await till.gateway.sql("SELECT count(*) FROM audit")
    answer = await till.submit(till.order())
    assert answer.status_code in {201, 202}
    assert await till.gateway.sql("SELECT count(*) FROM audit") == before
