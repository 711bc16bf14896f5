"""What a dry run of a release answers."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from contracts import fields
from contracts.purchasing.fields import DirectUnitCost, LineDiscountPct, VendorName
from contracts.values import AddressAnswer, Problem
from domainkit.structs import extended
from recordkit.commands import Notice
from sales.domain.orders.context import OrderWithSupply
from sales.domain.orders.release_preview import PlannedOrder
from sales.http.answers.orders import ProcurementMethod, SalesOrderAnswer, sales_order_answer
from sales.use_cases.release_orders import ReleasePreview

CostAmount = Annotated[
    fields.Amount, Meta(description="What it costs, in the company's currency.", examples=["160.00"])
]
SalesAmount = Annotated[
    fields.Amount,
    Meta(description="What the customer pays without tax, in the company's currency.", examples=["298.00"]),
]
MarginAmount = Annotated[fields.Amount, Meta(description="Sale less cost.", examples=["138.00"])]
PurchaseAmount = Annotated[
    fields.Amount, Meta(description="What it costs, in the purchase order's currency.", examples=["160.00"])
]
PurchaseCurrency = Annotated[
    fields.CurrencyCodeOrBlank, Meta(description="Currency of the purchase order.", examples=["EUR"])
]
OrderBy = Annotated[fields.Day, Meta(description="When to order.", examples=["2026-03-02"])]
ToAPerson = Annotated[
    Problem | None, Meta(description="Why automation would leave it to a person; null: it would not.")
]
_EXAMPLE_LINES: Final = [20000]


class PlannedPurchaseAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a release makes planning buy for one line."""

    line_no: fields.LineNo
    item_no: fields.ItemNo
    quantity: Annotated[fields.TotalQuantity, Meta(description="How much, in the line's unit.")]
    unit_of_measure_code: fields.UnitOfMeasureCodeOrBlank
    vendor_no: fields.VendorNoOrBlank
    procurement_method: ProcurementMethod
    purchasing_code: fields.PurchasingCodeOrBlank
    currency_code: PurchaseCurrency
    direct_unit_cost: (
        Annotated[DirectUnitCost, Meta(description="The vendor's price; null for want of an exchange rate.")]
        | None
    )
    line_discount_pct: LineDiscountPct
    amount: PurchaseAmount | None
    cost_amount: CostAmount | None
    sales_amount: SalesAmount | None
    margin_amount: MarginAmount | None
    order_date: OrderBy
    requested_receipt_date: Annotated[
        fields.Day, Meta(description="When the goods shall arrive.", examples=["2026-03-09"])
    ]
    expected_receipt_date: Annotated[
        fields.Day, Meta(description="When they are needed.", examples=["2026-03-10"])
    ]
    problem: ToAPerson


class PlannedOrderAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase order that would be made."""

    vendor_no: fields.VendorNo
    vendor_name: VendorName
    currency_code: PurchaseCurrency
    order_date: OrderBy
    ship_to: AddressAnswer
    line_nos: Annotated[
        tuple[fields.LineNo, ...],
        Meta(description="Lines of the sales order that it buys for.", examples=[_EXAMPLE_LINES]),
    ]
    amount: PurchaseAmount
    cost_amount: CostAmount
    problem: ToAPerson


class ReleasePreviewAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """What a release would make planning buy: of whom, when, in which orders, and what is earned."""

    sales_order_no: fields.SalesOrderNo
    automation: Annotated[
        str,
        fields.choice("manual", "requisition", "purchase_order"),
        Meta(description="How far the release goes by itself.", examples=["purchase_order"]),
    ]
    currency_code: Annotated[
        fields.CurrencyCodeOrBlank, Meta(description="The company's currency.", examples=["EUR"])
    ]
    purchases: Annotated[
        tuple[PlannedPurchaseAnswer, ...], Meta(description="What would be bought, line by line.")
    ]
    purchase_orders: Annotated[
        tuple[PlannedOrderAnswer, ...],
        Meta(description="The orders that lines without a problem would share."),
    ]
    cost_amount: CostAmount
    sales_amount: SalesAmount
    margin_amount: MarginAmount
    margin_pct: (
        Annotated[
            fields.Amount,
            Meta(description="The margin in percent of the sale; null without a sale.", examples=["46.31"]),
        ]
        | None
    )
    warnings: Annotated[
        tuple[Notice, ...], Meta(description="What does not stop the release but should be known.")
    ]


def release_answer(value: OrderWithSupply | ReleasePreview) -> SalesOrderAnswer | ReleasePreviewAnswer:
    """The released order; of a dry run what would be bought."""
    if isinstance(value, ReleasePreview):
        return extended(
            ReleasePreviewAnswer,
            value,
            purchases=tuple(extended(PlannedPurchaseAnswer, each) for each in value.purchases),
            purchase_orders=tuple(map(_order_answer, value.purchase_orders)),
        )
    return sales_order_answer(value)


def _order_answer(order: PlannedOrder) -> PlannedOrderAnswer:
    return extended(PlannedOrderAnswer, order, ship_to=extended(AddressAnswer, order.ship_to))
