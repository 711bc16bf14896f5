"""Worksheets that act on the same sales line at the same moment: it is bought once (BC-SO-10, BC-SO-22)."""

from __future__ import annotations

import asyncio
from collections import Counter

from contracts.planning.requests import PurchaseRequest
from tests.integration.planning.rig import Planning
from tests.integration.planning.samples import open_company, sales_line, sales_order


async def test_of_two_worksheets_at_once_one_takes_the_line(planning: Planning) -> None:
    """Twenty times: BC-SO-10; then both carry out, and one purchase is asked for (BC-SO-22)."""
    await open_company(planning, automation="manual")
    await planning.put("/requisition-worksheets/MINE", {})
    for i in range(20):
        no = f"S-{i}"
        await planning.deliver(("sales-order", no, sales_order(no, sales_line(10000, "1100"))))
        worksheets = ("DEFAULT", "MINE") if i % 2 else ("MINE", "DEFAULT")
        body = {"kind": "both", "sales_order_no": no}
        got = await asyncio.gather(
            *(
                planning.send("POST", f"/requisition-worksheets/{name}/get-sales-orders", body)
                for name in worksheets
            )
        )
        assert Counter(answer.status_code for answer in got) == {200: 1, 409: 1}
        (line,) = next(answer.json()["lines"] for answer in got if answer.status_code == 200)
        carried = await asyncio.gather(
            *(
                planning.send("POST", f"/requisition-worksheets/{name}/carry-out", {"line_ids": [line["id"]]})
                for name in worksheets
            )
        )
        assert sum(answer.status_code == 202 for answer in carried) == 1
        requests = await planning.published(PurchaseRequest)
        assert (
            len([r for r in requests if r.lines[0].requisition_line_id.hex == line["id"].replace("-", "")])
            == 1
        )
