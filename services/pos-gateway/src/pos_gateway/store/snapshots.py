"""The current snapshots of what the gateway publishes, so that they can be published again."""

from __future__ import annotations

from typing import Final

from contracts.channel import ChannelOrder
from eventkit.republish import SnapshotReader
from pos_gateway.domain.setup.records import published_store
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from pos_gateway.store.stages import channel_order
from recordkit.snapshots import ASKED, master_readers, snapshot_reader

PULLED: Final = f"""
SELECT o.confirmation_no AS no, o.body FROM customer_order o JOIN order_stage s USING (confirmation_no)
WHERE s.pulled_at IS NOT NULL AND {ASKED.format(no="o.confirmation_no", changed="s.pulled_at")}
  AND (NOT :open_only OR s.status IN ('pulled', 'failed', 'held'))
ORDER BY o.confirmation_no
"""
"""Orders that were pulled; open are those that sales may still lack."""


def _pulled(body: str) -> ChannelOrder:
    return channel_order(body, "pulled")


SNAPSHOTS: Final[dict[str, SnapshotReader]] = {
    "channel-order": snapshot_reader(PULLED, _pulled),
    **master_readers(KINDS_OF_GATEWAY, {"store": published_store}),
}
