"""Hands outbox rows from transactions to the relay of the same process, so that they need not be read back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from eventkit.outbox import OutboxRow


class Handover:
    """From transactions to the relay, each row once.

    A row is announced before the commit and given after it. If the relay reads it in the table in between, it calls
    `forget`, and the row is ignored when it is given. Rows that are not given (the process died, the result of the
    commit is unknown, the relay is in another process) are in the table for the active relay.
    """

    def __init__(self) -> None:
        self.active = False
        """True while the relay of this process holds the lease."""
        self._announced: set[int] = set()
        self._given: dict[int, OutboxRow] = {}

    def announce(self, rows: Iterable[OutboxRow]) -> None:
        """These rows are written but not committed."""
        self._announced.update(row.id for row in rows)

    def withdraw(self, rows: Iterable[OutboxRow]) -> None:
        """These rows are not committed, or it is unknown."""
        self._announced.difference_update(row.id for row in rows)

    def give(self, rows: Iterable[OutboxRow]) -> bool:
        """These rows are committed. False if one is not accepted: then the table has to be read for it."""
        accepted = True
        for row in rows:
            if self.active and row.id in self._announced:
                self._given[row.id] = row
            else:
                accepted = False
            self._announced.discard(row.id)
        return accepted

    def take(self, most_events: int) -> list[OutboxRow]:
        """The oldest rows, until they hold so many events; each row is taken once, and whole."""
        rows: list[OutboxRow] = []
        events = 0
        while self._given and events < most_events:
            row = self._given.pop(next(iter(self._given)))
            rows.append(row)
            events += len(row.events)
        return rows

    def forget(self, ids: Sequence[int]) -> None:
        """The relay has read these rows in the table."""
        self._announced.difference_update(ids)
        for id_ in ids:
            self._given.pop(id_, None)

    def open(self) -> None:
        """The relay of this process is active from now on.

        Rows that were announced before are not accepted: another relay may have sent them, and newer ones after them.
        """
        self._announced.clear()
        self.active = True

    def close(self) -> None:
        """It no longer is; rows that it did not take are in the table."""
        self.active = False
        self._announced.clear()
        self._given.clear()

    @property
    def waiting(self) -> bool:
        """True if there are rows to take."""
        return bool(self._given)
