"""All that is set up, as decisions see it.

Settings are checked when they are stored, so that no till gets one that cannot work. They take effect at once:
`version` is the `config_version` in every answer to a till.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec
from msgspec.structs import replace

from pos_gateway.domain.setup.records import CommerceParameters, FunctionalityProfile, Store, Worker

Mode = Literal["synchronous", "asynchronous", "backup"]
"""How an order reaches sales: the till waits for it, it is pulled, or tried first and else pulled (POS-16)."""


class PastSettings(msgspec.Struct, frozen=True, kw_only=True):
    """What tills knew in an earlier version of the configuration."""

    stores: Mapping[str, Store]
    profiles: Mapping[str, FunctionalityProfile]
    parameters: CommerceParameters


class Configuration(msgspec.Struct, frozen=True, kw_only=True):
    """Everything at one time. `revision` counts every change, `version` those that tills must know."""

    revision: int
    version: int
    stores: Mapping[str, Store] = {}
    profiles: Mapping[str, FunctionalityProfile] = {}
    workers: Mapping[str, Worker] = {}
    terminals: Mapping[str, str] = {}
    """Terminal number → its store's (POS-21)."""
    terminal_versions: Mapping[str, int] = {}
    """Of the terminals that are not blocked: their tokens name the version."""
    pin_versions: Mapping[str, int] = {}
    """Of the workers that have a PIN: their sessions name the version."""
    parameters: CommerceParameters = CommerceParameters()

    def as_known(self, version: int | None, store_no: str, past: Mapping[int, PastSettings]) -> Configuration:
        """What a till that was offline knew: the settings of the version that it names, if they are kept (P14).

        Else, and without a version, today's. Terminals and workers are always those of today.
        """
        known = None if version is None else past.get(version)
        if version is None or known is None or store_no not in known.stores:
            return self
        return replace(
            self,
            version=version,
            stores=known.stores,
            profiles=known.profiles,
            parameters=known.parameters,
        )

    def worker_of(self, id_: str) -> Worker:
        """The worker; one who is unknown has no permission."""
        return self.workers.get(id_) or Worker(id=id_)

    def profile_of(self, store: Store) -> FunctionalityProfile:
        """The store's profile, or the defaults."""
        return self.profiles.get(store.profile_id) or FunctionalityProfile()

    def mode_of(self, store_no: str) -> Mode:
        """How orders of a store reach sales (POS-15, POS-16)."""
        store = self.stores.get(store_no)
        profile = self.profile_of(store) if store else FunctionalityProfile()
        if not profile.create_customer_order_in_async_mode:
            return "synchronous"
        return "backup" if profile.realtime_with_async_backup else "asynchronous"
