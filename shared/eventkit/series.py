"""Document numbers."""

from __future__ import annotations

from sqlalchemy import text

from eventkit.transaction import Transaction

TAKE = text("""
UPDATE number_series SET next_no = next_no + :count WHERE code = :code RETURNING prefix, next_no - :count AS first
""")


async def take(tx: Transaction, code: str, count: int) -> list[str]:
    """The next `count` numbers of a series, such as S-1001, S-1002.

    Locks the series until the transaction ends, so take numbers last (lock order): numbers of a rolled back
    transaction are given again, there are no gaps. A series that no migration made is an error.
    """
    if count == 0:
        return []
    rows = await tx.all(TAKE, code=code, count=count)
    if not rows:
        msg = f"number series {code} does not exist"
        raise LookupError(msg)
    prefix, first = rows[0]
    return [f"{prefix}{first + i}" for i in range(count)]
