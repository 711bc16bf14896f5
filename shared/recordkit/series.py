"""Document numbers."""

from __future__ import annotations

from sqlalchemy import text

from eventkit.transaction import Transaction

DRAWN = """
UPDATE number_series SET next_no = next_no + :count
WHERE code = :code AND (last_no IS NULL OR last_no >= next_no + :count - 1)
RETURNING prefix, next_no - :count AS first
"""
"""One row: the prefix and the first of `:count` numbers; none if so many are not left."""

TAKE = text(DRAWN)

EXISTS = text("SELECT 1 FROM number_series WHERE code = :code")


class SeriesExhaustedError(Exception):
    """A series has no more numbers; an operator must set a new one."""

    def __init__(self, code: str) -> None:
        super().__init__(f"number series {code} is used up")
        self.code = code


async def take(tx: Transaction, code: str, count: int) -> list[str]:
    """The next `count` numbers of a series, such as S-1001, S-1002.

    Locks the series until the transaction ends, so take numbers last (lock order): numbers of a rolled back
    transaction are given again, there are no gaps. SeriesExhaustedError if so many are not left (none is taken);
    a series that no migration made is an error.
    """
    if count == 0:
        return []
    rows = await tx.all(TAKE, code=code, count=count)
    if not rows:
        if await tx.all(EXISTS, code=code):
            raise SeriesExhaustedError(code)
        msg = f"number series {code} does not exist"
        raise LookupError(msg)
    prefix, first = rows[0].prefix, rows[0].first
    return [f"{prefix}{first + i}" for i in range(count)]
