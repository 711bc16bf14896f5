"""The records that the gateway looks up: what is set up here, and copies of others' master data."""

from __future__ import annotations

from typing import Final

from pos_gateway.domain.setup.records import CommerceParameters, FunctionalityProfile, Store, Worker
from recordkit.kinds import RecordKinds

COPIES: Final = (
    "company",
    "exchange-rate",
    "customer",
    "ship-to-address",
    "purchasing-code",
    "charge-code",
    "item",
    "stockkeeping-unit",
    "planning-setup",
    "location",
    "stock",
)

KINDS_OF_GATEWAY: Final = RecordKinds(
    own={
        "store": Store,
        "functionality-profile": FunctionalityProfile,
        "commerce-parameters": CommerceParameters,
        "worker": Worker,
    },
    copies=COPIES,
)
