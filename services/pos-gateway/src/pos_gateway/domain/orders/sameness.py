"""Whether a transaction that comes again says the same: judged by values, not by how they are written."""

from __future__ import annotations

import re
from datetime import UTC
from hashlib import blake2b
from typing import Final

import msgspec
from msgspec.structs import replace

from contracts.pos import TransactionIdentity, TransactionTerms
from contracts.refusals import Refusal, conflict
from pos_gateway.domain.orders.commands import NewOrder

_DIGEST_BYTES: Final = 16
_encode = msgspec.json.Encoder(decimal_format="number").encode
_TRAILING_ZEROS: Final = re.compile(rb'":(?<!\\":)(-?\d+)(?:\.0+|(\.\d*[1-9])0+)(?=[,}])')
"""Of a decimal member. The quote before its colon is no part of a text: there it would be escaped."""


def content_of(new: TransactionTerms) -> str:
    """A digest of the request: it differs if another request comes with the same transaction identity.

    The configuration that a till worked with is not what it says: it may be sent again by an upload that names it.
    "1.0" and "1" are one quantity, and an instant is the same in every time zone (POS-86). Decimals are written as
    JSON numbers here, so that one pass over the text finds them: walking the values takes four times as long.
    """
    said = replace(new, occurred_at=new.occurred_at.astimezone(UTC))
    if isinstance(said, NewOrder) and said.config_version is not None:
        said = replace(said, config_version=None)
    values = _TRAILING_ZEROS.sub(rb'":\1\2', _encode(said))
    return blake2b(values, digest_size=_DIGEST_BYTES).hexdigest()


def duplicate_transaction(identity: TransactionIdentity, no: str) -> Refusal:
    """Another transaction has this identity: it made order `no`, or is an act on it (B24)."""
    return conflict(
        "duplicate-transaction",
        f"transaction {identity.sequence} of terminal {identity.terminal_no} on {identity.business_date} is {no}",
        pointer="/transaction",
        confirmation_no=no,
    )
