"""Answers about goods that came and are not invoiced."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from contracts.fields import (
    Amount,
    CurrencyCodeOrBlank,
    Day,
    ItemNo,
    LineNo,
    PurchaseOrderNo,
    TotalQuantity,
    UnitOfMeasureCodeOrBlank,
    VendorNo,
)
from contracts.purchasing.fields import Description, OrderDate, QuantityInvoiced, QuantityReceived, VendorName
from purchasing.http.answers.orders import Answer


class ReceivedNotInvoicedLine(Answer, frozen=True, kw_only=True):
    """A purchase line of which goods came that the vendor has not invoiced."""

    purchase_order_no: PurchaseOrderNo
    purchase_order_line_no: LineNo
    vendor_no: VendorNo
    vendor_name: VendorName
    order_date: OrderDate
    item_no: ItemNo
    description: Description
    unit_of_measure_code: UnitOfMeasureCodeOrBlank
    quantity_received: QuantityReceived
    quantity_invoiced: QuantityInvoiced
    qty_rcd_not_invoiced: Annotated[
        TotalQuantity,
        Meta(description="Received up to the day that is asked for, and not invoiced yet.", examples=["2"]),
    ]
    received_since: Annotated[
        Day, Meta(description="The oldest receipt that is not invoiced.", examples=["2026-03-09"])
    ]
    currency_code: CurrencyCodeOrBlank
    amount: Annotated[
        Amount,
        Meta(
            description="What it is worth after all discounts, in the order's currency.", examples=["160.00"]
        ),
    ]
    company_amount: (
        Annotated[
            Amount,
            Meta(
                description="The same in the company's currency at the rate of the order's day; null without a rate.",
                examples=["160.00"],
            ),
        ]
        | None
    )


class ReceivedNotInvoicedTotal(Answer, frozen=True, kw_only=True):
    """What all lines that match are worth, on this page or not."""

    amount: Annotated[Amount, Meta(description="Sum of `company_amount`.", examples=["160.00"])]
    currency_code: Annotated[CurrencyCodeOrBlank, Meta(description="The company's currency.")]
