"""What orders and acts have the identities of transactions that tills send, and whether they say the same (B24)."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from contracts.pos import TransactionIdentity
from eventkit.transaction import Transaction
from pos_gateway.domain.orders.sameness import duplicate_transaction
from pos_gateway.store import acts, orders
from pos_gateway.store.acts import StoredAct
from pos_gateway.store.orders import Stored


class KnownIdentities(msgspec.Struct, frozen=True):
    """One identity belongs to one order or one act."""

    orders: Mapping[TransactionIdentity, Stored]
    acts: Mapping[TransactionIdentity, StoredAct]

    def same_order(self, identity: TransactionIdentity, content: str, quote_no: str = "") -> Stored | None:
        """The same order, if it was made before.

        Raises:
            Refusal: Another transaction has the identity; it names its order.
        """
        found = self.orders.get(identity)
        if found is not None and (found.order.quote_no, found.content) == (quote_no, content):
            return found
        self._refuse_known(identity)
        return None

    def same_act(
        self, identity: TransactionIdentity, operation: str, content: str, confirmation_no: str = ""
    ) -> StoredAct | None:
        """The same act, if it was taken before; `confirmation_no` is empty for a return without an order.

        Raises:
            Refusal: Another transaction has the identity; it names its order.
        """
        found = self.acts.get(identity)
        said = (operation, content, confirmation_no)
        if found is not None and (found.operation, found.content, found.act.confirmation_no or "") == said:
            return found
        self._refuse_known(identity)
        return None

    def _refuse_known(self, identity: TransactionIdentity) -> None:
        order, act = self.orders.get(identity), self.acts.get(identity)
        if order is not None:
            raise duplicate_transaction(identity, order.order.confirmation_no)
        if act is not None:
            no = act.act.confirmation_no or act.act.settlement.return_no or ""
            raise duplicate_transaction(identity, no)


async def known_identities(tx: Transaction, identities: Collection[TransactionIdentity]) -> KnownIdentities:
    """What is stored under these identities."""
    return KnownIdentities(
        orders=await orders.by_identity(tx, identities), acts=await acts.by_identity(tx, identities)
    )
