"""Numbers, operations and copies."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest
from sqlalchemy import text

from eventkit import copies, operations
from eventkit.ids import new_id
from recordkit import series
from tests.integration.eventkit.rig import THING, Rig, Thing, running

SERIES = text("INSERT INTO number_series VALUES ('order', 'S-', 1001)")


async def test_numbers_are_given_without_gaps_and_once(rig: Rig) -> None:
    async with rig.db.begin() as tx:
        await tx.run(SERIES)

    async def take(count: int, *, fail: bool = False) -> list[str]:
        async with rig.db.begin() as tx:
            numbers = await series.take(tx, "order", count)
            if fail:
                raise RuntimeError
        return numbers

    taken = await asyncio.gather(
        *(take(1 + i % 3) for i in range(6)), take(5, fail=True), return_exceptions=True
    )
    numbers = sorted(no for result in taken if isinstance(result, list) for no in result)
    assert numbers == [f"S-{1001 + i}" for i in range(12)]


async def test_an_unknown_number_series_is_an_error(rig: Rig) -> None:
    async with rig.db.begin() as tx:
        with pytest.raises(LookupError, match="invoice"):
            await series.take(tx, "invoice", 1)


async def test_an_operation_ends_once(rig: Rig) -> None:
    id_ = new_id()
    async with rig.db.begin() as tx:
        await operations.start(tx, [operations.Started(id_, "post", "S-1001")])
        await operations.start(tx, [operations.Started(id_, "post", "S-1001")])
    async with rig.db.begin() as tx:
        assert await operations.finish(
            tx, [operations.Finished(id_, "succeeded", {"shipment_no": "SS-1"})]
        ) == {id_}
    async with rig.db.begin() as tx:
        assert (
            await operations.finish(tx, [operations.Finished(id_, "refused", problem={"code": "late"})])
            == set()
        )
    ((status, result, problem, ended),) = await rig.rows(
        "SELECT status, result, problem, ended_at IS NOT NULL FROM operation"
    )
    assert (status, result, problem, ended) == ("succeeded", '{"shipment_no": "SS-1"}', None, True)
    assert isinstance(id_, UUID)


async def test_copies_are_read_by_number(rig: Rig) -> None:
    async with running(rig.reader().run):
        await rig.send((THING, "A", 1, "a"), (THING, "B", 2, "b"))
        await rig.until_read(2)
    async with rig.db.read() as conn:
        assert await copies.load(conn, THING, ["B", "A", "C"]) == {
            "A": Thing(version=1, value="a"),
            "B": Thing(version=2, value="b"),
        }
