"""POS-122 to POS-125 and POS-127 hold after any sequence of acts, in currencies of 0, 2 and 3 decimals."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from hypothesis import settings as tried
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from msgspec.structs import replace

from contracts.pos import Payment, Tender
from contracts.refusals import Violations
from domainkit.money import ZERO, currency
from pos_gateway.domain.acts.amounts import NOTHING, NetAndTax, charged, part_of, part_of_line
from pos_gateway.domain.acts.bills import (
    Bill,
    bill_of_cancellation,
    bill_of_edit,
    bill_of_pickup,
    bill_of_return,
    cancellation_charge,
    money_after,
)
from pos_gateway.domain.acts.card_refunds import MoneyTaken
from pos_gateway.domain.acts.commands import NewAct, NewRefund
from pos_gateway.domain.acts.deposits import DepositUse, check_applied
from pos_gateway.domain.acts.remaining import available_deposit, to_fulfil, value_left
from pos_gateway.domain.acts.returnable import check_returnable
from pos_gateway.domain.acts.settling import check_settled
from pos_gateway.domain.orders.amounts import amounts_of, line_money, required_deposit
from pos_gateway.domain.orders.commands import NewPayment
from pos_gateway.domain.orders.order import OrderLine
from pos_gateway.domain.orders.order_money import Override, Settlement
from pos_gateway.domain.orders.quantities import LineQuantities, quantities_by_line
from pos_gateway.domain.orders.stage import Stage
from pos_gateway.domain.setup.records import DEPOSIT_OVERRIDE
from tests.unit.pos_gateway.samples import NOW, act_context, decide, line, new_order

SOME_ORDER = decide(new_order(line()))
CONTEXT = act_context()
STAGE = Stage(status="synchronized", received_at=NOW, updated_at=NOW)
percentages = st.sampled_from([Decimal(p) for p in ("0", "7.5", "10", "33.333", "100")])
lines = st.lists(
    st.tuples(
        st.sampled_from(["pickup", "carry_out"]),
        st.integers(1, 7),
        st.integers(0, 99_999),
        st.integers(0, 500),
        st.sampled_from(["0", "7", "19", "8.875"]),
    ),
    min_size=1,
    max_size=3,
)
shares = st.one_of(st.just([100] * 4), st.lists(st.integers(0, 100), min_size=4, max_size=4))
"""Of what is open of each line; often all of it."""


class OrderOfATill(RuleBasedStateMachine):
    """An order, the money of its acts by the rules' own functions, and what it should come to."""

    @initialize(
        ordered=lines,
        code=st.sampled_from(["EUR", "JPY", "KWD"]),
        pct=percentages,
        override=st.one_of(st.none(), st.integers(0, 100)),
    )
    def create(
        self, ordered: list[tuple[str, int, int, int, str]], code: str, pct: Decimal, override: int | None
    ) -> None:
        """At least one line is to come; the deposit is paid exactly."""
        self.currency = currency(code)
        ordered[0] = ("pickup", *ordered[0][1:])
        made = tuple(self._line(i, *each) for i, each in enumerate(ordered))
        amounts = amounts_of(made, ZERO, ZERO, self.currency)
        chosen = None if override is None else amounts.to_fulfil * override / 100
        deposit = required_deposit(amounts, pct, chosen, self.currency)
        due = deposit + amounts.carried_out
        by_hand = Override(operation=DEPOSIT_OVERRIDE, requested_by="W1", at=NOW)
        self.order = replace(
            SOME_ORDER,
            currency_code=code,
            lines=made,
            totals=amounts.totals,
            deposit_required=deposit,
            payments=(Payment(method="cash", amount=due),) if due else (),
            overrides=() if override is None else (by_hand,),
            settlement=Settlement(total=amounts.totals.total, due=due, paid=due),
            terms=replace(SOME_ORDER.terms, deposit_pct=pct),
        )
        self.tenders: list[Tender] = []
        self.goods = amounts.carried_out
        self.given_back = self.applied = self.kept = self.back_from_deposit = ZERO
        self.pickup_dues = ZERO
        self.invoiced: dict[int, Decimal] = {
            each.line_no: each.quantity if each.mode == "carry_out" else ZERO for each in made
        }
        self.returned: dict[int, Decimal] = dict.fromkeys(self.invoiced, ZERO)
        self.back: dict[int, NetAndTax] = dict.fromkeys(self.invoiced, NOTHING)

    def _line(self, i: int, mode: str, quantity: int, price: int, discount: int, tax: str) -> OrderLine:
        priced = replace(
            SOME_ORDER.lines[0],
            line_no=(i + 1) * 10_000,
            mode=mode,
            quantity=Decimal(quantity),
            unit_price=price * self.currency.minor_unit,
            discount=min(discount, price) * self.currency.minor_unit,
            tax_pct=Decimal(tax),
        )
        net, taxes = line_money(priced, self.currency)
        return replace(priced, net=net, tax=taxes)

    @property
    def quantities(self) -> Mapping[int, LineQuantities]:
        return quantities_by_line(self.order, STAGE)

    @property
    def is_open(self) -> bool:
        return any(q.open for q in self.quantities.values())

    def _settle(self, bill: Bill, over: int = 0) -> None:
        """With cash, of which `over` minor units come back as change, or exactly what is due goes back."""
        more = over * self.currency.minor_unit
        found = Violations()
        cash = NewPayment(method="cash", amount=bill.due + more) if bill.due > 0 else None
        back = NewRefund(method="cash", amount=-bill.due) if bill.due < 0 else None
        new = NewAct(
            transaction=SOME_ORDER.transaction,
            occurred_at=NOW,
            payments=(cash,) if cash else (),
            refunds=(back,) if back else (),
        )
        settled = check_settled(found, new, bill, MoneyTaken(currency=self.currency), CONTEXT)
        assert not found
        assert settled.settlement.paid - settled.settlement.refunded == bill.due
        self.tenders += settled.payments
        self.tenders += [replace(refund, amount=-refund.amount) for refund in settled.refunds]
        self.order = replace(self.order, money_sums=money_after(self.order.money, bill, settled.settlement))

    @precondition(lambda self: self.is_open)
    @rule(wanted=shares, stated=st.integers(0, 100), over=st.integers(0, 500))
    def pick_up(self, wanted: list[int], stated: int, over: int) -> None:
        """Some of what is open, in whole pieces; of the last only a part, or the rest of everything."""
        before = self.quantities
        taken = {no: Decimal(int(q.open * wanted[i % 4] / 100)) for i, (no, q) in enumerate(before.items())}
        by_no = {each.line_no: each for each in self.order.lines}
        goods = NOTHING
        for no, quantity in taken.items():
            done = before[no].handed_over
            goods += part_of_line(by_no[no], done, done + quantity, self.currency)
        use = DepositUse(
            total=goods.total,
            to_fulfil=to_fulfil(self.order),
            available=available_deposit(self.order, before, self.currency),
            completes=all(taken[no] == q.open for no, q in before.items()),
        )
        most = min(use.available, use.total)
        share = None
        if self.order.deposit_overridden and not use.completes:
            share = self.currency.rounded(most * stated / 100)
        found = Violations()
        applied = check_applied(found, self.order, use, share, self.currency)
        assert not found
        bill = bill_of_pickup(goods, applied)
        self._settle(bill, over)
        self.goods += goods.total
        self.applied += applied
        self.pickup_dues += bill.due
        for no, quantity in taken.items():
            self.invoiced[no] += quantity
        self._with_quantities("quantity_picked_up", taken)

    def _with_quantities(self, field: str, more: Mapping[int, Decimal]) -> None:
        changed = (
            replace(each, **{field: getattr(each, field) + more.get(each.line_no, ZERO)})
            for each in self.order.lines
        )
        self.order = replace(self.order, lines=tuple(changed))

    @precondition(lambda self: self.is_open)
    @rule(quantity=st.integers(1, 7), price=st.integers(0, 99_999))
    def add_a_line(self, quantity: int, price: int) -> None:
        """An edit, after which the deposit is asked for anew."""
        added = self._line(len(self.order.lines), "pickup", quantity, price, 0, "19")
        amounts = amounts_of((*self.order.lines, added), ZERO, ZERO, self.currency)
        chosen = self.order.deposit_required if self.order.deposit_overridden else None
        required = required_deposit(amounts, self.order.terms.deposit_pct, chosen, self.currency)
        self._settle(bill_of_edit(amounts.totals, required, self.order.money))
        self.order = replace(
            self.order,
            lines=(*self.order.lines, added),
            totals=amounts.totals,
            deposit_required=required,
        )
        for sums in (self.invoiced, self.returned):
            sums[added.line_no] = ZERO
        self.back[added.line_no] = NOTHING

    @precondition(lambda self: self.is_open)
    @rule(pct=percentages, tax=st.sampled_from(["0", "19"]))
    def cancel_what_is_left(self, pct: Decimal, tax: str) -> None:
        """For a charge on its value."""
        base = value_left(self.order, self.quantities, self.currency).total
        charge = charged(cancellation_charge(base, pct, self.currency), Decimal(tax), self.currency)
        available = available_deposit(self.order, self.quantities, self.currency)
        bill = bill_of_cancellation(base, charge, available)
        self._settle(bill)
        self.kept += min(charge.total, available)
        self.back_from_deposit += max(ZERO, available - charge.total)
        self._with_quantities("quantity_cancelled", {no: q.open for no, q in self.quantities.items()})

    @rule(index=st.integers(0, 3), quantity=st.integers(1, 7))
    def give_back(self, index: int, quantity: int) -> None:
        """A return, refused where it is more than was invoiced."""
        it = self.order.lines[index % len(self.order.lines)]
        invoiced, returned = self.invoiced[it.line_no], self.returned[it.line_no]
        found = Violations()
        check_returnable(found, Decimal(quantity), invoiced, returned, "/lines/0/quantity")
        if found:
            return
        whole = part_of_line(it, ZERO, invoiced, self.currency)
        goods = part_of(whole, invoiced, returned, returned + quantity, self.currency)
        self._settle(bill_of_return(goods))
        self.given_back += goods.total
        self.returned[it.line_no] += quantity

    @invariant()
    def quantities_add_up(self) -> None:
        """POS-124."""
        for q in self.quantities.values():
            assert q.ordered == q.picked_up + q.shipped + q.cancelled + q.open
            assert min(q.picked_up, q.shipped, q.cancelled, q.open) >= 0

    @invariant()
    def no_more_comes_back_than_was_invoiced(self) -> None:
        """POS-125."""
        assert all(self.returned[no] <= invoiced for no, invoiced in self.invoiced.items())

    @invariant()
    def the_till_holds_what_the_sums_say(self) -> None:
        """POS-127: payments less refunds, change never counted, is what the order's sums say."""
        money = self.order.money
        first = self.order.settlement.paid
        assert first + sum((t.amount for t in self.tenders), ZERO) == money.paid - money.refunded

    @invariant()
    def no_money_is_lost(self) -> None:
        """What came in is goods, charges, and the deposit that is left; the rest went back."""
        money = self.order.money
        holds = money.paid - money.refunded
        assert holds == self.goods + money.charged - self.given_back + money.deposit_available
        assert money.deposit_available >= 0
        left = value_left(self.order, self.quantities, self.currency).total
        assert self.order.balance == left - money.deposit_available

    @invariant()
    def the_deposit_is_used_up(self) -> None:
        """POS-122, and POS-123 where nothing was cancelled."""
        money = self.order.money
        used = self.applied + self.back_from_deposit + self.kept
        assert used + money.deposit_available == money.deposit_paid
        if not self.is_open:
            assert money.deposit_available == 0
            if not any(each.quantity_cancelled for each in self.order.lines):
                carried_out = self.order.totals.total - to_fulfil(self.order)
                assert self.pickup_dues + money.deposit_paid + carried_out == self.order.totals.total


OrderOfATill.TestCase.settings = tried(max_examples=60, stateful_step_count=8, deadline=None)
TestActs = OrderOfATill.TestCase
