"""Acts of tills on what is bought for their customers survive processes that are killed while they are under way."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any
from uuid import uuid4

import pytest

from deploy.local.client import Koppel, Refused, until
from deploy.local.stack import LocalStack
from tests.e2e.acts import linked, receive
from tests.reliability import bought_checkers, till_checkers
from tests.reliability.dying_servers import all_is_done, asked_again, carried_out_while_dying
from tests.reliability.patient_tills import ONE, PATIENCE_S, REASON, PatientTill, Sent
from tests.reliability.repeated_requests import a_client
from tests.reliability.shops import Shop, patient_tills

SHOP = Shop("BOUGHT")
VICTIMS = (
    ("planning-work", "purchasing-work", "purchasing-serve"),
    ("sales-work", "sales-serve"),
    ("pos_gateway-serve",),
    ("postgres",),
)
BEING_BOUGHT = ("line-linked-to-purchase-order", "line-being-procured")
CARDS = [{"card_token": "tok_bought"}]
TWO = [{"line_no": 10000, "quantity": "2"}]

Order = dict[str, Any]
Acts = list[Awaitable[Any]]


def compass(till: PatientTill, quantity: str = "3") -> dict[str, Any]:
    """A special order that is picked up."""
    return till.pickup_line(SHOP.compass, quantity, "19.99", purchasing_code="SPECIAL")


def kayak(till: PatientTill, quantity: str = "2") -> dict[str, Any]:
    """A drop shipment."""
    return till.ship_line(SHOP.kayak, quantity, "99.95", purchasing_code="DROP")


async def both_sold(till: PatientTill) -> Order:
    return await till.sell([compass(till), kayak(till)], balance_cards=CARDS)


class Bought:
    """Orders whose goods are bought, and received as far as an act needs it."""

    def __init__(self, till: PatientTill, koppel: Koppel) -> None:
        self._till = till
        self._koppel = koppel

    async def ordered(self, *lines: dict[str, Any], **header: Any) -> tuple[Order, list[str]]:
        """An order, and the purchase orders of its lines."""
        order = await self._till.sell(lines, **header)
        bought = await linked(self._koppel, order["sales_order_no"])
        return order, [line["sourcing"]["purchase_order_no"] for line in bought["lines"]]

    async def received(self, quantity: str) -> Order:
        """A special order of which so much has come in."""
        order, (purchase_no,) = await self.ordered(compass(self._till))
        await receive(self._koppel, purchase_no, quantity)
        return order

    async def pickup(self, order: Order) -> Sent:
        """Two of them are to be handed over, once the till knows that they have come in."""

        async def asked() -> Sent | None:
            try:
                return await self._till.act("pickup", order, {"lines": TWO})
            except Refused as refused:
                if refused.code != "quantity-exceeds-received":
                    raise
                return None

        sent = await until(asked, lambda found: found is not None, deadline_s=PATIENCE_S, every_s=0.05)
        assert sent is not None
        return sent

    async def picked_up(self, quantity: str) -> Order:
        """A special order of which two were handed over, after so many came in."""
        return await self._till.carry_out(await self.pickup(await self.received(quantity)))


async def delivered(client: Koppel, purchase_no: str, quantity: str) -> None:
    """A vendor's delivery, posted under one key until purchasing has answered."""
    path = f"/purchase-orders/{purchase_no}/post"
    key: dict[str, Any] = {"Idempotency-Key": str(uuid4())}
    body = {"receive": True, "lines": [{"line_no": 10000, "qty_to_receive": quantity}]}
    await asked_again(lambda: client.purchasing.post(path, body, **key))


async def unless(act: Awaitable[Any], *codes: str) -> None:
    """The act, or one of these refusals: it lost against another one at the same moment."""
    try:
        await act
    except Refused as refused:
        if refused.code not in codes:
            raise


