"""Outbox rows that a transaction gives to the relay of its own process, so that they need not be read back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eventkit.outbox import OutboxRow


class Handover:
    """From transactions to the relay, each row once.

    A row is announced before the commit and given after it. Between the two the relay may read it in the table: it
    says so by `forget`, and what is given after that is left out. What is not given (the process died, nobody knows
    how the commit ended, the relay is elsewhere) stands in the table for whoever relays.
    """

    def __init__(self) -> None:
        self.active = False
        """True while the relay of this process holds the lease."""
        self._announced: set[int] = set()
        self._given: dict[int, OutboxRow] = {}

    def announce(self, rows: Iterable[OutboxRow]) -> None:
        """These are written but not committed."""
        self._announced.update(row.id for row in rows)

    def withdraw(self, rows: Iterable[OutboxRow]) -> None:
        """These are not committed, or nobody knows."""
        self._announced.difference_update(row.id for row in rows)

    def give(self, rows: Iterable[OutboxRow]) -> bool:
        """These are committed. False if one of them is not accepted: whoever relays finds it in the table."""
        accepted = True
        for row in rows:
            if self.active and row.id in self._announced:
                self._given[row.id] = row
            else:
                accepted = False
            self._announced.discard(row.id)
        return accepted

    def take(self, most_events: int) -> list[OutboxRow]:
        """What was given first, each row once: as many as make so many events, the last one whole."""
        rows: list[OutboxRow] = []
        events = 0
        while self._given and events < most_events:
            row = self._given.pop(next(iter(self._given)))
            rows.append(row)
            events += len(row.events)
        return rows

    def forget(self, ids: Sequence[int]) -> None:
        """The relay has read these itself."""
        self._announced.difference_update(ids)
        for id_ in ids:
            self._given.pop(id_, None)

    def open(self) -> None:
        """The relay of this process is active from now on.

        What was announced before is not accepted: another relay may have sent it, and newer ones after it.
        """
        self._announced.clear()
        self.active = True

    def close(self) -> None:
        """It no longer is; what it did not take stands in the table."""
        self.active = False
        self._announced.clear()
        self._given.clear()

    @property
    def waiting(self) -> bool:
        """True if there is something to take."""
        return bool(self._given)
