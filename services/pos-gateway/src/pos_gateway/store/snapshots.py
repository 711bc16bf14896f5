"""The current snapshots of what the gateway publishes, so that they can be published again."""

from __future__ import annotations

from typing import Final

import msgspec

from contracts.captures import CaptureOutcome
from contracts.channel import ChannelOrder
from eventkit.republish import SnapshotReader
from pos_gateway.domain.setup.records import published_store
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from pos_gateway.store.stages import channel_order
from recordkit.snapshots import ASKED, master_readers, snapshot_reader

# Both tables are locked row by row in the order in which they are named: stages first, as in all acts on orders.
PULLED: Final = f"""
SELECT o.confirmation_no AS no, o.body FROM order_stage s JOIN customer_order o USING (confirmation_no)
WHERE s.pulled_at IS NOT NULL AND {ASKED.format(no="o.confirmation_no", changed="s.pulled_at")}
  AND (NOT :open_only OR s.status IN ('pulled', 'failed', 'held'))
ORDER BY o.confirmation_no
"""
"""Orders that were pulled; open are those that sales may still lack."""


CAPTURES: Final = f"""
SELECT i.id::text AS no, json_build_object(
    'version', 1, 'happened', json_build_array(i.status), 'instruction_id', i.id, 'method', i.method,
    'amount', i.amount::text, 'reference', i.reference, 'confirmed_at', i.confirmed_at, 'outcome', i.status,
    'confirmation_no', i.confirmation_no, 'transaction_id', s.transaction_id, 'sales_order_no', s.sales_order_no
)::text AS body
FROM order_stage s JOIN payment_instruction i USING (confirmation_no)
WHERE i.kind = 'capture' AND i.status <> 'requested'
  AND {ASKED.format(no="i.id::text", changed="i.confirmed_at")} AND NOT :open_only
ORDER BY i.id
"""
"""Captures whose outcome is known; nothing of them is open."""
_decode_capture: Final = msgspec.json.Decoder(CaptureOutcome).decode


def _pulled(body: str) -> ChannelOrder:
    return channel_order(body, "pulled")


SNAPSHOTS: Final[dict[str, SnapshotReader]] = {
    "channel-order": snapshot_reader(PULLED, _pulled),
    "capture-outcome": snapshot_reader(CAPTURES, _decode_capture),
    **master_readers(KINDS_OF_GATEWAY, {"store": published_store}),
}
