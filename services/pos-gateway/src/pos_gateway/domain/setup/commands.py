"""Commands about what is set up; stores, profiles and parameters are their own commands."""

from __future__ import annotations

import msgspec

from pos_gateway.domain.setup.records import Worker


class PutWorker(msgspec.Struct, frozen=True):
    """A worker, and the hash of a new PIN if one is set."""

    worker: Worker
    pin_hash: str | None = None
