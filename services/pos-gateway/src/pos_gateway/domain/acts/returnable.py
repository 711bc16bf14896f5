"""How much of what was invoiced can still be returned (POS-81, POS-125)."""

from __future__ import annotations

from decimal import Decimal

from contracts.refusals import Violations


def check_returnable(
    found: Violations, quantity: Decimal, invoiced: Decimal, returned: Decimal, pointer: str
) -> None:
    """No more comes back than was invoiced and is not back already."""
    available = invoiced - returned
    if quantity > available:
        detail = f"{available} of this line can be returned"
        found.invalid("quantity-exceeds-returnable", detail, pointer, available=available)
