"""What a till keeps between two starts: its secret, and how many transactions it made on a day."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import msgspec

from deploy.local.settings import StackSettings


class TillState(msgspec.Struct, kw_only=True):
    """The till's part of its own identity. `sequence` counts the transactions of `business_date`."""

    store_no: str
    terminal_no: str
    secret: str
    currency_code: str
    business_date: date
    sequence: int = 0

    def next_sequence(self, today: date) -> int:
        """The number of the next transaction: a till counts each day from 1."""
        if self.business_date != today:
            self.business_date, self.sequence = today, 0
        self.sequence += 1
        return self.sequence


def state_file(settings: StackSettings) -> Path:
    """Where the till of this stack keeps its state."""
    return settings.data_dir / "till.json"


def load_state(path: Path) -> TillState | None:
    """The state; None before the first start."""
    return msgspec.json.decode(path.read_bytes(), type=TillState) if path.exists() else None


def save_state(path: Path, state: TillState) -> None:
    """Keep the state. Written before a transaction is sent, so that no number is used twice."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".new")
    written.write_bytes(msgspec.json.encode(state))
    written.chmod(0o600)
    written.replace(path)
