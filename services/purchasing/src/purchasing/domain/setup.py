"""The purchasing setup."""

from __future__ import annotations

from contracts.values import Snapshot


class PurchasingSetup(Snapshot, frozen=True, kw_only=True):
    """Choices of the company. The one here lifts BC-DS-24: a vendor's invoice may come before the sales invoice."""

    allow_purchase_invoice_before_sales_invoice: bool = False
