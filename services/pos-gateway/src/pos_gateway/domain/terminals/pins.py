"""Which PINs are too easy to guess: they are the first that are tried."""

from __future__ import annotations

from itertools import pairwise

from contracts.refusals import invalid


def check_pin(pin: str, worker_id: str) -> None:
    """Refuse a PIN of repeated or successive characters, and the worker's own id."""
    if _repeats(pin) or _counts(pin) or pin.strip().upper() == worker_id:
        detail = "the PIN is easy to guess: no repetitions, no sequences, not the worker's id"
        raise invalid("pin-too-simple", detail, pointer="/pin")


def _repeats(pin: str) -> bool:
    """`0000`, `1212`, `123123`: a shorter text several times."""
    return any(pin == pin[:size] * (len(pin) // size) for size in range(1, len(pin) // 2 + 1))


def _counts(pin: str) -> bool:
    """`1234`, `7890`, `9876`: each digit is the next one up, or down."""
    if not (pin.isascii() and pin.isdecimal()):
        return False
    steps = {(int(after) - int(before)) % 10 for before, after in pairwise(pin)}
    return steps in ({1}, {9})
