"""Makes requests of rows: addresses, items, and sales orders whose lines are marked for procurement."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, Final

from babel import Locale

from deploy.local.company_import.report import Row, RowError

LOCATION: Final = "MAIN"
BULK_QUANTITY: Final = Decimal(60)
"""From this quantity on a vendor ships straight to the customer, in the line's unit."""
COUNTRY_ALIASES: Final = {"UK": "GB", "USA": "US"}
_DAY: Final = re.compile(r"(\d{4}-\d{2}-\d{2})([T ].*)?")
_TRUE: Final = frozenset({"t", "true", "1", "yes", "y"})


def number(row: Row, column: str, default: str = "0") -> Decimal:
    """A number of the row; RowError if it is none."""
    text = row[column] or default
    try:
        found = Decimal(text)
    except InvalidOperation:
        raise RowError(column, f"{text!r} is no number") from None
    if not found.is_finite():
        raise RowError(column, f"{text!r} is no number")
    return found


def day(row: Row, column: str) -> str | None:
    """A date of the row; a time after it is left out. Empty: None."""
    text = row[column]
    if not text:
        return None
    found = _DAY.fullmatch(text)
    if found is None:
        raise RowError(column, f"{text!r} is no date such as 2026-01-31")
    return found[1]


def is_true(row: Row, column: str) -> bool:
    """Whether the column holds one of the accepted words for yes."""
    return row[column].lower() in _TRUE


@cache
def _territories() -> Mapping[str, str]:
    return {str(title): code for code, title in Locale("en").territories.items() if code.isalpha()}


def country_code(row: Row, column: str) -> str:
    """ISO 3166 code of a country's English name, or the code itself; RowError if it is neither."""
    name = row[column]
    if not name:
        return ""
    found = COUNTRY_ALIASES.get(name) or _territories().get(name)
    if found is None and len(name) == 2 and name.isalpha():  # noqa: PLR2004 - the length of the codes
        found = name.upper()
    if found is None:
        raise RowError(
            column, f"{name!r} is neither a country's English name nor an ISO 3166 code of two letters"
        )
    return found


def party(row: Row) -> dict[str, Any]:
    """A customer or vendor in the company's own currency."""
    plain = ("name", "address", "city", "region", "post_code", "contact", "phone")
    return {column: row[column] for column in plain} | {"country_code": country_code(row, "country")}


def item(row: Row, *, blocked: bool) -> dict[str, Any]:
    """An item that is sold by the piece."""
    size = f" ({row['quantity_per_unit']})" if row["quantity_per_unit"] else ""
    return {
        "description": f"{row['description']}{size}",
        "base_unit_of_measure": "PCS",
        "vendor_no": row["vendor_no"],
        "unit_price": str(number(row, "unit_price")),
        "reorder_point": str(number(row, "reorder_point")),
        "blocked": blocked,
    }


def mark_lines(
    orders: Sequence[Row], lines: Sequence[Row], stock: Mapping[str, Decimal]
) -> dict[str, list[Row]]:
    """The lines by order, each with a `purchasing_code` ("" where the shelf serves it), in the orders' order.

    The opening stock is sold order by order: a line that it no longer covers becomes a special order, one of
    `BULK_QUANTITY` and more a drop shipment. A code in the file is taken as it is.
    """
    left = defaultdict(Decimal, stock)
    by_order: dict[str, list[Row]] = defaultdict(list)
    for line in lines:
        by_order[line["external_document_no"]].append(line)
    return {
        order["external_document_no"]: [
            Row(line.file, line.line, line.values | {"purchasing_code": _code_for(line, left)})
            for line in by_order[order["external_document_no"]]
        ]
        for order in orders
    }


def _code_for(line: Row, left: dict[str, Decimal]) -> str:
    if line["purchasing_code"]:
        return line["purchasing_code"]
    try:
        quantity = number(line, "quantity")
    except RowError:
        return ""
    if quantity >= BULK_QUANTITY:
        return "DROP"
    if quantity > left[line["item_no"]]:
        return "SPECIAL"
    left[line["item_no"]] -= quantity
    return ""


def sales_order(row: Row, lines: Iterable[Row]) -> dict[str, Any]:
    """An order with its lines, and its freight as a charge."""
    body: dict[str, Any] = {
        "customer_no": row["customer_no"],
        "external_document_no": row["external_document_no"],
        "order_date": day(row, "order_date"),
        "requested_delivery_date": day(row, "requested_delivery_date"),
        "location_code": LOCATION,
        "lines": [_line(line) for line in lines],
    }
    if row["ship_to_name"]:
        columns = ("name", "address", "city", "region", "post_code")
        body["ship_to"] = {column: row[f"ship_to_{column}"] for column in columns}
        body["ship_to"]["country_code"] = country_code(row, "ship_to_country")
    freight = number(row, "freight")
    if freight > 0:
        charge = {"type": "charge", "charge_code": "FREIGHT", "quantity": "1", "unit_price": str(freight)}
        body["lines"].append(charge)
    return body


def _line(line: Row) -> dict[str, Any]:
    body = {"item_no": line["item_no"], "quantity": line["quantity"]}
    for column in ("unit_price", "line_discount_pct", "purchasing_code"):
        if line[column]:
            body[column] = line[column]
    return body
