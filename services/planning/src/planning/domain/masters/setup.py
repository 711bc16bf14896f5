"""The setup of planning."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from contracts.fields import Days, QuantityOrZero, Version, choice, text
from contracts.planning import masters as contract
from contracts.planning.masters import PlanningSetupDetails
from contracts.purchasing.fields import GroupingPolicy
from contracts.refusals import invalid
from contracts.values import Deleted, Happened
from domainkit.grouping import STANDARD
from domainkit.money import ZERO
from domainkit.references import ReferenceData

SETUP_NO: Final = "SETUP"


VENDOR_ITEM_NO: Final = "vendor_item_no"
MANUFACTURER_AND_VENDOR_ITEM_NO: Final = "manufacturer_vendor_item_no"
VENDOR_ITEM_NO_AND_MANUFACTURER: Final = "vendor_item_no_manufacturer"
ENTRY_NO: Final = "entry_no"
ITEM_NO_SERIES: Final = "item_no_series"


class PlanningSettings(PlanningSetupDetails, frozen=True, kw_only=True):
    """The choices of the company about planning."""

    catalog_item_no_format: Annotated[
        str,
        choice(
            VENDOR_ITEM_NO,
            MANUFACTURER_AND_VENDOR_ITEM_NO,
            VENDOR_ITEM_NO_AND_MANUFACTURER,
            ENTRY_NO,
            ITEM_NO_SERIES,
        ),
        Meta(
            description="Of what the number of a catalog item's item is made; `item_no_series`: of the series `item`.",
            examples=[VENDOR_ITEM_NO],
        ),
    ] = VENDOR_ITEM_NO
    catalog_item_no_separator: Annotated[
        str,
        text(1, free=False),
        Meta(
            description="One character between the two parts of such a number; empty: none.", examples=["-"]
        ),
    ] = ""
    combine_policy: Annotated[
        GroupingPolicy,
        Meta(
            description="Which lines share a purchase order of vendors whose own grouping policy is `standard`.",
            examples=["per_sales_order"],
        ),
    ] = STANDARD
    promising_offset_days: Annotated[
        Days,
        Meta(
            description="Days between today and the order of what a promise lacks (capable to promise).",
            examples=[1],
        ),
    ] = 0
    dampener_period_days: Annotated[
        Days,
        Meta(
            description="Shifts by so few days are not proposed for items without a dampener period of their own.",
            examples=[3],
        ),
    ] = 0
    dampener_quantity: Annotated[
        QuantityOrZero,
        Meta(
            description="Decreases by less, in base units, are not proposed for items without one of their own.",
            examples=["2"],
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


def check_setup(setup: Setup) -> None:
    """A number of a series has no parts, so nothing separates them (BC-MD-26)."""
    if setup.catalog_item_no_format == ITEM_NO_SERIES and setup.catalog_item_no_separator:
        detail = "numbers of the series have no parts to separate"
        raise invalid("out-of-range", detail, pointer="/catalog_item_no_separator")


def published_setup(setup: Setup) -> contract.PlanningSetup:
    """The part of the setup that concerns other services."""
    return msgspec.convert(setup, contract.PlanningSetup, from_attributes=True)
