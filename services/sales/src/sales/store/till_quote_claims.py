"""Claims on quotes of tills: the quote and the order that was made of it arrive in any order, and one comes first."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import text

from eventkit.transaction import Transaction

# Of two transactions at once the second waits until the first ends; all take numbers in the same order.
CLAIM = text("""
INSERT INTO till_quote_claim (confirmation_no, transaction_id)
SELECT no, id FROM unnest(CAST(:nos AS text[]), CAST(:ids AS uuid[])) AS t(no, id) ORDER BY no
ON CONFLICT (confirmation_no) DO UPDATE SET transaction_id = excluded.transaction_id
WHERE till_quote_claim.transaction_id = excluded.transaction_id
RETURNING confirmation_no
""")


async def claim(tx: Transaction, claims: Mapping[str, UUID]) -> set[str]:
    """Claim quotes, by confirmation number, for these transactions; the numbers of those that no other one had."""
    if not claims:
        return set()
    return {no for (no,) in await tx.all(CLAIM, nos=list(claims), ids=list(claims.values()))}
