"""Which purchases share an order (BC-SO-17, BC-SO-18, BC-DS-17, G12).

Planning's runs and sales' previews agree on it.
"""

from __future__ import annotations

from typing import Final, NamedTuple, Protocol

from contracts.values import Address

STANDARD: Final = "standard"
PER_SALES_ORDER: Final = "per_sales_order"
MERGE_SPECIAL_ORDERS: Final = "merge_special_orders"


class GroupingKey(NamedTuple):
    """Lines that are equal in all of these go to one purchase order; the first five are also the order of the run."""

    vendor_no: str
    sell_to_customer_no: str
    ship_to_code: str
    currency_code: str
    purchasing_code: str
    address: tuple[str, ...]
    sales_order_no: str


class Wanted(Protocol):
    """A line that shall be bought. `ship_to_code`: the customer's address, of drop shipments alone."""

    @property
    def vendor_no(self) -> str: ...
    @property
    def sell_to_customer_no(self) -> str: ...
    @property
    def ship_to_code(self) -> str: ...
    @property
    def purchasing_code(self) -> str: ...
    @property
    def drop_shipment(self) -> bool: ...
    @property
    def special_order(self) -> bool: ...
    @property
    def sales_order_no(self) -> str: ...


def grouping_key(line: Wanted, ship_to: Address, currency_code: str, policy: str) -> GroupingKey:
    """The key of one line; `ship_to` is where it goes. Addresses are compared as text, not as codes (BC-SO-18)."""
    merged = policy == MERGE_SPECIAL_ORDERS and line.special_order
    return GroupingKey(
        vendor_no=line.vendor_no,
        sell_to_customer_no="" if merged else line.sell_to_customer_no,
        ship_to_code=line.ship_to_code,
        currency_code=currency_code,
        purchasing_code=line.purchasing_code,
        address=_address_text(line, ship_to),
        sales_order_no=line.sales_order_no if policy == PER_SALES_ORDER else "",
    )


def _address_text(line: Wanted, ship_to: Address) -> tuple[str, ...]:
    """Lines without procurement for a customer are not split by address."""
    if not (line.drop_shipment or line.special_order):
        return ()
    return (
        ship_to.name,
        ship_to.address,
        ship_to.address_2,
        ship_to.post_code,
        ship_to.city,
        ship_to.region,
        ship_to.country_code,
        ship_to.contact,
    )
