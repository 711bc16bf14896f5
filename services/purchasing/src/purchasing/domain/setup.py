"""The purchasing setup."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from contracts.fields import Version
from contracts.values import Deleted, Happened, Model
from domainkit.references import ReferenceData

SETUP_NO: Final = "SETUP"


class PurchasingChoices(Model, frozen=True, kw_only=True):
    """Choices of the company about purchases."""

    allow_purchase_invoice_before_sales_invoice: Annotated[
        bool,
        Meta(
            description="A vendor's invoice of a drop shipment may be posted before the customer was invoiced.",
            examples=[False],
        ),
    ] = False
    allow_duplicate_vendor_invoice_no: Annotated[
        bool,
        Meta(
            description="A vendor's invoice number may be posted more than once.",
            examples=[False],
        ),
    ] = False


class PurchasingSetup(PurchasingChoices, frozen=True, kw_only=True):
    """The choices as they are stored; only this service reads them. The first lifts BC-DS-24."""

    version: Version
    happened: Happened = ()
    deleted: Deleted = False


DEFAULTS: Final = PurchasingSetup(version=0)
"""The setup before it is first written."""


def setup_of(references: ReferenceData) -> PurchasingSetup:
    """The setup, as far as the query asked for it."""
    return references.find(PurchasingSetup, SETUP_NO) or DEFAULTS
