"""Reading the copies of others' aggregates. Only the consumer writes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import text

from eventkit.kinds import Kind
from eventkit.transaction import Queryable, fetch

LOAD_COPIES = text("""
SELECT no, body FROM copy WHERE kind = :kind AND no = ANY(CAST(:nos AS text[])) AND body IS NOT NULL
""")

COPY_VERSIONS = text("""
SELECT no, version FROM copy WHERE kind = :kind AND no = ANY(CAST(:nos AS text[]))
""")


async def load(where: Queryable, kind: Kind, nos: Iterable[str]) -> dict[str, Any]:
    """Snapshots by number as this service knows them; unknown numbers are absent, deleted ones say `.deleted`."""
    wanted = sorted(set(nos))
    if not wanted:
        return {}
    rows = await fetch(where, LOAD_COPIES, kind=kind.name, nos=wanted)
    decode = decoder(kind)
    return {no: decode.decode(body) for no, body in rows}


async def versions(where: Queryable, kind: str, nos: Iterable[str]) -> dict[str, int]:
    """Versions by number; unknown numbers are absent."""
    wanted = sorted(set(nos))
    rows = await fetch(where, COPY_VERSIONS, kind=kind, nos=wanted)
    return dict(rows)


_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def decoder(kind: Kind) -> msgspec.json.Decoder[Any]:
    """The kind's decoder, made once: making it costs more than using it."""
    found = _decoders.get(kind.model)
    if found is None:
        found = _decoders[kind.model] = msgspec.json.Decoder(kind.model)
    return found
