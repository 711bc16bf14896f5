"""The setup of planning."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from contracts import planning as contract
from contracts.fields import Money, Version
from contracts.planning import ZERO, PlanningSetupDetails
from contracts.values import Deleted, Happened
from domainkit.references import ReferenceData

SETUP_NO: Final = "SETUP"


class PlanningSettings(PlanningSetupDetails, frozen=True, kw_only=True):
    """The choices of the company about planning."""

    automation_limit_amount: Annotated[
        Money,
        Meta(
            description="Most that a purchase order may cost without a person, in the company's currency; 0: no limit.",
            examples=["5000.00"],
        ),
    ] = ZERO


class Setup(PlanningSettings, frozen=True, kw_only=True):
    """The setup as it is kept; there is one."""

    version: Version = 0
    happened: Happened = ()
    deleted: Deleted = False


def setup_of(references: ReferenceData) -> Setup:
    """The setup; its defaults until there is one."""
    return references.find(Setup, SETUP_NO) or Setup()


def published_setup(setup: Setup) -> contract.PlanningSetup:
    """The part of the setup that concerns other services."""
    return msgspec.convert(setup, contract.PlanningSetup, from_attributes=True)
