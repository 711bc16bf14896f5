"""What of an item at a location can be promised: stock and movements, so that no earlier promise is broken."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from contracts.planning.fields import ZERO


class Promisable:
    """Free stock and what comes and goes, from a first day on; what is overdue counts on the first day."""

    def __init__(self, stock: Decimal, moves: Iterable[tuple[date, Decimal]], first: date) -> None:
        self._first = first
        self._by_day: dict[date, Decimal] = {first: stock}
        for day, quantity in moves:
            self.move(day, quantity)

    def move(self, day: date, quantity: Decimal) -> None:
        """One more movement: what is promised leaves, what is planned comes."""
        day = max(day, self._first)
        self._by_day[day] = self._by_day.get(day, ZERO) + quantity

    def earliest(self, quantity: Decimal, wanted: date) -> date | None:
        """The first day from the wanted one on from which the quantity can leave and never be missed (BC-PL-30)."""
        wanted = max(wanted, self._first)
        found = None
        for day, least in self._least():
            if least < quantity:
                break
            found = max(day, wanted)
            if day <= wanted:
                break
        return found

    def missing(self, quantity: Decimal, day: date) -> Decimal:
        """What of the quantity has to be bought so that it can leave on a day (BC-PL-31)."""
        on = max(day, self._first)
        least = next(least for before, least in self._least() if before <= on)
        return min(max(quantity - least, ZERO), quantity)

    def _least(self) -> list[tuple[date, Decimal]]:
        """(day, the least that is there from that day on), the last day first."""
        total = sum(self._by_day.values(), ZERO)
        least = total
        found = []
        for day in sorted(self._by_day, reverse=True):
            least = min(least, total)
            found.append((day, least))
            total -= self._by_day[day]
        return found
