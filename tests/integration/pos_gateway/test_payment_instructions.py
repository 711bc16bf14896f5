"""Payment instructions over the API: made by what sales reports, confirmed once (POS-32, POS-72, POS-78)."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import uuid4

import httpx
from msgspec.structs import replace

from contracts.captures import CaptureOutcome
from pos_gateway.store.snapshots import SNAPSHOTS
from tests.integration.pos_gateway.shop import (
    BUSINESS_DATE,
    Till,
    line,
    open_shop,
    picking,
)
from tests.integration.pos_gateway.standin import REFUSAL, StandIn, progress_of, transaction_of
from tests.support.polling import eventually
from tests.support.service import codes

PATH = "/payment-instructions"
RACES = 20
REFUNDED = (("tok_1", "60.00"), ("tok_2", "40.00"))
SHIPPED, WAITING = 10000, 20000
"""The lines of the order: pieces to ship, and two to pick up."""


async def sold_by_card(till: Till, to_ship: str = "2") -> str:
    """Pieces at 100.00 without a deposit, with a card for the balance."""
    lines = [line("ship", quantity=to_ship), line(quantity="2", store_no=till.store_no)]
    answer = await till.submit(till.order(lines=lines, balance_cards=[{"card_token": "tok_1"}]))
    assert answer.is_success, answer.text
    return str(answer.json()["confirmation_no"])


async def report(till: Till, sales: StandIn, no: str, *, version: int, **shipped: str) -> None:
    """Sales has shipped and invoiced so much of the lines."""
    asked = next(order for order in reversed(sales.asked) if order.confirmation_no == no)
    numbers = {"shipped": SHIPPED, "waiting": WAITING}
    lines = tuple(progress_of(numbers[name], shipped=Decimal(quantity)) for name, quantity in shipped.items())
    said = replace(transaction_of(asked), version=version, lines=lines, acts=())
    await till.gateway.deliver(("channel-transaction", no, said))


async def instructions(till: Till, no: str, **filters: Any) -> list[dict[str, Any]]:
    answer = await till.gateway.get(PATH, token=till.token, confirmation_no=no, **filters)
    return list(answer["items"])


async def confirm(
    till: Till, id_: Any, outcome: str, *, reference: str = "P-7", key: str | None = None
) -> httpx.Response:
    body = {"outcome": outcome, "reference": reference}
    return await till.gateway.send("POST", f"{PATH}/{id_}/confirm", body, token=till.token, key=key)


async def test_the_balance_of_shipped_goods_is_captured_once(waiting: Till, sales: StandIn) -> None:
    """POS-32: redelivered progress asks for nothing more; what is captured is paid, and is in no journal (POS-127)."""
    no = await sold_by_card(waiting)
    await report(waiting, sales, no, version=2, shipped="1")
    await report(waiting, sales, no, version=2, shipped="1")
    await report(waiting, sales, no, version=3, shipped="1")
    (capture,) = await instructions(waiting, no, status="requested")
    first = await confirm(waiting, capture["id"], "executed")
    again = await confirm(waiting, capture["id"], "executed")
    other = await confirm(waiting, capture["id"], "declined")

    assert (capture["kind"], capture["method"], capture["amount"]) == ("capture", "card", "100.00")
    assert (capture["card_token"], capture["attempt"], capture["status"]) == ("tok_1", 1, "requested")
    assert (first.status_code, first.json()["status"], first.json()["reference"]) == (200, "executed", "P-7")
    assert (again.status_code, again.json()) == (200, first.json())
    assert (other.status_code, codes(other)) == (409, ["payment-instruction-confirmed"])
    order = await waiting.show(no)
    assert (order["balance"], order["version"]) == ("300.00", 1)
    assert [c["outcome"] for c in order["captures"]] == ["executed"]
    assert await instructions(waiting, no, status="requested") == []
    path = f"/terminals/{waiting.terminal_no}/journal"
    journal = await waiting.gateway.get(path, token=waiting.token, business_date=BUSINESS_DATE)
    assert Decimal(journal["totals"]["card"]) == 0


async def test_a_declined_card_is_tried_once_more(waiting: Till, sales: StandIn) -> None:
    """POS-72: then the balance stays, and the order shows it."""
    no = await sold_by_card(waiting)
    await report(waiting, sales, no, version=2, shipped="2")
    (first,) = await instructions(waiting, no)
    await confirm(waiting, first["id"], "declined")
    await confirm(waiting, first["id"], "declined")
    (second,) = await instructions(waiting, no, status="requested")
    await confirm(waiting, second["id"], "declined")
    await report(waiting, sales, no, version=3, shipped="2")

    assert (first["attempt"], second["attempt"], second["amount"]) == (1, 2, "200.00")
    assert [i["status"] for i in await instructions(waiting, no)] == ["declined", "declined"]
    order = await waiting.show(no)
    assert (order["balance"], [c["outcome"] for c in order["captures"]]) == ("400.00", ["declined"] * 2)


async def test_pos_72_another_card_pays_what_the_first_one_failed_to(waiting: Till, sales: StandIn) -> None:
    """Also once all goods have left: the balance is not lost with the card."""
    cards = [{"card_token": "tok_1"}]
    sold = await waiting.submit(waiting.order(lines=[line("ship", quantity="2")], balance_cards=cards))
    no = str(sold.json()["confirmation_no"])
    await report(waiting, sales, no, version=2, shipped="2")
    for _ in range(2):
        (asked,) = await instructions(waiting, no, status="requested")
        await confirm(waiting, asked["id"], "declined")
    goods = waiting.act(lines=[{"line_no": SHIPPED, "quantity": "3"}], balance_cards=cards)
    refused = await waiting.carry_out("edit", no, goods)
    named = await waiting.carry_out("edit", no, waiting.act(balance_cards=[{"card_token": "tok_2"}]))
    captures = [i for i in await instructions(waiting, no, status="requested") if i["kind"] == "capture"]
    await confirm(waiting, captures[0]["id"], "executed")

    assert (refused.status_code, codes(refused)) == (409, ["already-fulfilled"])
    assert (named.status_code, named.json()["status"]) == (200, "fulfilled"), named.text
    assert by_card(*captures) == [("capture", "tok_2", "200.00", 1)]
    assert (await waiting.show(no))["balance"] == "0.00"


async def test_what_is_taken_from_a_card_is_in_the_timeline_and_sales_learns_of_it(
    waiting: Till, sales: StandIn
) -> None:
    """POS-72, P2: each outcome once; it can be published again."""
    no = await sold_by_card(waiting)
    await report(waiting, sales, no, version=2, shipped="1")
    (first,) = await instructions(waiting, no)
    await confirm(waiting, first["id"], "declined")
    (second,) = await instructions(waiting, no, status="requested")
    await confirm(waiting, second["id"], "executed")
    await confirm(waiting, second["id"], "executed")

    shown = (await waiting.gateway.get(f"/customer-orders/{no}/timeline", token=waiting.token))["items"]
    published = await waiting.gateway.published(CaptureOutcome)
    async with waiting.gateway.database.read() as conn:
        read = SNAPSHOTS["capture-outcome"](conn, [second["id"]], None, False)  # noqa: FBT003
        again = [outcome async for _, outcome in read]

    captures = [(i["happened"], i["detail"]) for i in shown if "capture" in i["happened"]]
    assert captures == [("capture_declined", "card 100.00"), ("captured", "card 100.00")]
    assert [(c.outcome, str(c.instruction_id), c.confirmation_no) for c in published] == [
        ("declined", first["id"], no),
        ("executed", second["id"], no),
    ]
    assert again == [published[-1]]


async def test_a_cancelled_order_releases_the_card(waiting: Till) -> None:
    """POS-78."""
    await _cancelled(waiting)


async def test_an_order_that_is_cancelled_before_sales_has_it_releases_the_card(till: Till) -> None:
    """POS-78: the cancellation is queued."""
    await _cancelled(till)


async def test_a_card_that_an_edit_replaces_is_released(waiting: Till) -> None:
    """POS-78: the order goes on, and its new card is held."""
    await _card_replaced(waiting)


async def test_a_card_that_an_edit_replaces_before_sales_has_the_order_is_released(till: Till) -> None:
    """POS-78: the edit is queued."""
    await _card_replaced(till)


async def test_several_cards_are_drawn_in_order(waiting: Till, sales: StandIn) -> None:
    """POS-72: each up to its own authorisation; what one has failed to pay is asked of the next."""
    cards = [{"card_token": "tok_1", "amount": "80.00"}, {"card_token": "tok_2"}]
    lines = [line("ship", quantity="2"), line(quantity="2")]
    sold = await waiting.submit(waiting.order(lines=lines, balance_cards=cards))
    no = str(sold.json()["confirmation_no"])
    await report(waiting, sales, no, version=2, shipped="1")
    first, second = await instructions(waiting, no)
    await confirm(waiting, second["id"], "executed")
    await confirm(waiting, first["id"], "declined")
    (again,) = await instructions(waiting, no, status="requested")
    await confirm(waiting, again["id"], "declined")
    (moved,) = await instructions(waiting, no, status="requested")
    await confirm(waiting, moved["id"], "executed")

    assert by_card(first, second, again, moved) == [
        ("capture", "tok_1", "80.00", 1),
        ("capture", "tok_2", "20.00", 1),
        ("capture", "tok_1", "80.00", 2),
        ("capture", "tok_2", "80.00", 1),
    ]
    assert (await waiting.show(no))["balance"] == "300.00"


def by_card(*made: dict[str, Any]) -> list[tuple[str, str, str, int]]:
    return [(i["kind"], i["card_token"], i["amount"], i["attempt"]) for i in made]


async def test_money_goes_back_to_cards_by_instructions(till: Till) -> None:
    """POS-78, POS-84: split over the cards that paid; what a card declines twice is still owed."""
    paid = [{"method": "card", "amount": amount, "card_token": t} for t, amount in REFUNDED]
    sold = await till.submit(till.order(payments=paid, deposit_override="100.00"))
    no = str(sold.json()["confirmation_no"])
    back = [{"method": "card", "amount": "100.00"}]
    cancelled = await till.carry_out("cancel", no, till.act(reason="x", refunds=back))
    first, second = await instructions(till, no)
    executed = await confirm(till, first["id"], "executed")
    await confirm(till, second["id"], "declined")
    (again,) = await instructions(till, no, status="requested")
    settled = (await till.show(no))["balance"]
    await confirm(till, again["id"], "declined")

    assert cancelled.is_success, cancelled.text
    assert by_card(first, second, again) == [
        ("refund", "tok_1", "60.00", 1),
        ("refund", "tok_2", "40.00", 1),
        ("refund", "tok_2", "40.00", 2),
    ]
    assert executed.json()["status"] == "executed"
    order = await till.show(no)
    assert (settled, order["balance"], order["version"]) == ("0.00", "-40.00", 2)
    assert [x.get("declined", False) for x in order["refunds"]] == [False, True]
    assert await instructions(till, no, status="requested") == []


async def _card_replaced(till: Till) -> None:
    no = await sold_by_card(till)
    edited = await till.carry_out("edit", no, till.act(balance_cards=[{"card_token": "tok_2"}]))
    (void,) = await instructions(till, no)

    assert edited.is_success, edited.text
    assert (void["kind"], void["card_token"], void["amount"]) == ("void", "tok_1", "200.00")


async def _cancelled(till: Till) -> None:
    no = await sold_by_card(till)
    cancelled = await till.carry_out("cancel", no, till.act(reason="x"))
    (void,) = await instructions(till, no)
    done = await confirm(till, void["id"], "executed")

    assert cancelled.is_success, cancelled.text
    assert (void["kind"], void["amount"], void["card_token"]) == ("void", "200.00", "tok_1")
    assert (done.status_code, done.json()["status"]) == (200, "executed")


async def test_bad_confirmations_are_refused_with_their_codes(waiting: Till, sales: StandIn) -> None:
    """A till knows the instructions of its own store's orders."""
    no = await sold_by_card(waiting)
    await report(waiting, sales, no, version=2, shipped="1")
    (capture,) = await instructions(waiting, no)
    other = await open_shop(waiting.gateway, asynchronous=False, store_no="S3")
    unknown = await confirm(waiting, uuid4(), "executed")
    foreign = await confirm(other, capture["id"], "executed")
    wrong = await confirm(waiting, capture["id"], "lost")
    card_number = await confirm(waiting, capture["id"], "executed", reference="4111 1111 1111 1111")
    no_key = await confirm(waiting, capture["id"], "executed", key="")

    assert (unknown.status_code, codes(unknown)) == (404, ["unknown-payment-instruction"]), unknown.text
    assert (foreign.status_code, await instructions(other, no)) == (404, [])
    assert wrong.status_code == 422
    assert (card_number.status_code, codes(card_number)) == (422, ["card-number-not-allowed"])
    assert no_key.status_code == 400
    assert [i["id"] for i in (await waiting.gateway.get(PATH))["items"]] == [capture["id"]]


