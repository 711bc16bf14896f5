"""What a release would buy: of whom, at which cost and when, in which purchase orders, and what is earned (E6).

Prices, dates and grouping are judged by the rules that planning and purchasing use, on sales' copies of their records.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import msgspec
from msgspec.structs import replace

from contracts.keys import item_vendor_no, stockkeeping_unit_no
from contracts.planning.masters import Item, Location, PlanningSetup, StockkeepingUnit
from contracts.purchasing.masters import ItemVendor, Vendor
from contracts.values import Address, Problem
from domainkit.costs import Offer, PriceQuestion, missed_minimum, offer, purchase_currency
from domainkit.grouping import STANDARD, GroupingKey, grouping_key
from domainkit.money import HUNDRED, ZERO, currency
from domainkit.parties import address_of, may_not_be_bought_from
from domainkit.procurement import PLANNING_SETUP_NO, automation_of
from domainkit.rates import RATE_MISSING, missing_rate, rate_on
from domainkit.references import ReferenceData, ReferenceQuery
from domainkit.structs import extended
from domainkit.supply_times import Schedule, into_stock, lead_time_of, safety_time_of, to_customer
from sales.domain.orders.amounts import amounts, discounted
from sales.domain.orders.lines import Line
from sales.domain.orders.order import Order
from sales.domain.orders.releasing import PlannedPurchase, Release, vendor_required
from sales.domain.references import item_of_catalog, vendor_of_line

_PCT_DECIMALS: Final = 2


class PricedPurchase(PlannedPurchase, frozen=True, kw_only=True):
    """What one line makes planning buy. Costs and sales in the company's currency but for those of the order."""

    sales_order_no: str
    sell_to_customer_no: str
    ship_to_code: str
    drop_shipment: bool
    special_order: bool
    currency_code: str
    """The purchase order's currency, in which unit cost and `amount` are."""
    direct_unit_cost: Decimal | None
    line_discount_pct: Decimal
    amount: Decimal | None
    cost_amount: Decimal | None
    sales_amount: Decimal | None
    order_date: date
    requested_receipt_date: date
    expected_receipt_date: date
    problem: Problem | None = None
    """Why automation would leave the line to a person."""

    @property
    def margin_amount(self) -> Decimal | None:
        """What is earned; None where cost or sale is not known."""
        if self.cost_amount is None or self.sales_amount is None:
            return None
        return self.sales_amount - self.cost_amount


class PlannedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A purchase order that would be made."""

    vendor_no: str
    vendor_name: str
    currency_code: str
    order_date: date
    ship_to: Address
    line_nos: tuple[int, ...]
    amount: Decimal
    cost_amount: Decimal
    problem: Problem | None = None


class PurchasePlan(msgspec.Struct, frozen=True, kw_only=True):
    """All that a release would buy. `purchase_orders`: of the lines that nothing stands against."""

    automation: str
    currency_code: str
    purchases: tuple[PricedPurchase, ...]
    purchase_orders: tuple[PlannedOrder, ...]
    cost_amount: Decimal
    sales_amount: Decimal

    @property
    def margin_amount(self) -> Decimal:
        """What is earned on the lines whose cost and sale are known."""
        return self.sales_amount - self.cost_amount

    @property
    def margin_pct(self) -> Decimal | None:
        """The margin in percent of the sale; None without a sale."""
        if not self.sales_amount:
            return None
        return round(self.margin_amount * HUNDRED / self.sales_amount, _PCT_DECIMALS)


def need_vendors_terms(query: ReferenceQuery, order: Order, known: ReferenceData) -> None:
    """The vendors of flagged lines, and what they take for the items."""
    for line in order.lines:
        if line.flagged and (vendor_no := vendor_of_line(known, line)):
            query.need(Vendor, vendor_no)
            query.need(ItemVendor, item_vendor_no(vendor_no, line.item_no))


def purchase_plan(order: Order, decided: Release, references: ReferenceData) -> PurchasePlan:
    """What releasing the order would buy; `references`: with the terms of its vendors."""
    lines = {line.line_no: line for line in order.lines}
    sold = _sales_amounts(order, references)
    purchases = tuple(
        _priced(order, lines[each.line_no], each, sold[each.line_no], references)
        for each in decided.purchases
    )
    home = currency(references.home_currency)
    known = [each for each in purchases if each.margin_amount is not None]
    return PurchasePlan(
        automation=automation_of(references, order.procurement_automation),
        currency_code=references.home_currency,
        purchases=purchases,
        purchase_orders=_orders(order, purchases, references),
        cost_amount=sum((each.cost_amount or ZERO for each in known), home.rounded(ZERO)),
        sales_amount=sum((each.sales_amount or ZERO for each in known), home.rounded(ZERO)),
    )


def _sales_amounts(order: Order, references: ReferenceData) -> dict[int, Decimal | None]:
    """What the customer pays for each line without tax, all discounts taken off, in the company's currency."""
    whole = [amounts(line, line.quantity, order.currency_code) for line in order.lines]
    net = discounted(order.lines, whole, order.invoice_discount_amount, order.currency_code)
    rate = rate_on(references, order.currency_code, order.order_date)
    home = currency(references.home_currency)
    return {
        line.line_no: None if rate is None else home.rounded(each.net * rate)
        for line, each in zip(order.lines, net, strict=True)
    }


