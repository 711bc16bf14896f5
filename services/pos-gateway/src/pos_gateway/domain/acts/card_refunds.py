"""Money that goes back to cards: to each no more than it paid, and to all that paid if none is named (POS-84)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import msgspec
from msgspec.structs import replace

from contracts.channel import Refund
from contracts.pos import Payment, Tender
from contracts.refusals import Violations
from domainkit.money import ZERO, Currency
from pos_gateway.domain.orders.order import CARD


class MoneyTaken(msgspec.Struct, frozen=True, kw_only=True):
    """What an order was paid with, and what of it went back."""

    currency: Currency
    payments: tuple[Payment, ...] = ()
    refunds: tuple[Refund, ...] = ()

    def paid_by(self, *methods: str) -> Decimal:
        """What came in by these methods, less what went back by them."""
        return _sum(self.payments, methods) - _sum(self.refunds, methods)

    def left_on(self, card_token: str) -> Decimal:
        """What a card paid and did not get back."""
        paid = [p for p in self.payments if p.card_token == card_token]
        back = [r for r in self.refunds if r.card_token == card_token]
        return _sum(paid, (CARD,)) - _sum(back, (CARD,))

    def left_on_cards(self) -> dict[str, Decimal]:
        """The same of all cards that paid, in the order in which they did; "" for a payment without a token."""
        tokens = dict.fromkeys(p.card_token for p in self.payments if p.method == CARD)
        return {token: max(ZERO, self.left_on(token)) for token in tokens}


def _sum(tenders: Sequence[Tender], methods: Sequence[str]) -> Decimal:
    return sum((t.amount for t in tenders if t.method in methods), ZERO)


def check_cards(found: Violations, refunds: Sequence[Refund], taken: MoneyTaken) -> None:
    """A card gets back no more than it paid; without a named one, all of them together."""
    left = taken.left_on_cards()
    for i, refund in sorted(enumerate(refunds), key=lambda at: _names_no_card(at[1])):
        if refund.method != CARD:
            continue
        unnamed = _names_no_card(refund)
        most = sum(left.values(), ZERO) if unnamed else left.get(refund.card_token, ZERO)
        most = taken.currency.rounded(most)
        if refund.amount > most:
            detail = f"{most} is left of what was paid by card" if unnamed else f"{most} is left on this card"
            found.invalid("refund-exceeds-payment", detail, f"/refunds/{i}", maximum=most)
        else:
            _draw(refund, left)


def split_by_card(refunds: Sequence[Refund], taken: MoneyTaken) -> tuple[Refund, ...]:
    """Refunds that name no card are split over the cards that paid; what they cannot take stays as it is."""
    left = taken.left_on_cards()
    drawn = {
        i: _draw(refund, left)
        for i, refund in sorted(enumerate(refunds), key=lambda at: _names_no_card(at[1]))
    }
    return tuple(part for i in range(len(refunds)) for part in drawn[i])


def _names_no_card(refund: Refund) -> bool:
    return refund.method == CARD and not refund.card_token


def _draw(refund: Refund, left: dict[str, Decimal]) -> list[Refund]:
    """The refund, by card; what is left on the cards gets less."""
    if refund.method != CARD:
        return [refund]
    if not _names_no_card(refund):
        left[refund.card_token] = max(ZERO, left.get(refund.card_token, ZERO) - refund.amount)
        return [refund]
    parts: list[Refund] = []
    rest = refund.amount
    for token, room in left.items():
        amount = min(rest, room)
        if amount > 0:
            parts.append(replace(refund, amount=amount, card_token=token))
            left[token] = room - amount
            rest -= amount
    return [*parts, replace(refund, amount=rest)] if rest > 0 else parts
