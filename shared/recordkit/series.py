"""Document numbers. A series may have an end: then acts that need a number are refused (`number-series-exhausted`).

Taking numbers locks the series until the transaction ends, so take them last (lock order): numbers of a transaction
that is rolled back are given again, there are no gaps.
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
"""One row: the prefix and the first of `:count` numbers; none if so many are not left."""

TAKE = text(DRAWN)

TAKE_LEFT = text("""
UPDATE number_series s SET next_no = s.next_no + LEAST(:count, COALESCE(s.last_no - s.next_no + 1, :count))
FROM (SELECT code, next_no FROM number_series WHERE code = :code FOR UPDATE) AS before
WHERE s.code = before.code
RETURNING s.prefix, before.next_no AS first, s.next_no - before.next_no AS given
""")

EXISTS = text("SELECT 1 FROM number_series WHERE code = :code")


async def take(tx: Transaction, code: str, count: int) -> list[str]:
    """The next `count` numbers of a series, such as S-1001, S-1002; refused if so many are not left (none is taken).

    A series that no migration made is an error.
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


async def take_free(
    tx: Transaction, code: str, count: int, taken: Callable[[Sequence[str]], Awaitable[set[str]]]
) -> list[str]:
    """The next numbers that were not given by hand before; fewer than `count` when the series ends.

    `taken` says which of some numbers exist already.
    """
    numbers: list[str] = []
    while len(numbers) < count:
        fresh = await take_left(tx, code, count - len(numbers))
        if not fresh:
            break
        used = await taken(fresh)
        numbers += [no for no in fresh if no not in used]
    return numbers


def exhausted(code: str) -> Refusal:
    """Why an act that needs a number is refused: an operator must set the series anew."""
    return conflict("number-series-exhausted", f"number series {code} is used up", series=code)


def _numbers(prefix: str, first: int, count: int) -> list[str]:
    return [f"{prefix}{first + i}" for i in range(count)]


def _missing(code: str) -> LookupError:
    return LookupError(f"number series {code} does not exist")
