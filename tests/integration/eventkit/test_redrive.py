"""Parked events get a second chance, once."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from eventkit import parking, waiting
from eventkit.consumer import Batch, Subscription, Waiting
from eventkit.errors import OvertakenError
from eventkit.processing import Processor
from eventkit.redrive import Redriven, Sweep, redrive
from eventkit.transaction import Transaction
from tests.integration.eventkit.processes import output
from tests.integration.eventkit.rig import PART, SUBSCRIPTIONS, THING, Rig, Thing, record_effects, running
from tests.support import events

WAITING_FOR_A_LOCK = """
SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'
"""
REPAIRED: tuple[Subscription[Any], ...] = (Subscription(THING, record_effects), Subscription(PART))


async def repaired(tx: Transaction, batch: Batch[Thing]) -> None:
    """The handler after its bug was mended."""
    await tx.run(
        text("INSERT INTO effect (kind, no, version, value) VALUES ('thing', :no, 1, 'repaired')"),
        no=batch.changes[0].no,
    )


async def parked_poison(rig: Rig) -> UUID:
    await rig.send((THING, "A", 1, "poison"))
    async with running(rig.reader().run):
        await rig.until("SELECT count(*) FROM parked", [(1,)])
    ((id_,),) = await rig.rows("SELECT id FROM parked")
    return UUID(str(id_))


async def test_of_two_who_redrive_an_event_one_applies_it(rig: Rig) -> None:
    id_ = await parked_poison(rig)
    mended: list[Subscription[Any]] = [Subscription(THING, repaired)]
    outcomes = await asyncio.gather(redrive(rig.db, mended, id_), redrive(rig.db, mended, id_))
    assert sorted(redriven.outcome for redriven in outcomes) == ["applied", "gone"]
    assert await rig.effects() == {"A": [(1, "repaired")]}
    assert await rig.rows("SELECT count(*) FROM parked") == [(0,)]


async def test_an_event_that_fails_again_stays_parked_with_its_newest_error(rig: Rig) -> None:
    id_ = await parked_poison(rig)

    async def still_broken(_: Transaction, batch: Batch[Thing]) -> None:
        for change in batch:
            with batch.deciding(change):
                raise ValueError("another reason")

    redriven = await redrive(rig.db, [Subscription(THING, still_broken)], id_)
    assert redriven == Redriven("parked", "ValueError: another reason")
    assert await rig.rows("SELECT status, error FROM parked") == [("parked", "ValueError: another reason")]


@pytest.mark.parametrize("reader", ["consumer", "redrive"])
async def test_the_first_copy_that_another_process_is_about_to_commit_is_not_overlooked(
    rig: Rig, reader: str
) -> None:
    """Else the next event would be decided as if it were the first: what it replaces would stay."""
    seen: list[Thing | None] = []

    async def note_old(_: Transaction, batch: Batch[Thing]) -> None:
        seen.extend(change.old for change in batch)

    processor = Processor([Subscription(THING, note_old)], rig.cluster_id)
    newer = events.record(THING, "A", Thing(version=2))

    async def apply_newer() -> None:
        if reader == "consumer":
            await processor.process(rig.db, [newer], ())
            return
        async with rig.db.begin() as tx:
            await processor.apply_parked(tx, newer)

    async with rig.db.begin() as first:
        await processor.apply_parked(first, events.record(THING, "A", Thing(version=1, value="first")))
        overtaken = asyncio.create_task(apply_newer())
        await rig.until(WAITING_FOR_A_LOCK, [(1,)])
    with pytest.raises(OvertakenError):
        await overtaken
    await apply_newer()

    assert seen[-1] == Thing(version=1, value="first")
    assert await rig.rows("SELECT version FROM copy") == [(2,)]


async def test_redriving_what_a_newer_snapshot_replaced_changes_nothing(rig: Rig) -> None:
    id_ = await parked_poison(rig)
    await rig.send((THING, "A", 2, "fine"))
    async with running(rig.reader().run):
        await rig.until_effects({"A": [(2, "fine")]})
    assert (await redrive(rig.db, SUBSCRIPTIONS, id_)).outcome == "gone"
    assert await rig.effects() == {"A": [(2, "fine")]}


async def test_a_discarded_event_says_who_gave_it_up_and_why(rig: Rig) -> None:
    id_ = await parked_poison(rig)
    async with rig.db.begin() as tx:
        assert await parking.discard(tx, [id_], by="anna", note="test data") == {id_}
    async with rig.db.read() as conn:
        found = await parking.show(conn, id_)
    assert found is not None
    assert (found.status, found.closed_by, found.note) == ("discarded", "anna", "test data")
    assert found.headers is not None
    assert found.headers["ce_subject"] == "A"
    assert found.value == '{"version":1,"value":"poison"}'
    assert (await redrive(rig.db, REPAIRED, id_)).outcome == "gone"


async def test_parked_events_are_operated_from_the_command_line(rig: Rig) -> None:
    assert "nothing is parked" in (await output(rig, "parked", "list"))[1]
    id_ = await parked_poison(rig)
    _, listed = await output(rig, "parked", "list")
    heads, row = listed.splitlines()
    assert heads.split()[:6] == ["id", "status", "reason", "kind", "no", "version"]
    assert row.split()[:6] == [str(id_), "parked", "error", "thing", "A", "1"]
    assert row.endswith("ValueError: poison")
    _, shown = await output(rig, "parked", "show", str(id_))
    assert '"no": "A"' in shown
    status, _ = await output(rig, "parked", "discard", str(id_), "--note", "no use", "--by", "anna")
    assert status == 0
    assert await rig.rows("SELECT status, closed_by FROM parked") == [("discarded", "anna")]


async def test_a_redrive_that_does_not_help_says_why_and_fails(rig: Rig) -> None:
    id_ = await parked_poison(rig)
    status, printed = await output(rig, "parked", "redrive", "--all", "--reason", "error")
    assert status == 1
    assert printed.splitlines() == [f"{id_}  parked  ValueError: poison", "1 parked"]


async def test_what_is_parked_is_logged_with_what_its_headers_name(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    """Also where its value cannot be read: an operator finds the document by the line."""
    await rig.sink.send([rig.message(THING, "A", 99, body=b"{")])
    async with running(rig.reader().run):
        await rig.until("SELECT kind, no, version, reason FROM parked", [("thing", "A", 99, "undecodable")])
    (line,) = [each for each in capsys.readouterr().out.splitlines() if "an event was parked" in each]
    for named in ("thing", "kit.thing.v1", "undecodable", "99"):
        assert named in line


async def test_an_event_that_missed_the_copys_arrival_is_taken_up_by_the_sweep(rig: Rig) -> None:
    await rig.send((THING, "A", 1, "needs:P"))
    async with running(rig.reader().run):
        await rig.until("SELECT count(*) FROM waiting", [(1,)])
    async with rig.db.begin() as tx:  # the copy that another process stored at the same moment
        await tx.run(text("INSERT INTO copy VALUES ('part', 'P', 1, '{\"version\": 1}', :now)"), now=tx.now)
    async with running(sweep(rig).run):
        await rig.until_effects({"A": [(1, "needs:P")]})


def sweep(rig: Rig) -> Sweep:

    return Sweep(rig.db, Processor(SUBSCRIPTIONS, rig.cluster_id))


async def test_a_waiting_event_that_fails_when_taken_up_is_parked_alone(rig: Rig) -> None:
    async def waits_then_breaks(tx: Transaction, batch: Batch[Thing]) -> None:

        known = await tx.all(text("SELECT 1 FROM copy WHERE kind = 'part'"))
        for change in batch:
            with batch.deciding(change):
                if not known:
                    raise Waiting("part", "P")
        if known:
            await tx.run(text("INSERT INTO effect (value) VALUES ('forbidden')"))

    order: list[Subscription[Any]] = [
        Subscription(PART, record_effects),
        Subscription(THING, waits_then_breaks),
    ]

    async with running(rig.reader(order).run, Sweep(rig.db, Processor(order, rig.cluster_id)).run):
        await rig.send((THING, "A", 1, ""))
        await rig.until("SELECT count(*) FROM waiting", [(1,)])
        await rig.send((PART, "P", 1, "fine"))
        await rig.until("SELECT kind, no, reason FROM parked", [("thing", "A", "error")])
    assert await rig.effects() == {"P": [(1, "fine")]}
    assert await rig.rows("SELECT kind, no FROM copy") == [("part", "P")]


async def test_the_time_a_waiting_event_waits_is_kept_over_retries(rig: Rig) -> None:
    await rig.send((THING, "A", 1, "needs:P"))
    async with running(rig.reader().run):
        await rig.until("SELECT count(*) FROM waiting", [(1,)])
    ((since,),) = await rig.rows("SELECT since FROM waiting")
    async with rig.db.begin() as tx:
        await waiting.hasten(tx, [("part", "P")])
    assert await sweep(rig).sweep(10) == 1
    ((still_since, postponed),) = await rig.rows("SELECT since, retry_at > now() FROM waiting")
    assert still_since == since
    assert postponed