def _priced(
    order: Order,
    line: Line,
    planned: PlannedPurchase,
    sales_amount: Decimal | None,
    references: ReferenceData,
) -> PricedPurchase:
    vendor = references.find(Vendor, planned.vendor_no)
    entry = references.find(ItemVendor, item_vendor_no(planned.vendor_no, line.item_no))
    item = references.find(Item, line.item_no) or item_of_catalog(references, line.catalog_entry_no)
    schedule = _schedule(order, line, item, entry, vendor, references)
    code = purchase_currency(entry, vendor, references.home_currency)
    rate = rate_on(references, code, schedule.order_date)
    terms = offer(_question(line, planned, vendor, schedule, code, rate, references), entry, item)
    amount = _amount(planned, terms, code)
    home = currency(references.home_currency)
    made = extended(
        PricedPurchase,
        planned,
        sales_order_no=order.no,
        sell_to_customer_no=order.customer_no,
        ship_to_code=order.ship_to_code if line.drop_shipment else "",
        drop_shipment=line.drop_shipment,
        special_order=line.special_order,
        currency_code=code,
        direct_unit_cost=terms.direct_unit_cost,
        line_discount_pct=terms.line_discount_pct,
        amount=amount,
        cost_amount=None if amount is None or rate is None else home.rounded(amount * rate),
        sales_amount=sales_amount,
        order_date=schedule.order_date,
        requested_receipt_date=schedule.receipt_date,
        expected_receipt_date=schedule.due_date,
    )
    minimum = missed_minimum(entry, item, planned.quantity, line.qty_per_unit_of_measure)
    return replace(made, problem=_problem(made, vendor, minimum, references))


def _amount(planned: PlannedPurchase, terms: Offer, code: str) -> Decimal | None:
    if terms.direct_unit_cost is None:
        return None
    return currency(code).line_amount(planned.quantity, terms.direct_unit_cost, terms.line_discount_pct)


def _question(  # noqa: PLR0913, PLR0917 - all that a price depends on
    line: Line,
    planned: PlannedPurchase,
    vendor: Vendor | None,
    schedule: Schedule,
    currency_code: str,
    rate: Decimal | None,
    references: ReferenceData,
) -> PriceQuestion:
    return PriceQuestion(
        vendor_no=planned.vendor_no,
        vendor_currency_code=vendor.currency_code if vendor is not None else "",
        quantity=planned.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        qty_per_unit_of_measure=line.qty_per_unit_of_measure,
        price_date=max(schedule.order_date, references.today),
        currency_code=currency_code,
        rate=rate,
    )


