"""Planning runs whose process dies: they leave nothing, are done again, and end."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from typing import Any

import asyncpg

from planning.jobs.calculate_plans import ATTEMPTS_MAX, do_next_run
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import open_company, sales_line, sales_order
from tests.support.polling import eventually

PLAN = "/requisition-worksheets/DEFAULT/calculate-plan"
LINES = "/requisition-worksheets/DEFAULT/lines"
DAYS = {"from_date": "2026-03-16", "to_date": "2026-12-31"}
CONNECTED = """
SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'planning cli%'
"""
WAITING = f"{CONNECTED.rstrip()} AND wait_event_type = 'Lock'"


async def asked(planning: Planning) -> Any:
    """A run of which each item of a sales order needs something."""
    await open_company(planning, automation="manual")
    await planning.put("/items/1000", {"vendor_no": "V20", "reordering_policy": "lot_for_lot"})
    line = sales_line(10000, "1000", "7")
    await planning.deliver(("sales-order", "S-1", sales_order("S-1", line)))
    return await planning.post(PLAN, DAYS, expect=202)


async def test_a_killed_plan_leaves_nothing_and_is_done_again(planning: Planning) -> None:
    """Its process is killed while it writes its lines."""
    operation = await asked(planning)
    settings = planning.service.settings
    address = settings.database_url
    blocker = await asyncpg.connect(address)
    environment = os.environ | {
        "KOPPEL_DATABASE_URL": address,
        "KOPPEL_KAFKA_BOOTSTRAP": settings.kafka_bootstrap,
        "KOPPEL_TOPIC_PREFIX": settings.topic_prefix,
    }
    try:
        async with blocker.transaction():
            await blocker.execute("LOCK TABLE requisition_line IN SHARE MODE")
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "planning", "plan", env=environment
            )
            await eventually(lambda: planning.sql(WAITING), bool)
            child.send_signal(signal.SIGKILL)
            assert await child.wait() == -signal.SIGKILL
    finally:
        await blocker.close()
    # PostgreSQL sees that its client is gone when it has the lock.
    await eventually(lambda: planning.sql(CONNECTED), lambda rows: not rows)
    assert (await planning.get(LINES))["items"] == []
    assert (await planning.get(f"/operations/{operation['id']}"))["status"] == "running"
    assert await do_next_run(planning.database)
    assert (await planning.get(f"/operations/{operation['id']}"))["status"] == "succeeded"
    assert [x["quantity"] for x in (await planning.get(LINES))["items"]] == ["7"]


async def test_a_plan_that_dies_too_often_is_given_up(planning: Planning) -> None:
    operation = await asked(planning)
    await planning.sql(f"UPDATE plan_run SET attempts = {ATTEMPTS_MAX} RETURNING id")
    assert await do_next_run(planning.database)
    ended = await planning.get(f"/operations/{operation['id']}")
    assert (ended["status"], ended["problem"]["code"]) == ("failed", "internal-error")
    assert (await planning.get(LINES))["items"] == []
    assert not await do_next_run(planning.database)
