"""Links between purchase lines and sales lines: their unique keys decide races; committed links are never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import text

from contracts.values import Problem
from domainkit.structs import extended
from eventkit.transaction import Queryable, Transaction, fetch, json_rows
from purchasing.domain.links import LinkRow, LinkState
from purchasing.domain.requests.posting_requests import LinkedLine

STATES = text("""
SELECT sales_line_id, max(generation), coalesce(max(purchase_order_no) FILTER (WHERE active), '')
FROM purchase_link WHERE sales_line_id = ANY(CAST(:ids AS uuid[])) GROUP BY sales_line_id
""")

ROW = """(
    sales_line_id uuid, generation int, link_id uuid, kind text, purchase_order_no text, line_id uuid,
    sales_order_no text)"""

# Sorted, so that two batches that want the same lines wait for each other instead of ending in a deadlock.
# No conflict target: either unique key (the generation, the one active link per sales line) may decide the race.
# The loser is a row less in RETURNING instead of an error, which would abort the transaction of the whole batch.
CLAIM_WANTED = """
INSERT INTO purchase_link (sales_line_id, generation, link_id, kind, purchase_order_no, line_id, sales_order_no, active)
SELECT sales_line_id, generation, link_id, kind, purchase_order_no, line_id, sales_order_no, true
FROM wanted ORDER BY sales_line_id, generation
ON CONFLICT DO NOTHING RETURNING sales_line_id
"""

CLAIM = text(
    f"WITH wanted AS (SELECT * FROM json_to_recordset(CAST(:rows AS json)) AS r{ROW}) {CLAIM_WANTED}"
)

# Only for links of this transaction: a committed one is ended (`END`), so that its generation cannot be bought again.
WITHDRAW = text("""
DELETE FROM purchase_link
WHERE sales_line_id = ANY(CAST(:lines AS uuid[])) AND link_id = ANY(CAST(:ids AS uuid[]))
""")

# By both lines: if another purchase line has taken the sales line over, its link must stay.
END = text("""
UPDATE purchase_link SET active = false, problem_code = '', problem_detail = '', problem_since = NULL
WHERE active AND sales_line_id = ANY(CAST(:ids AS uuid[])) AND line_id = ANY(CAST(:lines AS uuid[]))
""")

LINKED_LINES = text("""
SELECT sales_line_id, purchase_order_no, line_id FROM purchase_link
WHERE active AND sales_line_id = ANY(CAST(:ids AS uuid[]))
""")

OF_SALES_ORDERS = text("""
SELECT sales_line_id, generation, link_id, kind, purchase_order_no, line_id, sales_order_no, active,
       problem_code, problem_detail
FROM purchase_link WHERE active AND sales_order_no = ANY(CAST(:nos AS text[]))
""")

NOTE_PROBLEMS = text("""
UPDATE purchase_link l
SET problem_code = r.code, problem_detail = r.detail,
    problem_since = CASE WHEN r.code <> '' THEN CAST(:now AS timestamptz) END
FROM json_to_recordset(CAST(:rows AS json)) AS r(sales_line_id uuid, code text, detail text)
WHERE l.active AND l.sales_line_id = r.sales_line_id
""")

PROBLEMS = text("""
SELECT line_id, problem_code, problem_detail FROM purchase_link
WHERE active AND problem_code <> '' AND purchase_order_no = ANY(CAST(:nos AS text[]))
""")


class KnownLink(msgspec.Struct, frozen=True):
    """A link with the problem that was noted for it."""

    row: LinkRow
    problem: Problem | None


async def states(where: Queryable, sales_line_ids: Iterable[UUID]) -> dict[UUID, LinkState]:
    """The link state of these sales lines; lines that were never linked are absent."""
    wanted = list(set(sales_line_ids))
    if not wanted:
        return {}
    rows = await fetch(where, STATES, ids=wanted)
    return {id_: LinkState(highest_generation=highest, active_order_no=no) for id_, highest, no in rows}


async def claim(tx: Transaction, links: Sequence[LinkRow]) -> set[UUID]:
    """Write new links; returns the sales lines that were won. Another transaction linked the others.

    Waits for transactions that are linking one of these lines; a lost line is visible to the next `states`.
    """
    if not links:
        return set()
    return {id_ for (id_,) in await tx.all(CLAIM, rows=rows(links))}


def rows(links: Iterable[LinkRow]) -> str:
    """Links as the parameter of a set-based statement."""
    return json_rows(msgspec.structs.asdict(link) for link in links)


async def withdraw(tx: Transaction, links: Sequence[LinkRow]) -> None:
    """Take back links that this transaction wrote for an act that is refused after all."""
    if links:
        ids = [link.link_id for link in links]
        await tx.run(WITHDRAW, ids=ids, lines=[link.sales_line_id for link in links])


async def end(tx: Transaction, links: Sequence[LinkRow]) -> None:
    """Make links inactive: their purchase lines were deleted."""
    if links:
        ids = [link.sales_line_id for link in links]
        await tx.run(END, ids=ids, lines=[link.line_id for link in links])


async def linked_lines(tx: Transaction, sales_line_ids: Iterable[UUID]) -> dict[UUID, LinkedLine]:
    """The purchase lines that serve these sales lines now, by sales line."""
    wanted = list(set(sales_line_ids))
    if not wanted:
        return {}
    return {id_: LinkedLine(no, line_id) for id_, no, line_id in await tx.all(LINKED_LINES, ids=wanted)}


async def of_sales_orders(tx: Transaction, nos: Iterable[str]) -> list[KnownLink]:
    """The active links of these sales orders."""
    return [_known(row) for row in await tx.all(OF_SALES_ORDERS, nos=sorted(set(nos)))]


def _known(row: Any) -> KnownLink:
    problem = Problem(code=row.problem_code, detail=row.problem_detail) if row.problem_code else None
    return KnownLink(extended(LinkRow, row), problem)


async def note_problems(tx: Transaction, problems: Sequence[tuple[UUID, Problem | None]]) -> None:
    """Store the problem of each link, None to clear it."""
    if not problems:
        return
    noted = [
        {"sales_line_id": id_, "code": p.code if p else "", "detail": p.detail if p else ""}
        for id_, p in problems
    ]
    await tx.run(NOTE_PROBLEMS, rows=json_rows(noted), now=tx.now)


async def problems(conn: Queryable, order_nos: Iterable[str]) -> dict[UUID, Problem]:
    """The noted problems of these orders' linked lines, by purchase line."""
    rows = await fetch(conn, PROBLEMS, nos=sorted(set(order_nos)))
    return {line_id: Problem(code=code, detail=detail) for line_id, code, detail in rows}