def _schedule(
    order: Order,
    line: Line,
    item: Item | None,
    entry: ItemVendor | None,
    vendor: Vendor | None,
    references: ReferenceData,
) -> Schedule:
    unit = references.find(StockkeepingUnit, stockkeeping_unit_no(line.location_code, line.item_no))
    lead_time = lead_time_of(unit, entry, item, vendor)
    due = line.shipment_date or order.requested_delivery_date or order.order_date
    if line.drop_shipment:
        return to_customer(due, line.planned_delivery_date or due, lead_time_days=lead_time)
    location = references.find(Location, line.location_code)
    return into_stock(
        due,
        handling_days=location.inbound_handling_days if location else 0,
        safety_days=safety_time_of(unit, item),
        lead_time_days=lead_time,
    )


def _problem(
    made: PricedPurchase, vendor: Vendor | None, minimum: Decimal | None, references: ReferenceData
) -> Problem | None:
    """What automation would find first."""
    if not made.vendor_no:
        code, detail = "vendor-required", vendor_required(made)
    elif vendor is None:
        code, detail = "unknown-vendor", f"vendor {made.vendor_no} does not exist"
    elif may_not_be_bought_from(vendor):
        code, detail = "vendor-blocked", f"vendor {made.vendor_no} is blocked"
    elif made.direct_unit_cost is None:
        code, detail = RATE_MISSING, missing_rate(made.currency_code, references, made.order_date)
    elif minimum is not None:
        code = "below-minimum"
        detail = f"vendor {made.vendor_no} sells item {made.item_no} from {minimum:f}, {made.quantity:f} are wanted"
    else:
        return None
    return Problem(code=code, detail=detail, line_no=made.line_no)


def _orders(
    order: Order, purchases: Iterable[PricedPurchase], references: ReferenceData
) -> tuple[PlannedOrder, ...]:
    groups: dict[GroupingKey, list[PricedPurchase]] = {}
    lines = {line.line_no: line for line in order.lines}
    for each in purchases:
        if each.problem is None:
            vendor = references.find(Vendor, each.vendor_no)
            policy = vendor.grouping_policy if vendor is not None else STANDARD
            ship_to = _ship_to(order, lines[each.line_no], references)
            groups.setdefault(grouping_key(each, ship_to, each.currency_code, policy), []).append(each)
    return tuple(
        _planned_order(members, _ship_to(order, lines[members[0].line_no], references), references)
        for _, members in sorted(groups.items())
    )


def _ship_to(order: Order, line: Line, references: ReferenceData) -> Address:
    """A drop shipment goes to the customer, all else to the line's location, or to the company (BC-SO-20)."""
    if line.drop_shipment:
        return order.ship_to
    place = references.find(Location, line.location_code) if line.location_code else references.company
    return address_of(place) if place is not None else Address()


def _planned_order(
    members: Sequence[PricedPurchase], ship_to: Address, references: ReferenceData
) -> PlannedOrder:
    first = members[0]
    vendor = references.find(Vendor, first.vendor_no)
    cost = sum((each.cost_amount or ZERO for each in members), ZERO)
    setup = references.find(PlanningSetup, PLANNING_SETUP_NO)
    limit = setup.automation_limit_amount if setup is not None else ZERO
    problem = None
    if limit and cost > limit:
        detail = f"{cost:f} is above the automation limit of {limit:f}"
        problem = Problem(code="above-automation-limit", detail=detail)
    return PlannedOrder(
        vendor_no=first.vendor_no,
        vendor_name=vendor.name if vendor is not None else "",
        currency_code=first.currency_code,
        order_date=min(each.order_date for each in members),
        ship_to=ship_to,
        line_nos=tuple(each.line_no for each in members),
        amount=sum((each.amount or ZERO for each in members), ZERO),
        cost_amount=cost,
        problem=problem,
    )
