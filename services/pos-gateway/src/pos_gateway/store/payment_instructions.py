"""Payment instructions of orders. Each is made and confirmed under the lock of its order."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from eventkit.transaction import Transaction, json_rows
from pos_gateway.domain.payment_instructions.instruction import PaymentInstruction

# Decided under the order's lock, so nothing conflicts; the constraint makes sure of it.
ADD = text("""
INSERT INTO payment_instruction (id, confirmation_no, store_no, kind, number, attempt, method, amount, card_token,
                                 status, requested_at)
SELECT id, confirmation_no, store_no, kind, number, attempt, method, amount, card_token, status, requested_at
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    id uuid, confirmation_no text, store_no text, kind text, number int, attempt int, method text, amount numeric,
    card_token text, status text, requested_at timestamptz)
ON CONFLICT ON CONSTRAINT payment_instruction_once DO NOTHING
""")

CONFIRM = text("""
UPDATE payment_instruction i SET status = r.status, reference = r.reference, confirmed_at = r.confirmed_at
FROM json_to_recordset(CAST(:rows AS json)) AS r(id uuid, status text, reference text, confirmed_at timestamptz)
WHERE i.id = r.id AND i.status = 'requested'
""")

ORDERS_OF = text("SELECT id, confirmation_no FROM payment_instruction WHERE id = ANY(CAST(:ids AS uuid[]))")

OF_ORDERS = text("""
SELECT id, confirmation_no, store_no, kind, number, attempt, method, amount, card_token, status, reference,
       requested_at, confirmed_at
FROM payment_instruction WHERE confirmation_no = ANY(CAST(:nos AS text[]))
ORDER BY confirmation_no, kind, number, attempt
""")


async def add(tx: Transaction, instructions: Collection[PaymentInstruction]) -> None:
    """Insert new instructions; the same attempt is never stored twice."""
    if instructions:
        await tx.run(ADD, rows=json_rows(instructions))


async def confirm(tx: Transaction, instructions: Collection[PaymentInstruction]) -> None:
    """Store what the payment service answered about instructions."""
    if instructions:
        await tx.run(CONFIRM, rows=json_rows(instructions))


async def orders_of(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, str]:
    """The confirmation numbers of instructions; unknown ones are absent."""
    return {row.id: row.confirmation_no for row in await tx.all(ORDERS_OF, ids=sorted(set(ids)))}


async def of_orders(tx: Transaction, nos: Sequence[str]) -> list[PaymentInstruction]:
    """All instructions of orders, the attempts of each in their order."""
    return [instruction_of(row) for row in await tx.all(OF_ORDERS, nos=list(nos))] if nos else []


def instruction_of(row: Any) -> PaymentInstruction:
    """What a row with these columns says."""
    return msgspec.convert(row, PaymentInstruction, from_attributes=True)
