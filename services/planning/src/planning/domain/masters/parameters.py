"""Planning parameters: how an item is replenished, in general or at one location (BC-PL-25, BC-PL-29)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Protocol

from msgspec import Meta

from contracts.fields import Days, QuantityOrZero
from contracts.refusals import Violations

ReorderPoint = Annotated[
    QuantityOrZero, Meta(description="Stock below this is replenished, in base units.", examples=["10"])
]
ReorderQuantity = Annotated[
    QuantityOrZero, Meta(description="How much is ordered then, in base units.", examples=["50"])
]
MaximumInventory = Annotated[
    QuantityOrZero, Meta(description="Stock is filled up to this, in base units.", examples=["100"])
]
SafetyStock = Annotated[
    QuantityOrZero, Meta(description="Stock that is not planned with, in base units.", examples=["5"])
]
MinimumOrderQuantity = Annotated[
    QuantityOrZero, Meta(description="No order is smaller, in base units.", examples=["6"])
]
MaximumOrderQuantity = Annotated[
    QuantityOrZero, Meta(description="No order is larger, in base units; 0: no limit.", examples=["60"])
]
OrderMultiple = Annotated[
    QuantityOrZero, Meta(description="Orders are multiples of this, in base units.", examples=["6"])
]
LotAccumulationPeriodDays = Annotated[
    Days, Meta(description="Days whose demand is bought together.", examples=[7])
]
ReschedulingPeriodDays = Annotated[
    Days, Meta(description="Days within which an order is moved instead of replaced.", examples=[14])
]
DampenerPeriodDays = Annotated[Days, Meta(description="Shifts by fewer days are not proposed.", examples=[3])]
DampenerQuantity = Annotated[
    QuantityOrZero, Meta(description="Changes by less are not proposed, in base units.", examples=["2"])
]


class OrderQuantities(Protocol):
    """The parameters that bound the quantity of an order."""

    @property
    def minimum_order_quantity(self) -> Decimal:
        """The least that is ordered; 0: no bound."""
        ...

    @property
    def maximum_order_quantity(self) -> Decimal:
        """The most that is ordered; 0: no bound."""
        ...

    @property
    def order_multiple(self) -> Decimal:
        """Orders are multiples of this; 0: any quantity."""
        ...


def check_order_quantities(found: Violations, parameters: OrderQuantities) -> None:
    """Bounds of an order's quantity that contradict each other (BC-PL-25)."""
    least, most = parameters.minimum_order_quantity, parameters.maximum_order_quantity
    multiple = parameters.order_multiple
    if most and least > most:
        detail = f"minimum order quantity {least} is above the maximum {most}"
        found.invalid("minimum-above-maximum", detail, "/minimum_order_quantity")
    if multiple and most and multiple > most:
        detail = f"order multiple {multiple} is above the maximum {most}"
        found.invalid("multiple-above-maximum", detail, "/order_multiple")
    if multiple and least and multiple > least:
        detail = f"order multiple {multiple} is above the minimum {least}"
        found.invalid("multiple-above-minimum", detail, "/order_multiple")
