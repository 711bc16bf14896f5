"""Loads reference data: own master data and copies of others', in one statement."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import text

from domainkit.references import ReferenceData, ReferenceQuery
from eventkit.transaction import Queryable, fetch, json_rows
from recordkit.kinds import RecordKinds
from recordkit.rates import with_rates

WANTED: Final = """
SELECT kind, no, own FROM json_to_recordset(CAST(:references AS json)) AS r(kind text, no text, own boolean)
"""
"""The records to look up. A service whose decisions begin with one statement puts it and `FOUND` into its own."""

FOUND: Final = """
SELECT c.kind, c.no, c.body FROM wanted w
JOIN copy c ON c.kind = w.kind AND c.no = w.no WHERE NOT w.own AND c.body IS NOT NULL
UNION ALL
SELECT m.kind, m.no, m.body FROM wanted w
JOIN master m ON m.kind = w.kind AND m.no = w.no WHERE w.own AND NOT m.deleted
"""
"""(kind, no, body) of the records that exist, from a CTE `wanted` that is made of `WANTED`.

Copies of which the service keeps the version alone have no body, so no rule can read them."""

LOAD = text(f"WITH wanted AS MATERIALIZED ({WANTED}) {FOUND}")


async def load(where: Queryable, query: ReferenceQuery, kinds: RecordKinds, now: datetime) -> ReferenceData:
    """Everything that the query names, as far as it exists. `now` decides what the company's today is."""
    rows = await fetch(where, LOAD, references=parameter(query, kinds))
    return await with_rates(where, query, reference_data(rows, kinds, now), kinds)


async def missing(
    where: Queryable, kinds: RecordKinds, named: Collection[tuple[str, str]]
) -> set[tuple[str, str]]:
    """Those of the named records (kind, number) that do not exist or are deleted."""
    rows = ({"kind": kind, "no": no, "own": kinds.by_name[kind].own} for kind, no in named)
    found = await fetch(where, LOAD, references=json_rows(rows))
    there = (
        (kind, no) for kind, no, body in found if not getattr(kinds.decode(kind, body), "deleted", False)
    )
    return {*named} - {*there}


def parameter(query: ReferenceQuery, kinds: RecordKinds) -> str:
    """The query as the parameter `references` of `WANTED`."""
    rows = ((kinds.by_model[model], no) for model, no in query)
    return json_rows({"kind": kind.name, "no": no, "own": kind.own} for kind, no in rows)


def reference_data(rows: Iterable[Any], kinds: RecordKinds, now: datetime) -> ReferenceData:
    """The reference data of rows (kind, no, body); records that are marked deleted are left out."""
    found: dict[type[Any], dict[str, Any]] = defaultdict(dict)
    deleted = set()
    for kind, no, body in rows:
        record, model = kinds.decode(kind, body), kinds.by_name[kind].model
        # Deleted copies keep their body: a rule must know "deleted" from "not arrived yet", which is worth a wait.
        if getattr(record, "deleted", False):
            deleted.add((model, no))
        else:
            found[model][no] = record
    return ReferenceData(found, now, deleted=deleted)
