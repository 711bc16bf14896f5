"""Commands about what is set up; stores, profiles and parameters are their own commands."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from pos_gateway.domain.setup.records import Worker


class PutWorker(msgspec.Struct, frozen=True):
    """A worker, and the hash of a new PIN if one is set."""

    worker: Worker
    pin_hash: str | None = None


class Distribution(msgspec.Struct, frozen=True):
    """The configuration that tills work with now."""

    config_version: Annotated[
        int, Meta(description="Version of the configuration; every answer names it.", examples=[42])
    ]
