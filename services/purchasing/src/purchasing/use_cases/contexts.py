"""What decisions see besides the documents."""

from __future__ import annotations

from domainkit.decisions import DecisionContext
from domainkit.references import ReferenceQuery
from eventkit.ids import new_id
from eventkit.transaction import Transaction
from purchasing.store.kinds import KINDS_OF_PURCHASING
from recordkit import references


async def load_context(tx: Transaction, query: ReferenceQuery) -> DecisionContext:
    """The context of a batch of decisions, with everything that the query names."""
    found = await references.load(tx, query, KINDS_OF_PURCHASING, tx.now)
    return DecisionContext(references=found, new_id=new_id)
