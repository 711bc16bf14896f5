"""What a terminal did: the journal adds up to the drawer, and missing transactions are reported."""

from __future__ import annotations

from typing import Any

from tests.integration.pos_gateway.shop import BUSINESS_DATE, Till, line, open_shop
from tests.support.service import codes

DAY: dict[str, Any] = {"business_date": BUSINESS_DATE}


def paid(amount: str, method: str = "cash", **card: str) -> list[dict[str, Any]]:
    return [{"method": method, "amount": amount} | card]


async def test_pos_127_the_journal_adds_up_to_what_is_in_the_drawer(till: Till) -> None:
    """Change is no money of the till; what a later act pays is its own entry."""
    lines = [line(quantity="2"), line("carry_out")]
    order = (await till.submit(till.order(lines=lines, payments=paid("120.00")))).json()
    await till.submit(till.order(deposit_override="30.00", payments=paid("30.00", "card", card_token="t")))
    no = order["confirmation_no"]
    pickup = till.order(payments=paid("100.00"), lines=[{"line_no": 10000, "quantity": "1"}])
    del pickup["customer_no"]
    picked = await till.gateway.send(
        "POST", f"/customer-orders/{no}/pickup", pickup, token=till.token, headers={"If-Match": '"1"'}
    )

    journal = await till.gateway.get(f"/terminals/{till.terminal_no}/journal", token=till.token, **DAY)

    assert picked.status_code == 202, picked.text
    assert journal["totals"] == {"cash": "200.00", "card": "30.00", "account": "0.00"}
    assert [(e["method"], e["amount"], e["kind"]) for e in journal["items"]] == [
        ("cash", "100.00", "payment"),
        ("card", "30.00", "payment"),
        ("cash", "100.00", "payment"),
    ]
    assert [e["sequence"] for e in journal["items"]] == [
        order["transaction"]["sequence"],
        order["transaction"]["sequence"] + 1,
        pickup["transaction"]["sequence"],
    ]
    other_day = await till.gateway.get(
        f"/terminals/{till.terminal_no}/journal", token=till.token, business_date="2026-03-03"
    )
    assert (other_day["items"], other_day["totals"]["cash"]) == ([], "0.00")


async def test_pos_115_missing_transactions_are_reported(till: Till) -> None:
    def at(sequence: int, day: str = BUSINESS_DATE) -> dict[str, Any]:
        order = till.order()
        return order | {"transaction": order["transaction"] | {"sequence": sequence, "business_date": day}}

    for sequence in (1003, 1001, 1006):
        assert (await till.submit(at(sequence))).status_code == 202
    await till.submit(at(2000, "2026-03-03"))
    await till.submit(at(10_000_000, "2026-03-03"))
    path = f"/terminals/{till.terminal_no}/sequence-gaps"

    gaps = (await till.gateway.get(path, token=till.token, **DAY))["items"]
    all_days = (await till.gateway.get(path))["items"]

    assert gaps == [{"business_date": BUSINESS_DATE, "sequence": n} for n in (1002, 1004, 1005)]
    assert len(all_days) == 1000
    assert all_days[0] == {"business_date": "2026-03-03", "sequence": 2001}


async def test_a_till_sees_the_terminals_of_its_store(till: Till) -> None:
    """POS-121."""
    other = await open_shop(till.gateway, store_no="S2")
    for path in ("journal", "sequence-gaps"):
        foreign = await till.gateway.send(
            "GET", f"/terminals/{other.terminal_no}/{path}", token=till.token, params=DAY
        )
        assert (foreign.status_code, codes(foreign)) == (404, ["unknown-terminal"])

    no_day = await till.gateway.send("GET", f"/terminals/{till.terminal_no}/journal", token=till.token)
    assert (no_day.status_code, no_day.json()["errors"][0]["pointer"]) == (422, "/business_date")