async def test_a_pick_up_that_sales_reports_first_is_not_captured(waiting: Till, sales: StandIn) -> None:
    """The till takes the money; what was captured while sales was asked stays captured."""
    no = await sold_by_card(waiting)
    await report(waiting, sales, no, version=2, shipped="1")
    (capture,) = await instructions(waiting, no)
    sales.hold = asyncio.Event()
    before = len(sales.asked)
    act = asyncio.create_task(waiting.carry_out("pickup", no, picking_second(waiting)))
    await eventually(lambda: _count(sales), lambda count: count > before)
    await report(waiting, sales, no, version=5, shipped="1", waiting="1")
    await confirm(waiting, capture["id"], "executed")
    sales.hold.set()
    answer = await act

    assert answer.status_code == 200, answer.text
    assert [i["id"] for i in await instructions(waiting, no)] == [capture["id"]]
    order = await waiting.show(no)
    assert (order["balance"], len(order["captures"])) == ("200.00", 1)


async def test_what_was_shipped_during_an_act_that_was_refused_is_captured(
    waiting: Till, sales: StandIn
) -> None:
    no = await sold_by_card(waiting)
    sales.hold, sales.status, sales.body = asyncio.Event(), 409, REFUSAL
    before = len(sales.asked)
    act = asyncio.create_task(waiting.carry_out("pickup", no, picking_second(waiting)))
    await eventually(lambda: _count(sales), lambda count: count > before)
    await report(waiting, sales, no, version=5, shipped="2")
    during = await instructions(waiting, no)
    sales.hold.set()
    answer = await act

    assert (answer.status_code, during) == (409, [])
    assert [i["amount"] for i in await instructions(waiting, no)] == ["200.00"]


