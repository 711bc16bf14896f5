"""What a requisition line will cost: a preview by purchasing's own rule, which decides the cost."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from msgspec.structs import replace

from contracts.purchasing.masters import Vendor
from domainkit import costs
from domainkit.costs import Offer, PriceQuestion, offer, purchase_currency
from domainkit.money import HUNDRED, ZERO
from domainkit.rates import RATE_MISSING, rate_on
from domainkit.references import ReferenceData
from planning.domain.masters.items import ItemCard
from planning.domain.masters.supply import offer_of
from planning.domain.requisitions.lines import RequisitionLine


def currency_of(references: ReferenceData, line: RequisitionLine) -> str:
    """The currency in which the line is bought: lines of another one make an order of their own (BC-SO-18)."""
    entry = offer_of(references, line.vendor_no, line.item_no)
    return purchase_currency(entry, references.find(Vendor, line.vendor_no), references.home_currency)


def priced(references: ReferenceData, line: RequisitionLine) -> RequisitionLine:
    """The line with its expected cost; a warning if there is no exchange rate to know it by."""
    terms = expected_terms(references, line)
    return replace(
        line,
        direct_unit_cost=terms.direct_unit_cost or ZERO,
        line_discount_pct=terms.line_discount_pct,
        warning=RATE_MISSING if terms.direct_unit_cost is None else line.warning,
    )


def expected_terms(references: ReferenceData, line: RequisitionLine) -> Offer:
    """What the vendor will take for the line, in the currency of its purchase order."""
    entry = offer_of(references, line.vendor_no, line.item_no)
    vendor = references.find(Vendor, line.vendor_no)
    currency_code = currency_of(references, line)
    question = PriceQuestion(
        vendor_no=line.vendor_no,
        vendor_currency_code=vendor.currency_code if vendor is not None else "",
        quantity=line.quantity,
        unit_of_measure_code=line.unit_of_measure_code,
        qty_per_unit_of_measure=line.qty_per_unit_of_measure,
        price_date=max(line.order_date, references.today),
        currency_code=currency_code,
        rate=rate_on(references, currency_code, line.order_date),
    )
    return offer(question, entry, references.find(ItemCard, line.item_no))


def home_amount(references: ReferenceData, lines: Iterable[RequisitionLine]) -> Decimal:
    """What lines will cost in the company's currency (E9)."""
    return sum((_home_amount(references, line) for line in lines), start=ZERO)


def _home_amount(references: ReferenceData, line: RequisitionLine) -> Decimal:
    terms = expected_terms(references, line)
    rate = rate_on(references, currency_of(references, line), line.order_date)
    if not terms.direct_unit_cost or rate is None:
        return (
            _own_cost(references.find(ItemCard, line.item_no)) * line.qty_per_unit_of_measure * line.quantity
        )
    net = terms.direct_unit_cost * (HUNDRED - terms.line_discount_pct) / HUNDRED
    return net * rate * line.quantity


def _own_cost(item: ItemCard | None) -> Decimal:
    """Judges a line without a price: what was paid last for a base unit, else the item's unit cost."""
    if item is None:
        return ZERO
    return item.last_direct_cost or item.unit_cost


def missed_minimum(references: ReferenceData, line: RequisitionLine) -> Decimal | None:
    """The vendor's minimum quantity in the line's unit, if the line does not reach it."""
    entry = offer_of(references, line.vendor_no, line.item_no)
    item = references.find(ItemCard, line.item_no)
    return costs.missed_minimum(entry, item, line.quantity, line.qty_per_unit_of_measure)
