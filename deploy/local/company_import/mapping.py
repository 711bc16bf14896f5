r"""Other companies' files: a TOML file says which of their columns is which of ours.

[customers]
file = "Customer.txt"                 # default: customers.csv
delimiter = "\t"                      # default: found out
[customers.columns]
no = "CustomerID"
name = "CompanyName"
[sales_order_lines.columns]
line_discount_pct = { column = "Discount", times = 100 }   # 0.02 is 2 %
quantity = { column = "OrderQty" }
[items.columns]
stock = { value = "0" }                                     # the same for every row
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any, Final

from deploy.errors import StackError
from deploy.local.company_import.report import RowError

PARTY: Final = ("no", "name", "contact", "address", "city", "region", "post_code", "country", "phone")
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "customers": PARTY,
    "vendors": PARTY,
    "items": (
        "no",
        "description",
        "quantity_per_unit",
        "vendor_no",
        "unit_price",
        "stock",
        "reorder_point",
        "blocked",
    ),
    "sales_orders": (
        "external_document_no",
        "customer_no",
        "order_date",
        "requested_delivery_date",
        "ship_to_name",
        "ship_to_address",
        "ship_to_city",
        "ship_to_region",
        "ship_to_post_code",
        "ship_to_country",
        "freight",
    ),
    "sales_order_lines": (
        "external_document_no",
        "line_no",
        "item_no",
        "quantity",
        "unit_price",
        "line_discount_pct",
        "purchasing_code",
    ),
}
"""Our columns by file. Others are ignored; those that are missing are empty."""

REQUIRED: Final[Mapping[str, tuple[str, ...]]] = {
    "customers": ("no", "name"),
    "vendors": ("no", "name"),
    "items": ("no",),
    "sales_orders": ("external_document_no", "customer_no"),
    "sales_order_lines": ("external_document_no", "item_no", "quantity"),
}


@dataclass(frozen=True, slots=True)
class Column:
    """Where a value comes from: another column, multiplied if it is a number, or always the same."""

    name: str = ""
    value: str | None = None
    times: Decimal | None = None

    def read(self, row: Mapping[str, str], ours: str) -> str:
        """The value for our column `ours`."""
        if self.value is not None:
            return self.value
        found = (row.get(self.name) or "").strip()
        if self.times is None or not found:
            return found
        try:
            return f"{Decimal(found) * self.times:f}"
        except InvalidOperation:
            raise RowError(ours, f"{found!r} is no number") from None


@dataclass(frozen=True, slots=True)
class Table:
    """How one file is read: its name, delimiter and columns."""

    file: str
    delimiter: str = ""
    columns: Mapping[str, Column] = field(default_factory=dict)


def default_mapping() -> dict[str, Table]:
    """The mapping of the import templates: their own file and column names."""
    return {
        name: Table(f"{name}.csv", columns={column: Column(column) for column in columns})
        for name, columns in COLUMNS.items()
    }


def read_mapping(path: Path) -> dict[str, Table]:
    """The mapping of a TOML file; what it does not name keeps our names."""
    try:
        given = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StackError(f"{path}: {error}", "see docs/csv-import.md for a mapping file") from error
    tables = default_mapping()
    for name, settings in given.items():
        if name not in tables:
            raise StackError(f"{path}: there is no table {name}", f"tables are {', '.join(COLUMNS)}")
        tables[name] = _table(path, name, settings, tables[name])
    return tables


def _table(path: Path, name: str, settings: Mapping[str, Any], default: Table) -> Table:
    columns = dict(default.columns)
    for ours, theirs in settings.get("columns", {}).items():
        if ours not in columns:
            raise StackError(f"{path}: {name} has no column {ours}", f"it has {', '.join(COLUMNS[name])}")
        columns[ours] = _column(theirs)
    return Table(settings.get("file", default.file), settings.get("delimiter", ""), columns)


def _column(theirs: Any) -> Column:
    if isinstance(theirs, str):
        return Column(theirs)
    times = theirs.get("times")
    return Column(
        theirs.get("column", ""),
        None if theirs.get("value") is None else str(theirs["value"]),
        None if times is None else Decimal(str(times)),
    )