async def test_of_two_outcomes_at_once_one_holds(waiting: Till, sales: StandIn) -> None:
    """Twenty rounds: the money is counted once, and a declined card is tried again once."""
    no = await sold_by_card(waiting, str(RACES))
    for count in range(1, RACES + 1):
        await report(waiting, sales, no, version=count + 1, shipped=str(count))
        (made,) = await instructions(waiting, no, status="requested")
        outcomes = ("executed", "executed", "declined")
        answers = await asyncio.gather(*(confirm(waiting, made["id"], outcome) for outcome in outcomes))
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses in ([200, 200, 409], [200, 409, 409]), [answer.text for answer in answers]
        again = await instructions(waiting, no, status="requested")
        assert [i["attempt"] for i in again] == ([] if statuses[1] == 200 else [2])
        for second in again:
            await confirm(waiting, second["id"], "executed")
    order = await waiting.show(no)
    assert sum(capture["outcome"] == "executed" for capture in order["captures"]) == RACES
    assert order["balance"] == "200.00"


def picking_second(till: Till) -> dict[str, Any]:
    """One piece of the line to pick up, paid in cash."""
    return picking(till) | {"lines": [{"line_no": WAITING, "quantity": "1"}]}


async def _count(sales: StandIn) -> int:
    return len(sales.asked)
