"""The job that forgets tills' orders which got their sales orders long ago."""

from __future__ import annotations

from typing import Final

from eventkit.transaction import Database
from planning.store import channel_demand
from servicekit.jobs import Job

INTERVAL_S: Final = 3600.0


def forget_channel_demand() -> Job:
    """Deletes what no late event needs any more."""
    return Job(name="forget-channel-demand", run=_forget, interval_s=INTERVAL_S)


async def _forget(database: Database) -> None:
    async with database.begin() as tx:
        await channel_demand.forget(tx)
