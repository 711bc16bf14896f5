"""What the decision about an order looks up."""

from __future__ import annotations

from contracts.keys import ship_to_address_no, stock_no
from contracts.planning.stock import StockLevel
from contracts.sales.masters import ChargeCode, Customer, PurchasingCode, ShipToAddress
from domainkit.procurement import need_item, need_planning_setup
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
    need_planning_setup(query)
    query.need(Customer, customer_no)
    query.need(ChargeCode, configuration.parameters.shipping_charge_code)
    query.need(PurchasingCode, *(line.purchasing_code for line in new.lines))
    for fulfilment in (new.fulfilment, *(line.fulfilment for line in new.lines)):
        if fulfilment is not None and fulfilment.address_code:
            query.need(ShipToAddress, ship_to_address_no(customer_no, fulfilment.address_code))
    _need_at_locations(query, new, configuration)


def _need_at_locations(query: ReferenceQuery, new: NewOrder, configuration: Configuration) -> None:
    """The items, what is special about them where they are taken from, and the rates of the store's currency."""
    store = configuration.stores.get(new.transaction.store_no)
    if store is None:
        return
    query.need_rates(store.currency_code, new.transaction.business_date)
    for line in new.lines:
        fulfilment = deliveries.inherited(new.fulfilment, line.fulfilment)
        location_code = deliveries.location_of(fulfilment, store, configuration.stores)
        need_item(query, line.item_no or "", location_code)
        query.need(StockLevel, stock_no(line.item_no or "", location_code))
