"""Document numbers. A series may have an end: then acts that need a number are refused (`number-series-exhausted`).

Taking numbers locks the series until the transaction ends, so take them last: other transactions that need it
wait. In return there are no gaps: a roll-back gives the numbers back, which a PostgreSQL sequence cannot do.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import text

from contracts.refusals import Refusal, conflict
from eventkit.transaction import Transaction

DRAWN = """
UPDATE number_series SET next_no = next_no + :count
WHERE code = :code AND (last_no IS NULL OR last_no >= next_no + :count - 1)
RETURNING prefix, next_no - :count AS first
"""
"""One row: the prefix and the first of `:count` numbers; no row if fewer are left."""

TAKE = text(DRAWN)

# The row is locked in the subquery first: RETURNING sees only the new `next_no`, and `before` must be the value that
# the update started from, also if another transaction has just changed it.
TAKE_LEFT = text("""
UPDATE number_series s SET next_no = s.next_no + LEAST(:count, COALESCE(s.last_no - s.next_no + 1, :count))
FROM (SELECT code, next_no FROM number_series WHERE code = :code FOR UPDATE) AS before
WHERE s.code = before.code
RETURNING s.prefix, before.next_no AS first, s.next_no - before.next_no AS given
""")

LEFT = text("SELECT last_no - next_no + 1 AS count_left FROM number_series WHERE code = :code FOR UPDATE")

EXISTS = text("SELECT 1 FROM number_series WHERE code = :code")


async def take(tx: Transaction, code: str, count: int) -> list[str]:
    """The next `count` numbers of a series, such as S-1001, S-1002; refused if fewer are left (then none is taken).

    LookupError if the series does not exist: migrations create them.
    """
    if count == 0:
        return []
    rows = await tx.all(TAKE, code=code, count=count)
    if not rows:
        if await tx.all(EXISTS, code=code):
            raise exhausted(code)
        raise _missing(code)
    return _numbers(rows[0].prefix, rows[0].first, count)


async def take_left(tx: Transaction, code: str, count: int) -> list[str]:
    """The next numbers of a series, fewer than `count` when it ends."""
    if count == 0:
        return []
    rows = await tx.all(TAKE_LEFT, code=code, count=count)
    if not rows:
        raise _missing(code)
    return _numbers(rows[0].prefix, rows[0].first, rows[0].given)


async def left(tx: Transaction, code: str) -> int | None:
    """How many numbers a series has left, None without an end; locks it, so that this stays true."""
    rows = await tx.all(LEFT, code=code)
    if not rows:
        raise _missing(code)
    count: int | None = rows[0].count_left
    return count


async def take_free(
    tx: Transaction, code: str, count: int, taken: Callable[[Sequence[str]], Awaitable[set[str]]]
) -> list[str]:
    """The next numbers that no document has yet, such as one that was numbered by hand; fewer if the series ends.

    `taken` returns those of some numbers that exist already.
    """
    numbers: list[str] = []
    while len(numbers) < count:
        # The numbers that are skipped stay used up: they belong to documents that were numbered by hand.
        fresh = await take_left(tx, code, count - len(numbers))
        if not fresh:
            break
        used = await taken(fresh)
        numbers += [no for no in fresh if no not in used]
    return numbers


def exhausted(code: str) -> Refusal:
    """The refusal of an act that needs a number; an operator must extend the series (`PUT /number-series/{code}`)."""
    return conflict("number-series-exhausted", f"number series {code} is used up", series=code)


def _numbers(prefix: str, first: int, count: int) -> list[str]:
    return [f"{prefix}{first + i}" for i in range(count)]


def _missing(code: str) -> LookupError:
    return LookupError(f"number series {code} does not exist")
