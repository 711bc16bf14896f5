"""Cancellations over the API: before and after sales has the order, and two at once (POS-75 to POS-79, P1, P13)."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from contracts.channel import ChannelOrder, ChannelTransaction
from tests.integration.pos_gateway.shop import (
    Gateway,
    Till,
    line,
    needs_approval,
    open_shop,
    picking,
    set_parameters,
    sign_on,
    sold,
)
from tests.integration.pos_gateway.standin import StandIn, progress_of
from tests.support.service import codes

RACES = 20
CASH_30 = [{"method": "cash", "amount": "30.00"}]


async def charge_5_pct(till: Till) -> None:
    await set_parameters(
        till.gateway,
        default_deposit_pct="10",
        cancellation_charge_pct="5",
        cancellation_charge_code="CANCEL",
    )


def cancelling(till: Till, refund: str = "15.00", **changes: Any) -> dict[str, Any]:
    """Three pieces at 100.00, of which 30.00 was paid: 15.00 is charged."""
    refunds = [{"method": "cash", "amount": refund}] if refund else []
    return till.act(reason="no longer wanted", refunds=refunds, **changes)


async def test_pos_49_the_charge_is_kept_and_the_rest_goes_back(waiting: Till, sales: StandIn) -> None:
    """POS-75, POS-79: the rehearsal shows the charge, the act is final, also for a till that has not read the order."""
    await charge_5_pct(waiting)
    no = await sold(waiting, payments=CASH_30)
    rehearsed = await waiting.rehearse("cancel", no, cancelling(waiting, ""))
    answer = await waiting.carry_out("cancel", no, cancelling(waiting))
    again = await waiting.carry_out("cancel", no, cancelling(waiting), version=1)
    picked = await waiting.carry_out("pickup", no, picking(waiting), version=2)

    order = answer.json()
    assert (answer.status_code, order["status"], order["version"]) == (200, "cancelled", 2), answer.text
    assert rehearsed.json()["settlement"]["due"] == order["settlement"]["due"] == "-15.00"
    assert (order["settlement"]["charge"], order["balance"]) == ("15.00", "0.00")
    assert order["lines"][0]["quantity_cancelled"] == "3"
    (refund,) = order["refunds"]
    assert (refund["method"], refund["amount"]) == ("cash", "15.00")
    (act,) = sales.asked[-1].acts
    assert act.charge is not None
    assert (act.operation, act.reason, str(act.charge.amount)) == ("cancel", "no longer wanted", "15.00")
    assert (again.status_code, codes(again)) == (409, ["already-cancelled"])
    assert again.json()["confirmation_no"] == no
    assert (picked.status_code, codes(picked)) == (409, ["already-cancelled"])


async def test_b19_bad_cancellations_are_refused_with_their_codes(waiting: Till) -> None:
    await charge_5_pct(waiting)
    no = await sold(waiting, payments=CASH_30)

    async def refused(**changes: Any) -> tuple[int, list[str]]:
        answer = await waiting.carry_out("cancel", no, cancelling(waiting) | changes)
        return answer.status_code, codes(answer)

    assert await refused(cancellation_charge="-1") == (422, ["cancellation-charge-out-of-range"])
    assert await refused(cancellation_charge="300.01") == (422, ["cancellation-charge-out-of-range"])
    assert await refused(cancellation_charge="5.00") == (403, ["manager-approval-required"])
    rehearsed = await waiting.rehearse(
        "cancel", no, cancelling(waiting, "") | {"cancellation_charge": "5.00"}
    )
    assert rehearsed.json()["settlement"]["charge"] == "5.00", rehearsed.text
    assert needs_approval(rehearsed) == [("change_cancellation_charge", "5.00", True)]
    assert await refused(refunds=[]) == (422, ["refund-mismatch"])
    assert (await refused(reason=""))[0] == 422
    lines = [{"line_no": 10000, "quantity": "1"}]  # POS-77
    assert await refused(customer_no="C1", lines=lines) == (422, ["unknown-field"] * 2)
    rest = await waiting.carry_out("cancel-remaining", no, cancelling(waiting))
    assert (rest.status_code, codes(rest)) == (409, ["nothing-fulfilled-yet"])
    unknown = await waiting.carry_out("cancel", "K-0", cancelling(waiting))
    assert unknown.status_code == 404


async def test_p13_the_rest_is_cancelled_after_a_pick_up(waiting: Till, sales: StandIn) -> None:
    """POS-76: the whole order is not; 5 % of 200.00 is 10.00, 20.00 of the deposit is left."""
    await charge_5_pct(waiting)
    no = await sold(waiting, payments=CASH_30)
    await waiting.carry_out("pickup", no, picking(waiting, paid="90.00"))
    whole = await waiting.carry_out("cancel", no, cancelling(waiting), version=2)
    rest = await waiting.carry_out("cancel-remaining", no, cancelling(waiting, "10.00"), version=2)
    again = await waiting.carry_out("cancel-remaining", no, cancelling(waiting, "10.00"), version=3)

    order = rest.json()
    assert (whole.status_code, codes(whole)) == (409, ["already-fulfilled-in-part"])
    assert (rest.status_code, order["status"], order["settlement"]["due"]) == (200, "fulfilled", "-10.00")
    assert (order["lines"][0]["quantity_cancelled"], order["balance"]) == ("2", "0.00")
    assert [str(each.quantity) for each in sales.asked[-1].acts[-1].lines] == ["2"]
    assert (again.status_code, codes(again)) == (409, ["already-cancelled"])


async def test_p1_an_order_is_cancelled_before_sales_has_it(gateway: Gateway, till: Till) -> None:
    """The till's answer and refund are the same; sales learns of both together."""
    await charge_5_pct(till)
    no = await sold(till, payments=CASH_30)
    answer = await till.carry_out("cancel", no, cancelling(till))
    await gateway.post("/pull-jobs/P-0001/run", {})

    assert (answer.status_code, answer.json()["status"]) == (202, "cancelled"), answer.text
    assert answer.json()["settlement"]["refunded"] == "15.00"
    (snapshot,) = await gateway.published(ChannelOrder, no)
    assert [act.operation for act in snapshot.acts] == ["cancel"]
    assert (await till.show(no))["status"] == "cancelled"


