"""Settings of tills by configuration version: each change closes what held before and keeps it for a while."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import text

from eventkit.transaction import Transaction, json_rows
from pos_gateway.domain.setup.configuration import PastSettings
from pos_gateway.domain.setup.records import CommerceParameters
from pos_gateway.store.kinds import KINDS_OF_GATEWAY
from recordkit.records import SETUP_NO

KEPT_FOR: Final = timedelta(days=90)
"""How long after its end a setting is kept; no till is offline longer."""

RECORD = text("""
WITH changed AS (
    SELECT m.kind, m.no, m.body, m.deleted
    FROM master m JOIN json_to_recordset(CAST(:rows AS json)) AS r(kind text, no text) USING (kind, no)
), ended AS (
    UPDATE setting_version s SET until = holds.version, ended_at = :now
    FROM changed, configuration holds
    WHERE s.kind = changed.kind AND s.no = changed.no AND s.until IS NULL
)
INSERT INTO setting_version (kind, no, since, body)
SELECT changed.kind, changed.no, holds.version, changed.body
FROM changed, configuration holds WHERE NOT changed.deleted
""")

FORGET = text("""
WITH gone AS (
    DELETE FROM setting_version WHERE ended_at < :before RETURNING until
)
UPDATE configuration SET kept_since = greatest(kept_since, (SELECT max(until) FROM gone))
WHERE EXISTS (SELECT FROM gone)
""")

HELD = text("""
SELECT asked.version, s.kind, s.no, s.body::text AS body
FROM configuration holds, unnest(CAST(:versions AS bigint[])) AS asked(version)
JOIN setting_version s ON s.since <= asked.version AND (s.until IS NULL OR asked.version < s.until)
WHERE asked.version BETWEEN holds.kept_since AND holds.version
""")


async def record(tx: Transaction, changed: Collection[tuple[str, str]]) -> None:
    """Keep settings, by kind and number, as they are from the present version on; forget what ended long ago."""
    if changed:
        rows = json_rows({"kind": kind, "no": no} for kind, no in sorted(set(changed)))
        await tx.run(RECORD, rows=rows, now=tx.now)
        await tx.run(FORGET, before=tx.now - KEPT_FOR)


async def load(tx: Transaction, versions: Collection[int]) -> dict[int, PastSettings]:
    """Settings by version; those that are not kept any more, or never were, are absent."""
    if not versions:
        return {}
    found: dict[int, dict[str, dict[str, Any]]] = {}
    for row in await tx.all(HELD, versions=sorted(versions)):
        of_version = found.setdefault(row.version, {kind: {} for kind in KINDS_OF_GATEWAY.by_name})
        of_version[row.kind][row.no] = KINDS_OF_GATEWAY.decode(row.kind, row.body)
    return {
        version: PastSettings(
            stores=records["store"],
            profiles=records["functionality-profile"],
            parameters=records["commerce-parameters"].get(SETUP_NO) or CommerceParameters(),
        )
        for version, records in found.items()
    }
