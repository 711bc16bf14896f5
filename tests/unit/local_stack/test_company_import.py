from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from deploy.errors import StackError
from deploy.local.client import Refused
from deploy.local.company_import import bodies, files
from deploy.local.company_import.mapping import COLUMNS, default_mapping, read_mapping
from deploy.local.company_import.report import Report, Row, RowError, summary

TEMPLATES = Path(__file__).parents[3] / "docs" / "import-templates"


def tables(directory: Path, report: Report | None = None) -> files.Tables:
    return files.read_tables(directory, default_mapping(), report or Report())


def order_line(number: str, item: str, quantity: str, code: str = "", line: int = 2) -> Row:
    values = {"external_document_no": number, "item_no": item, "quantity": quantity, "purchasing_code": code}
    return Row("sales_order_lines.csv", line, values)


@pytest.mark.parametrize(
    "raw",
    [
        "no,name\nC1,Müller\n".encode(),
        b"\xef\xbb\xbf" + "no,name\r\nC1,Müller\r\n".encode(),
        "no;name\nC1;Müller\n".encode("cp1252"),
        "no\tname\nC1\tMüller\n".encode("utf-16"),
        'no|name\n"C1"|"Müller"\n\n'.encode(),
    ],
)
def test_a_table_is_read_whatever_program_wrote_it(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "customers.csv").write_bytes(raw)
    (row,) = tables(tmp_path)["customers"]
    assert (row["no"], row["name"]) == ("C1", "Müller")


def test_a_row_with_too_many_values_is_reported_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "items.csv").write_text("no,description\nI1,a\nI2;b\nI3,c,d\n")
    report = Report()
    assert [row["no"] for row in tables(tmp_path, report)["items"]] == ["I1"]
    assert [(p.file, p.line) for p in report.problems] == [("items.csv", 3), ("items.csv", 4)]


def test_a_missing_required_column_is_named(tmp_path: Path) -> None:
    (tmp_path / "customers.csv").write_text("number,name\nC1,x\n")
    with pytest.raises(StackError, match="has no column no"):
        tables(tmp_path)


def test_a_directory_without_any_file_is_an_error_that_says_which(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"customers\.csv"):
        tables(tmp_path)


def test_a_mapping_takes_other_columns_files_factors_and_fixed_values(tmp_path: Path) -> None:
    (tmp_path / "map.toml").write_text(
        '[sales_order_lines]\nfile = "Detail.txt"\ndelimiter = "|"\n[sales_order_lines.columns]\n'
        'external_document_no = "Order"\nitem_no = "Product"\nquantity = "Qty"\n'
        'line_discount_pct = { column = "Discount", times = 100 }\npurchasing_code = { value = "DROP" }\n'
    )
    (tmp_path / "Detail.txt").write_text("Order|Product|Qty|Discount\n1|P1|3|0.02\n1|P2|3|much\n")
    report = Report()
    found = files.read_tables(tmp_path, read_mapping(tmp_path / "map.toml"), report)
    (row,) = found["sales_order_lines"]
    assert (row["item_no"], row["line_discount_pct"], row["purchasing_code"]) == ("P1", "2.00", "DROP")
    assert [(p.line, p.column) for p in report.problems] == [(3, "line_discount_pct")]


@pytest.mark.parametrize("text", ["[shops]\n", "[items.columns]\ncolour = 'x'\n", "not toml"])
def test_a_mapping_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "map.toml").write_text(text)
    with pytest.raises(StackError):
        read_mapping(tmp_path / "map.toml")


def test_a_refusal_is_reported_at_the_row_and_column_of_each_reason() -> None:
    order = Row("sales_orders.csv", 5, {})
    lines = [order_line("1", "I1", "1", line=8), order_line("1", "I2", "-4", line=9)]
    errors = [
        {"pointer": "/lines/1/quantity", "code": "out-of-range", "detail": "must be above 0"},
        {"pointer": "/customer_no", "code": "unknown-customer", "detail": "customer X does not exist"},
        {"pointer": "/lines/7", "code": "odd", "detail": "of the charge line"},
    ]
    refusal = Refused("POST", "/x", 422, {"code": "out-of-range", "errors": errors})
    report = Report()
    report.refused(order, refusal, {"lines": lines})
    assert [(p.file, p.line, p.column) for p in report.problems] == [
        ("sales_order_lines.csv", 9, "quantity"),
        ("sales_orders.csv", 5, "customer_no"),
        ("sales_orders.csv", 5, "lines_7"),
    ]
    assert summary(report)[0] == "sales_order_lines.csv:9: quantity: out-of-range: must be above 0"


def test_an_answer_without_reasons_is_reported_too() -> None:
    report = Report()
    refusal = Refused("PUT", "/x", 503, {"code": "unavailable", "detail": "not now"})
    report.refused(Row("items.csv", 2, {}), refusal)
    assert str(report.problems[0]) == "items.csv:2: unavailable: not now"


def test_the_shelf_serves_first_then_special_orders_and_drop_shipments() -> None:
    order = Row("sales_orders.csv", 2, {"external_document_no": "1"})
    quantities = [("6", ""), ("6", ""), ("60", ""), ("1", "X")]
    lines = [order_line("1", "I1", quantity, code) for quantity, code in quantities]
    marked = bodies.mark_lines([order], lines, {"I1": Decimal(10)})
    assert [line["purchasing_code"] for line in marked["1"]] == ["", "SPECIAL", "DROP", "X"]


@pytest.mark.parametrize(("name", "code"), [("Germany", "DE"), ("UK", "GB"), ("fr", "FR"), ("", "")])
def test_a_country_is_a_name_or_a_code(name: str, code: str) -> None:
    assert bodies.country_code(Row("f", 2, {"country": name}), "country") == code


def test_a_country_that_is_neither_is_refused() -> None:
    with pytest.raises(RowError, match="ISO 3166"):
        bodies.country_code(Row("f", 2, {"country": "Nederland"}), "country")


def test_a_time_after_a_date_is_left_out() -> None:
    assert bodies.day(Row("f", 2, {"order_date": "2011-04-16 00:00:00"}), "order_date") == "2011-04-16"


@pytest.mark.parametrize("text", ["1,5", "NaN", "x"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(RowError):
        bodies.number(Row("f", 2, {"stock": text}), "stock")


@pytest.mark.parametrize("name", COLUMNS)
def test_the_templates_have_the_columns(name: str) -> None:
    assert (TEMPLATES / f"{name}.csv").read_text().strip().split(",") == list(COLUMNS[name])
