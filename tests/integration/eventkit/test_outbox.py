"""State and event leave together; the relay loses nothing and keeps each aggregate's order."""

from __future__ import annotations

import asyncio
import secrets
import signal
import time
from dataclasses import replace
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy import text

from contracts.topics import MAX_EVENT_BYTES
from deploy.local.settings import free_ports
from eventkit import metrics, outbox
from eventkit.failpoints import EXIT_STATUS
from eventkit.lease import IDLE_SESSION_TIMEOUT_S, Lease
from eventkit.transaction import Database
from tests.integration.eventkit.processes import child
from tests.integration.eventkit.rig import CONTEXT, THING, Rig, Thing, running
from tests.integration.eventkit.test_processes import answers
from tests.support import events
from tests.support.polling import eventually

STATE = text("INSERT INTO effect (kind, no, version, value) VALUES ('state', :no, 1, '')")


async def store_and_publish(rig: Rig, value: str, *, fail: bool = False) -> None:
    async with rig.db.begin() as tx:
        await tx.run(STATE, no="A")
        tx.publish(THING, "A", Thing(version=1, value=value), CONTEXT)
        if fail:
            raise RuntimeError


async def test_a_rolled_back_transaction_leaves_neither_state_nor_event(rig: Rig) -> None:
    with pytest.raises(RuntimeError):
        await store_and_publish(rig, "", fail=True)
    assert await rig.rows("SELECT (SELECT count(*) FROM effect), (SELECT count(*) FROM outbox)") == [(0, 0)]


async def test_an_event_that_cannot_be_written_undoes_the_state(rig: Rig) -> None:
    with pytest.raises(ValueError, match="too large"):
        await store_and_publish(rig, "x" * (MAX_EVENT_BYTES + 1))
    assert await rig.rows("SELECT count(*) FROM effect") == [(0,)]


