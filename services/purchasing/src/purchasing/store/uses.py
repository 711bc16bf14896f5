"""Which vendors are used."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from sqlalchemy import text

from eventkit.transaction import Transaction

VENDORS: Final = text("""
SELECT v.no FROM unnest(CAST(:nos AS text[])) AS v(no)
WHERE EXISTS (SELECT FROM purchase_order o WHERE o.vendor_no = v.no)
   OR EXISTS (SELECT FROM posted_purchase_invoice i WHERE i.vendor_no = v.no)
   OR EXISTS (SELECT FROM purchase_invoice d WHERE d.vendor_no = v.no)
""")


async def vendors_with_documents(tx: Transaction, nos: Iterable[str]) -> set[str]:
    """Which of these vendors have orders or invoices, deleted orders too."""
    return {row[0] for row in await tx.all(VENDORS, nos=sorted(set(nos)))}
