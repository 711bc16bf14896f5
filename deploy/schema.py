"""`make schema`: writes the tables of today, as the migrations leave them, to `docs/schema/<service>.sql`.

Migrations tell how a database came to be, in several files; these pictures show what it is. They are for reading: views
appear with their columns and what they read, and the rows that migrations insert do not appear.
"""

from __future__ import annotations

import asyncio
import os
import re
import tempfile
import textwrap
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import asyncpg

from deploy.documents import environment
from deploy.local.settings import ROOT, SERVICES, settings_on_free_ports
from deploy.local.stack import LocalStack
from servicekit.migrate import upgrade_database

_RELATIONS: Final = """
SELECT c.relname AS name, c.relkind::text AS kind, array_to_string(c.reloptions, E',\\n    ') AS options,
       obj_description(c.oid, 'pg_class') AS comment
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v', 'S')
  AND c.relname <> 'alembic_version'
  -- Sequences of identity columns belong to their column ("i"); extensions bring views of their own ("e").
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid
                  AND (d.deptype = 'e' OR c.relkind = 'S' AND d.deptype = 'i'))
ORDER BY c.relname
"""
_COLUMNS: Final = """
SELECT c.relname AS relation, quote_ident(a.attname) AS name, format_type(a.atttypid, a.atttypmod) AS type,
       a.attnotnull AS required, a.attidentity::text AS identity, a.attgenerated::text AS generated,
       a.attcompression::text AS compression, pg_get_expr(d.adbin, d.adrelid) AS expression,
       col_description(c.oid, a.attnum) AS comment
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
  AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY c.relname, a.attnum
"""
_CONSTRAINTS: Final = """
SELECT c.relname AS relation, o.conname AS name, pg_get_constraintdef(o.oid, true) AS definition
FROM pg_constraint o
JOIN pg_class c ON c.oid = o.conrelid
WHERE c.relnamespace = 'public'::regnamespace AND o.contype IN ('p', 'u', 'f', 'c', 'x')
ORDER BY c.relname, array_position('{p,u,f,c,x}', o.contype::text), definition
"""
_INDEXES: Final = """
SELECT c.relname AS relation, pg_get_indexdef(i.indexrelid) AS definition,
       obj_description(i.indexrelid, 'pg_class') AS comment
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_class x ON x.oid = i.indexrelid
WHERE c.relnamespace = 'public'::regnamespace
  AND NOT EXISTS (SELECT FROM pg_constraint o WHERE o.conindid = i.indexrelid)
ORDER BY c.relname, x.relname
"""
_READ_BY_VIEWS: Final = """
SELECT v.relname AS relation, string_agg(DISTINCT t.relname, ', ' ORDER BY t.relname) AS tables
FROM pg_depend d
JOIN pg_rewrite r ON r.oid = d.objid
JOIN pg_class v ON v.oid = r.ev_class
JOIN pg_class t ON t.oid = d.refobjid
WHERE v.relnamespace = 'public'::regnamespace AND v.relkind = 'v' AND t.oid <> v.oid AND t.relkind IN ('r', 'v')
GROUP BY v.relname
"""
_GIVEN_BY_POSTGRES: Final = re.compile(r"_(pkey|key|check|fkey)\d*$")
_COMPRESSIONS: Final = {"l": "lz4", "p": "pglz"}
_TYPES: Final = {"integer": "int", "timestamp with time zone": "timestamptz"}
_SHORTER: Final = (
    (re.compile(r" ON public\."), " ON "),
    (re.compile(r" USING btree"), ""),
    (re.compile(r"('(?:[^']|'')*')::(?:text|json)\b"), r"\1"),
    (re.compile(r"\b(\d+)::numeric\b"), r"\1"),
    (re.compile(r" WHERE \((.*)\)$"), r" WHERE \1"),
    (re.compile(r"= ANY \(ARRAY\[([^]]*)\]\)"), r"IN (\1)"),
)
"""What PostgreSQL writes more fully than a migration would."""
_WIDTH: Final = 118


def path(service: str) -> Path:
    """Where the picture of a service's database belongs."""
    return ROOT / "docs" / "schema" / f"{service}.sql"


