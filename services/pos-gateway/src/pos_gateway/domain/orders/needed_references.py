"""What the decision about an order looks up."""

from __future__ import annotations

from contracts.keys import ship_to_address_no, stock_no
from contracts.planning import Item, StockLevel
from contracts.sales import ChargeCode, Customer, PurchasingCode, ShipToAddress
from domainkit.references import ReferenceQuery
from pos_gateway.domain.orders import deliveries
from pos_gateway.domain.orders.commands import NewOrder
from pos_gateway.domain.setup.configuration import Configuration


def need_for_order(
    query: ReferenceQuery, new: NewOrder, configuration: Configuration, customer_no: str
) -> None:
    """What `decide_order` looks up, and `shortages` of the order that it makes.

    `customer_no`: the customer's, also of one that the order names by the id of its till.
    """
    query.need(Customer, customer_no)
    query.need(ChargeCode, configuration.parameters.shipping_charge_code)
    query.need(Item, *(line.item_no for line in new.lines))
    query.need(PurchasingCode, *(line.purchasing_code for line in new.lines))
    for fulfilment in (new.fulfilment, *(line.fulfilment for line in new.lines)):
        if fulfilment is not None and fulfilment.address_code:
            query.need(ShipToAddress, ship_to_address_no(customer_no, fulfilment.address_code))
    _need_stock(query, new, configuration)


def _need_stock(query: ReferenceQuery, new: NewOrder, configuration: Configuration) -> None:
    store = configuration.stores.get(new.transaction.store_no)
    if store is None:
        return
    for line in new.lines:
        fulfilment = deliveries.inherited(new.fulfilment, line.fulfilment)
        location_code = deliveries.location_of(fulfilment, store, configuration.stores)
        query.need(StockLevel, stock_no(line.item_no or "", location_code))