async def is_refused(till: PatientTill, edit: Sent) -> None:
    """What is bought has another quantity only by the back office's request for it."""
    with pytest.raises(Refused) as refused:
        await till.carry_out(edit)
    assert refused.value.code in BEING_BOUGHT


async def acts_of_a_waiting_till(till: PatientTill, koppel: Koppel, client: Koppel) -> Acts:
    """One act of each kind on orders whose sales orders are there."""
    bought = Bought(till, koppel)
    (known, beside, raced), (part, all_there, sold_out) = await asyncio.gather(
        asyncio.gather(*(bought.ordered(compass(till), kayak(till), balance_cards=CARDS) for _ in range(3))),
        asyncio.gather(bought.received("2"), bought.picked_up("2"), bought.picked_up("3")),
    )
    fresh, grown, fixed = await asyncio.gather(both_sold(till), both_sold(till), both_sold(till))
    more = {"lines": [compass(till, "1")]}
    back = {"invoice_no": sold_out["settlement"]["invoice_no"], "lines": [{**ONE[0], "reason_code": "OLD"}]}
    refused, overtaken, *sent = await asyncio.gather(
        till.act("edit", fixed, {"lines": [{"line_no": 10000, "quantity": "5"}]}),
        till.act("cancel", raced[0], REASON),
        till.sale([compass(till), kayak(till)], balance_cards=CARDS),
        till.act("edit", grown, more),
        till.act("cancel", fresh, REASON),
        till.act("cancel", known[0], REASON),
        bought.pickup(part),
        till.act("cancel-remaining", all_there, REASON),
        till.act("returns", sold_out, back),
    )
    special_no, dropped_no = beside[1]
    return [
        *(till.carry_out(each) for each in sent),
        is_refused(till, refused),
        delivered(client, special_no, "3"),
        delivered(client, dropped_no, "1"),
        unless(till.carry_out(overtaken), "has-postings", "already-fulfilled-in-part"),
        unless(delivered(client, raced[1][1], "1"), "unknown-purchase-order"),
    ]


async def acts_of_a_queuing_till(till: PatientTill) -> Acts:
    """Acts on orders that sales does not have yet; an edit that comes too late for that is refused."""
    up, down, gone = await asyncio.gather(both_sold(till), both_sold(till), both_sold(till))
    sold, more, less, cancelled = await asyncio.gather(
        till.sale([compass(till), kayak(till)], balance_cards=CARDS),
        till.act("edit", up, {"lines": [{"line_no": 10000, "quantity": "5"}]}),
        till.act("edit", down, {"lines": [{"line_no": 20000, "quantity": "1"}]}),
        till.act("cancel", gone, REASON),
    )
    edits = [unless(till.carry_out(edit), *BEING_BOUGHT) for edit in (more, less)]
    return [till.carry_out(sold), till.carry_out(cancelled), *edits]


@pytest.mark.timeout(400)
async def test_kill_9_during_acts_on_bought_goods_buys_each_line_once(
    stack: LocalStack, koppel: Koppel
) -> None:
    """POS-103, POS-122 to POS-127, G22, G25: each service dies while lines are sold, changed, delivered and given up.

    Afterwards each line has one purchase line or, where it was given up, none; money and links agree everywhere.
    """
    async with patient_tills(stack, koppel, SHOP) as tills:
        waiting, queuing = tills
        for answers, victims in enumerate(VICTIMS):
            async with a_client(stack) as client:
                acts = await acts_of_a_waiting_till(waiting, koppel, client)
                acts += await acts_of_a_queuing_till(queuing)
                await carried_out_while_dying(stack, client, victims, acts, 2 * answers)
        await all_is_done(stack, koppel)
        await till_checkers.all_adds_up(stack, SHOP, tills)
        await bought_checkers.nothing_hangs(stack)
        await bought_checkers.purchases_agree(stack, koppel, SHOP)
        await bought_checkers.open_demand_agrees(stack, koppel, SHOP)