async def test_p1_the_rest_is_cancelled_before_sales_has_the_order(till: Till) -> None:
    """What was carried out is the customer's; 100.00 is left, and nothing was paid for it."""
    lines = [line("carry_out"), line()]
    cash = [{"method": "cash", "amount": "100.00"}]
    no = (await till.submit(till.order(lines=lines, payments=cash))).json()["confirmation_no"]
    answer = await till.carry_out("cancel-remaining", no, cancelling(till, ""))
    unknown = await till.carry_out("cancel-remaining", "K-0", cancelling(till, ""))

    assert answer.status_code == 202, answer.text
    assert [x["quantity_open"] for x in answer.json()["lines"]] == ["0", "0"]
    assert answer.json()["balance"] == "0.00"
    assert unknown.status_code == 404


async def test_a_store_can_forbid_cancelling_before_synchronization(gateway: Gateway) -> None:
    """P1, choice 12."""
    till = await open_shop(gateway, queue_changes_before_sync=False)
    no = await sold(till)
    answer = await till.carry_out("cancel", no, cancelling(till, ""))

    assert (answer.status_code, codes(answer)) == (409, ["not-synchronized-yet"])


async def test_a_cancellation_and_a_pull_at_once_lose_nothing(gateway: Gateway, till: Till) -> None:
    """P1: whichever comes first, sales' newest snapshot is the cancelled order, twenty times."""
    for _ in range(RACES):
        no = await sold(till)
        answer, _ = await asyncio.gather(
            till.carry_out("cancel", no, cancelling(till, "")), gateway.post("/pull-jobs/P-0001/run", {})
        )
        await gateway.post("/pull-jobs/P-0001/run", {})
        newest = max(await gateway.published(ChannelOrder, no), key=lambda order: order.version)
        assert (answer.status_code, [a.operation for a in newest.acts]) == (202, ["cancel"]), answer.text


async def test_b19_of_two_cancellations_at_once_one_is_done(waiting: Till, sales: StandIn) -> None:
    """POS-79: twenty rounds; the money goes back once."""
    other = await sign_on(waiting.gateway, number=2)
    for _ in range(RACES):
        no = await sold(waiting)
        before = len(sales.asked)
        answers = await asyncio.gather(
            waiting.carry_out("cancel", no, cancelling(waiting, "")),
            other.carry_out("cancel", no, cancelling(other, "")),
        )
        assert sorted(a.status_code for a in answers) in ([200, 409], [200, 412]), [a.text for a in answers]
        assert len(sales.asked) == before + 1


async def test_the_deposit_of_what_the_back_office_cancelled_goes_back(waiting: Till, sales: StandIn) -> None:
    """POS-127: once; nothing is charged, and the order takes no other act."""
    await charge_5_pct(waiting)
    no = await sold(waiting, payments=CASH_30)
    said = ChannelTransaction(
        version=3,
        confirmation_no=no,
        transaction_id=sales.asked[-1].transaction_id,
        store_no="S1",
        status="succeeded",
        sales_order_no=no.replace("K-", "S-"),
        lines=(progress_of(10000, cancelled=Decimal(3)),),
        order_closed=True,
    )
    await waiting.gateway.deliver(("channel-transaction", no, said))
    picked = await waiting.carry_out("pickup", no, picking(waiting))
    answer = await waiting.carry_out("cancel", no, cancelling(waiting, "30.00"))
    again = await waiting.carry_out("cancel", no, cancelling(waiting, "30.00"), version=2)

    order = answer.json()
    assert (answer.status_code, order["status"], order["balance"]) == (200, "cancelled", "0.00"), answer.text
    assert (order["settlement"]["charge"], order["settlement"]["due"]) == ("0.00", "-30.00")
    assert (codes(picked), codes(again)) == (["already-cancelled"], ["already-cancelled"])