async def picture(service: str, url: str) -> str:
    """The tables, views and sequences in the migrated database at `url`, sorted by name, as readable SQL."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        relations = await connection.fetch(_RELATIONS)
        columns = _by_relation(await connection.fetch(_COLUMNS))
        constraints = _by_relation(await connection.fetch(_CONSTRAINTS))
        indexes = _by_relation(await connection.fetch(_INDEXES))
        read = {row["relation"]: row["tables"] for row in await connection.fetch(_READ_BY_VIEWS)}
    finally:
        await connection.close()
    parts = [f"-- The tables of {service}. Written by `make schema`, to be read only: migrations make them."]
    for row in relations:
        name = row["name"]
        if row["kind"] == "S":
            text = f"CREATE SEQUENCE {name};"
        elif row["kind"] == "v":
            text = f"CREATE VIEW {name} (\n{_members(columns[name])}\n); -- reads {read[name]}"
        else:
            options = f" WITH (\n    {row['options']}\n)" if row["options"] else ""
            text = f"CREATE TABLE {name} (\n{_members(columns[name], constraints[name])}\n){options};"
        parts.append("\n".join([_commented(row["comment"], text), *map(_index, indexes[name])]))
    return "\n\n".join(parts) + "\n"


def _by_relation(rows: Iterable[asyncpg.Record]) -> Mapping[str, list[asyncpg.Record]]:
    found: dict[str, list[asyncpg.Record]] = defaultdict(list)
    for row in rows:
        found[row["relation"]].append(row)
    return found


def _members(columns: Sequence[asyncpg.Record], constraints: Sequence[asyncpg.Record] = ()) -> str:
    """The columns, their types in one line below each other, and the constraints of a table."""
    width = max(len(row["name"]) for row in columns)
    members = [(row["comment"], f"{row['name']:{width}} {_type(row)}") for row in columns]
    members += [(None, _constraint(row)) for row in constraints]
    last = len(members) - 1
    return "\n".join(
        _commented(comment, text + ("" if i == last else ","), indent="    ")
        for i, (comment, text) in enumerate(members)
    )


def _type(row: asyncpg.Record) -> str:
    words = [_TYPES.get(row["type"], row["type"])]
    if row["compression"] in _COMPRESSIONS:
        words.append(f"COMPRESSION {_COMPRESSIONS[row['compression']]}")
    if row["required"]:
        words.append("NOT NULL")
    if row["identity"]:
        words.append("GENERATED ALWAYS AS IDENTITY")
    elif row["generated"]:
        words.append(f"GENERATED ALWAYS AS {_short(row['expression'])} STORED")
    elif row["expression"] is not None:
        words.append(f"DEFAULT {_short(row['expression'])}")
    return " ".join(words)


def _constraint(row: asyncpg.Record) -> str:
    """A name that PostgreSQL made up says nothing that the definition does not say."""
    named = not _GIVEN_BY_POSTGRES.search(row["name"])
    return (f"CONSTRAINT {row['name']} " if named else "") + _short(row["definition"])


def _index(row: asyncpg.Record) -> str:
    text = _short(row["definition"]) + ";"
    if len(text) > _WIDTH:
        text = text.replace(" WHERE ", "\n    WHERE ")
    return _commented(row["comment"], text)


def _short(text: str) -> str:
    for pattern, replacement in _SHORTER:
        text = pattern.sub(replacement, text)
    return text


def _commented(comment: str | None, text: str, indent: str = "") -> str:
    lines = textwrap.wrap(comment or "", _WIDTH - len(indent))
    return "\n".join([*(f"{indent}-- {line}" for line in lines), indent + text])


async def write() -> None:
    """Migrate empty databases on a PostgreSQL of this process' own, and write what came of it."""
    with tempfile.TemporaryDirectory(prefix="koppel-schema-") as directory:
        stack = LocalStack(settings_on_free_ports(Path(directory)), services=())
        try:
            await stack.prepare()
            await stack.start("postgres")
            for service in SERVICES:
                url = stack.database_url(service)
                await upgrade_database(_built(service, url))
                path(service).parent.mkdir(exist_ok=True)
                path(service).write_text(await picture(service, url))
                print(path(service).relative_to(ROOT))
        finally:
            await stack.stop_all()


def _built(service: str, url: str) -> Any:
    with environment(), patch.dict(os.environ, {"KOPPEL_DATABASE_URL": url}):
        return import_module(f"{service}.app").build()


if __name__ == "__main__":
    asyncio.run(write())
