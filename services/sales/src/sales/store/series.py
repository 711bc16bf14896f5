"""Number series of sales' documents, with an end that people may set (used up: `number-series-exhausted`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import text

from contracts.refusals import Refusal, conflict
from eventkit.transaction import Transaction

TAKE = text("""
UPDATE number_series s SET next_no = s.next_no + LEAST(:count, COALESCE(s.last_no - s.next_no + 1, :count))
FROM (SELECT code, next_no FROM number_series WHERE code = :code FOR UPDATE) AS before
WHERE s.code = before.code
RETURNING s.prefix, before.next_no AS first, s.next_no - before.next_no AS given
""")

SALES_ORDER = "sales-order"
CUSTOMER = "customer"
SHIPMENT = "posted-sales-shipment"
INVOICE = "posted-sales-invoice"


async def take(tx: Transaction, code: str, count: int) -> list[str]:
    """The next numbers, fewer than `count` when the series ends. Locks the series until the transaction ends."""
    if count == 0:
        return []
    rows = await tx.all(TAKE, code=code, count=count)
    if not rows:
        raise LookupError(f"number series {code} does not exist")
    row = rows[0]
    return [f"{row.prefix}{row.first + i}" for i in range(row.given)]


async def take_all(tx: Transaction, code: str, count: int) -> list[str]:
    """The next numbers; refused when there are not enough (409 `number-series-exhausted`)."""
    numbers = await take(tx, code, count)
    if len(numbers) < count:
        raise exhausted(code)
    return numbers


async def take_free(
    tx: Transaction, code: str, count: int, taken: Callable[[Sequence[str]], Awaitable[set[str]]]
) -> list[str]:
    """The next numbers that nobody gave by hand before; fewer than `count` when the series ends."""
    numbers: list[str] = []
    while len(numbers) < count:
        fresh = await take(tx, code, count - len(numbers))
        if not fresh:
            break
        used = await taken(fresh)
        numbers += [no for no in fresh if no not in used]
    return numbers


def exhausted(code: str) -> Refusal:
    """The refusal of a series that is used up."""
    return conflict("number-series-exhausted", f"number series {code} is used up", series=code)