async def test_the_largest_event_travels_even_if_it_cannot_be_compressed(rig: Rig) -> None:
    """And many of them are not written into one row, nor sent within one deadline."""
    noise = secrets.token_hex(MAX_EVENT_BYTES // 2 - 50)
    async with rig.db.begin() as tx:
        for no in ("A", "B", "C"):
            tx.publish(THING, no, Thing(version=1, value=noise), CONTEXT)
    assert await rig.rows("SELECT count(*) FROM outbox") == [(2,)]
    async with running(rig.relay().run, rig.reader().run):
        await rig.until(
            f"SELECT no, length(value) = {len(noise)} FROM effect ORDER BY no",
            [("A", True), ("B", True), ("C", True)],
            deadline_s=60,
        )


async def test_two_publications_of_one_aggregate_make_one_event_that_tells_both(rig: Rig) -> None:
    async with rig.db.begin() as tx:
        tx.publish(THING, "A", Thing(version=1, happened=("created",)), CONTEXT)
        tx.publish(THING, "A", Thing(version=1, happened=("released",)), CONTEXT)
    bodies = await rig.rows("SELECT CAST(body AS jsonb)->'happened' FROM outbox_event")
    assert bodies == [('["created", "released"]',)]


async def test_actions_after_commit_do_not_happen_on_rollback(rig: Rig) -> None:
    done: list[str] = []

    async def act(name: str, *, fail: bool = False) -> None:
        async with rig.db.begin() as tx:
            tx.after_commit(lambda: done.append(name))
            assert name not in done
            if fail:
                raise RuntimeError

    await act("committed")
    with pytest.raises(RuntimeError):
        await act("rolled back", fail=True)
    assert done == ["committed"]


async def test_only_the_newest_unpublished_version_of_an_aggregate_is_sent(rig: Rig) -> None:
    for version in (1, 2, 3):
        await rig.publish(THING, "A", version, f"v{version}")
    async with running(rig.relay().run, rig.reader().run):
        await rig.until_effects({"A": [(3, "v3")]})
        await rig.until("SELECT count(*) FROM outbox", [(0,)])
    assert await rig.rows("SELECT sum(next) FROM consumer_offset") == [(1,)]


async def test_a_republication_written_late_does_not_displace_a_newer_version(rig: Rig) -> None:
    await rig.publish(THING, "A", 6, "newer")
    await rig.publish(THING, "A", 5, "older, published again")
    async with running(rig.relay().run, rig.reader().run):
        await rig.until_effects({"A": [(6, "newer")]})
        await rig.until("SELECT count(*) FROM outbox", [(0,)])


async def look_until_empty(rig: Rig) -> list[list[int]]:
    """Tell the relay to look into the table until nothing stands there; the versions that stood there meanwhile."""
    seen: list[list[int]] = []
    async with asyncio.timeout(15):
        while versions := [version for (version,) in await rig.rows("SELECT version FROM outbox_event")]:
            seen.append(versions)
            async with rig.db.begin() as tx:
                await tx.run(text("NOTIFY koppel_outbox"))
            await asyncio.sleep(0.01)
    return seen


async def test_an_older_version_of_another_process_is_not_sent_after_a_newer_one_handed_over(
    rig: Rig,
) -> None:
    relay = rig.relay(relay_poll_interval_s=60)
    async with running(relay.run, rig.reader().run):
        await eventually(lambda: both(relay, relay), all)
        await rig.publish(THING, "A", 1, "first")
        await rig.until_effects({"A": [(1, "first")]})
        older = events.outbox_event(THING, "A", Thing(version=2, value="older"))
        async with rig.db.begin() as tx:  # as another process: nothing is handed over
            await tx.all(outbox.STORE, occurred_at=tx.now, counts=[1], bodies=[outbox.encoded([older])])
        await rig.publish(THING, "A", 3, "newer")
        await rig.until_effects({"A": [(1, "first"), (3, "newer")]})
        await look_until_empty(rig)
        await rig.publish(THING, "A", 4, "last")
        await rig.until_effects({"A": [(1, "first"), (3, "newer"), (4, "last")]})
    assert await rig.rows("SELECT sum(next) FROM consumer_offset") == [(3,)]


async def test_a_relay_that_ends_after_a_newer_version_passed_an_older_one_leaves_both(rig: Rig) -> None:
    """So the next relay sends the newer one again and not the older one after it."""
    relay = rig.relay(relay_poll_interval_s=60)
    older = events.outbox_event(THING, "A", Thing(version=1, value="older"))
    async with running(relay.run, rig.reader().run):
        await eventually(lambda: both(relay, relay), all)
        await rig.publish(THING, "B", 7, "sent, so the relay has read the table")
        await rig.until_read(1)
        async with rig.db.begin() as tx:  # as another process: nothing is handed over
            await tx.all(outbox.STORE, occurred_at=tx.now, counts=[1], bodies=[outbox.encoded([older])])
        await rig.publish(THING, "A", 2, "newer")
        left = await look_until_empty(rig)
    assert [version for version in left[-1] if version != 7] == [1, 2]  # 7 may already be deleted
    assert all(2 in versions for versions in left if 1 in versions), "the next relay would send the older one"


async def test_rows_that_were_handed_over_are_not_read_again(rig: Rig) -> None:
    superseded = metrics.RELAY_SUPERSEDED._value.get()
    async with running(rig.relay(relay_poll_interval_s=0.01).run, rig.reader().run):
        for n in range(200):
            await rig.publish(THING, f"T{n}", 1, "once")
        await rig.until_read(200)
        await rig.until("SELECT count(*) FROM outbox", [(0,)])
    assert await rig.rows("SELECT sum(next) FROM consumer_offset") == [(200,)]
    assert metrics.RELAY_SUPERSEDED._value.get() == superseded


async def test_rows_of_a_transaction_that_another_process_committed_are_told_and_relayed(rig: Rig) -> None:
    other = Database(rig.db.url)
    relay = rig.relay(relay_poll_interval_s=60)
    try:
        async with running(relay.run, rig.reader().run):
            await eventually(lambda: both(relay, relay), all)
            await replace(rig, db=other).publish(THING, "A", 1, "elsewhere")
            await rig.until_effects({"A": [(1, "elsewhere")]})
    finally:
        await other.close()


async def test_many_events_of_one_transaction_stand_in_few_rows_and_all_are_sent(rig: Rig) -> None:
    async with rig.db.begin() as tx:
        for n in range(450):
            tx.publish(THING, f"T{n}", Thing(version=1, value="many"), CONTEXT)
    assert await rig.rows("SELECT events FROM outbox ORDER BY id") == [(200,), (200,), (50,)]
    assert (await rig.rows("SELECT key FROM outbox_event OFFSET 449")) == [("T449",)]
    async with running(rig.relay(relay_batch_events=100).run, rig.reader().run):
        await rig.until_read(450)
        await rig.until("SELECT count(*) FROM outbox", [(0,)])
    assert len(await rig.effects()) == 450


async def test_of_two_relays_one_is_active(rig: Rig) -> None:
    first, second = rig.relay(), rig.relay()
    async with running(first.run, second.run):
        await eventually(lambda: both(first, second), lambda active: sum(active) == 1)
        await rig.publish(THING, "A", 1, "once")
        await rig.until("SELECT count(*) FROM outbox", [(0,)])
        assert sum(await both(first, second)) == 1


async def both(first: Any, second: Any) -> list[bool]:
    return [first.active, second.active]


async def relaying(url: str) -> list[bool]:
    """Of each worker that the service's health shows, whether it relays."""
    async with httpx.AsyncClient() as client:
        return [worker["relay_active"] for worker in (await client.get(url)).json()["workers"]]


async def test_a_stopped_relay_loses_its_lease_to_another(rig: Rig) -> None:
    (health,) = free_ports(1)
    async with child(rig, "work", KOPPEL_WORK_HTTP_PORT=str(health)) as holder:
        url = f"http://127.0.0.1:{health}/health/ready"
        await eventually(lambda: answers(url), lambda status: status == 200)
        await rig.publish(THING, "A", 1, "by the first")
        await rig.until_effects({"A": [(1, "by the first")]})
        holder.send(signal.SIGSTOP)
        stopped_at = time.monotonic()
        relay = rig.relay()
        async with running(relay.run):
            await rig.publish(THING, "B", 1, "by the second")
            await rig.until("SELECT count(*) FROM outbox", [(0,)], IDLE_SESSION_TIMEOUT_S + 5)
            assert time.monotonic() - stopped_at > 1
            holder.send(signal.SIGCONT)
            await rig.until_effects({"A": [(1, "by the first")], "B": [(1, "by the second")]}, 30)
            await eventually(lambda: relaying(url), lambda found: found == [False])
            assert relay.active


async def test_a_lease_is_not_held_once_its_session_ended(rig: Rig) -> None:
    lease = Lease(rig.db.url, "some")
    assert await lease.acquire()
    assert not await Lease(rig.db.url, "some").acquire()
    conn = await asyncpg.connect(rig.db.url)
    await conn.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
        "WHERE application_name = 'koppel lease some' AND datname = current_database()"
    )
    await conn.close()

    async def held() -> bool:
        return lease.held

    await eventually(held, lambda h: not h, 5)
    other = Lease(rig.db.url, "some")
    assert await other.acquire()
    await other.release()
    await lease.release()


