"""The statements of every batch find their rows by index, whatever the size of the tables."""

from __future__ import annotations

import pytest
from sqlalchemy import TextClause

from eventkit import copying, offsets
from tests.integration.eventkit.rig import Rig
from tests.support.plans import read_whole

EVERY_BATCH = {
    "claim": offsets.CLAIM,
    "claim and store copies": copying.CLAIM_AND_STORE,
    "claim and lock copies": copying.CLAIM_AND_LOCK,
    "lock copies": copying.LOCK,
    "store copies": copying.STORE,
}


@pytest.mark.parametrize("statement", EVERY_BATCH.values(), ids=EVERY_BATCH)
async def test_a_batch_reads_no_table_whole(rig: Rig, statement: TextClause) -> None:
    async with rig.db.begin() as tx:
        assert await read_whole(tx, statement) == set()
