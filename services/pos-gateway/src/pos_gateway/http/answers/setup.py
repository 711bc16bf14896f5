"""Answers about what is set up. A worker's PIN is in none of them."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import Version
from contracts.pos import StoreNo, WorkerId
from contracts.values import CreatedAt, UpdatedAt
from pos_gateway.domain.setup.records import (
    ParameterSettings,
    ProfileId,
    ProfileSettings,
    StoreSettings,
    WorkerSettings,
)


class StoreAnswer(StoreSettings, frozen=True, kw_only=True, omit_defaults=False):
    """A shop: where its goods lie, what it sells in, and which profile holds."""

    no: StoreNo
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class FunctionalityProfileAnswer(ProfileSettings, frozen=True, kw_only=True, omit_defaults=False):
    """What the tills of a store may do and how."""

    id: ProfileId
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class CommerceParametersAnswer(ParameterSettings, frozen=True, kw_only=True, omit_defaults=False):
    """The company's parameters; version 0 until they are set."""

    version: Version
    created_at: CreatedAt | None
    updated_at: UpdatedAt | None


class WorkerAnswer(WorkerSettings, frozen=True, kw_only=True, omit_defaults=False):
    """A person who works at tills."""

    id: WorkerId
    version: Version
    created_at: CreatedAt
    updated_at: UpdatedAt


class DistributionAnswer(msgspec.Struct, frozen=True):
    """The configuration that tills work with now."""

    config_version: Annotated[
        int, Meta(description="Version of the configuration; every answer names it.", examples=[42])
    ]
