"""The numbers that acts of tills take: an act that would get none fails alone, and waits for its series to go on."""

from __future__ import annotations

from collections.abc import Iterable

from contracts.channel import ChannelAct
from eventkit.transaction import Transaction
from recordkit import series
from sales.domain.channel.acts import PICKUP, RETURN
from sales.store.number_series import CREDIT_MEMO, INVOICE, SALES_INVOICE, SALES_RETURN, SHIPMENT


def _series_of(act: ChannelAct) -> tuple[str, ...]:
    if act.operation == PICKUP:
        return INVOICE, SHIPMENT
    if act.operation == RETURN:
        return SALES_RETURN, CREDIT_MEMO
    return (SALES_INVOICE, INVOICE, SHIPMENT) if act.charge is not None else ()


class LeftNumbers:
    """How many numbers the series have left that a batch of acts takes from; they are locked, so this stays true."""

    def __init__(self, left: dict[str, int]) -> None:
        self._left = left

    @classmethod
    async def of(cls, tx: Transaction, acts: Iterable[ChannelAct]) -> LeftNumbers:
        """What is left of the series that these acts need; series without an end are left out."""
        needed = {code for act in acts for code in _series_of(act)}
        left: dict[str, int] = {}
        # In the order in which they are taken from.
        for code in (SALES_INVOICE, SALES_RETURN, INVOICE, SHIPMENT, CREDIT_MEMO):
            if code in needed and (count := await series.left(tx, code)) is not None:
                left[code] = count
        return cls(left)

    def take(self, act: ChannelAct) -> None:
        """Count the act's numbers. Raises the Refusal if a series has none left for it."""
        for code in _series_of(act):
            if self._left.get(code, 1) <= 0:
                raise series.exhausted(code)
        for code in _series_of(act):
            if code in self._left:
                self._left[code] -= 1