@pytest.mark.parametrize("point", ["after_send", "before_mark"])
async def test_death_between_sending_and_marking_sends_again_without_a_second_effect(
    rig: Rig, tmp_path: Any, point: str
) -> None:
    await rig.publish(THING, "A", 1, "once")
    once = str(tmp_path / "died")
    async with child(rig, "work", KOPPEL_FAILPOINT=point, KOPPEL_FAILPOINT_ONCE=once) as first:
        assert await first.status() == EXIT_STATUS
    assert await rig.rows("SELECT count(*) FROM outbox") == [(1,)]
    async with child(rig, "work", KOPPEL_FAILPOINT=point, KOPPEL_FAILPOINT_ONCE=once):
        await rig.until_read(2, 30)
    assert await rig.effects() == {"A": [(1, "once")]}


async def test_an_event_whose_process_died_right_after_the_commit_is_relayed(rig: Rig) -> None:
    (port,) = free_ports(1)
    async with child(rig, "serve", KOPPEL_HTTP_PORT=str(port), KOPPEL_FAILPOINT="after_commit") as serve:
        await eventually(
            lambda: answers(f"http://127.0.0.1:{port}/health/ready"), lambda status: status == 200
        )
        async with httpx.AsyncClient() as client:
            with pytest.raises(httpx.TransportError):
                await client.post(f"http://127.0.0.1:{port}/things/A")
        assert await serve.status() == EXIT_STATUS
    async with running(rig.relay().run, rig.reader().run):
        await rig.until_effects({"A": [(1, "posted")]})


async def test_many_commits_at_once_need_few_notifications(rig: Rig) -> None:
    heard: list[str] = []
    conn = await asyncpg.connect(rig.db.url)
    await conn.add_listener("koppel_outbox", lambda *_: heard.append("outbox"))
    await asyncio.gather(*(rig.publish(THING, f"T{i}", 1) for i in range(100)))

    async def count() -> int:
        return len(heard)

    await eventually(count, lambda n: n > 0)
    await conn.close()
    assert len(heard) < 100
