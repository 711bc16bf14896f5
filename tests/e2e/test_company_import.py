from __future__ import annotations

from pathlib import Path

from deploy.local.client import Koppel
from deploy.local.company_import.loading import load
from deploy.local.company_import.mapping import default_mapping
from deploy.local.company_import.report import Report

FILES = {
    "vendors.csv": "no,name,country\nIMPV,Vendor,Germany\n",
    "customers.csv": "no,name,country\nIMPC,Customer,Germany\nIMPX,Customer,Nederland\n",
    "items.csv": "no,description,vendor_no,unit_price,stock\nIMP1,One,IMPV,10,4\nIMP2,Two,IMPV,ten,0\n",
    "sales_orders.csv": "external_document_no,customer_no,freight\nÜ-1,IMPC,5\nÜ-2,IMPC,0\nÜ-3,NOBODY,0\n",
    "sales_order_lines.csv": (
        "external_document_no,item_no,quantity\nÜ-1,IMP1,3\nÜ-1,IMP1,2\nÜ-2,IMP1,-1\nÜ-3,IMP1,1\nÜ-4,IMP1,1\n"
    ),
}


async def import_files(koppel: Koppel, directory: Path) -> Report:
    for name, text in FILES.items():
        (directory / name).write_text(text)
    return await load(koppel, directory, default_mapping(), lambda _: None, company=False)


async def test_every_refused_row_is_named_and_the_others_are_bought(koppel: Koppel, tmp_path: Path) -> None:
    company = await koppel.sales.get("/company")
    report = await import_files(koppel, tmp_path)
    assert {(p.file, p.line, p.column) for p in report.problems} == {
        ("customers.csv", 3, "country"),
        ("items.csv", 3, "unit_price"),
        ("sales_orders.csv", 4, "customer_no"),
        ("sales_order_lines.csv", 4, "quantity"),
        ("sales_order_lines.csv", 6, "external_document_no"),
    }
    assert dict(report.states) == {"ordered": 1}
    assert report.unlinked == []
    assert await koppel.sales.get("/company") == company


async def test_importing_again_adds_nothing(koppel: Koppel, tmp_path: Path) -> None:
    await import_files(koppel, tmp_path)
    before = (await koppel.planning.get("/stock", item_no="IMP1"))["items"]
    again = await import_files(koppel, tmp_path)
    assert (await koppel.planning.get("/stock", item_no="IMP1"))["items"] == before
    assert again.taken["sales orders"] == 1
    listed = await koppel.sales.get("/sales-orders", external_document_no="Ü-1")
    assert len(listed["items"]) == 1
