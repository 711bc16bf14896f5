"""The audit trail: who changed which field of a document or a setting, written in the transaction of the change.

Entries are only added. The database refuses to change one, and to delete one that is younger than 30 days; older
ones are deleted by the retention's job alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.audit import FieldChange
from eventkit.ids import new_id

STORE: Final = text("""
INSERT INTO audit (id, at, kind, no, version, happened, by, changes)
SELECT id, :now, kind, no, version, happened, by, changes
FROM json_to_recordset(CAST(:rows AS json)) AS r(
    id uuid, kind text, no text, version bigint, happened json, by text, changes json)
""")

# The oldest first, some at a time, so that no transaction gets long.
FORGET: Final = text("""
DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE at < :before ORDER BY id LIMIT :most)
""")
FORGET_BATCH_ROWS: Final = 5_000


class AuditRow(msgspec.Struct, frozen=True):
    """A row of the table `audit`: an act on one document or record, and what it changed."""

    id: UUID
    kind: str
    no: str
    version: int
    happened: tuple[str, ...]
    by: str
    changes: tuple[FieldChange, ...]


class AuditTrail:
    """What one transaction adds to the audit trail."""

    __slots__ = ("rows",)

    def __init__(self) -> None:
        self.rows: list[AuditRow] = []

    def add(
        self,
        kind: str,
        no: str,
        version: int,
        *,
        happened: Sequence[str],
        by: str,
        changes: Sequence[FieldChange],
    ) -> None:
        """Note an act and what it changed; one that changed no audited field leaves nothing."""
        if changes:
            self.rows.append(AuditRow(new_id(), kind, no, version, tuple(happened), by, tuple(changes)))
