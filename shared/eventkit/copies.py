"""Reads the copies of other services' aggregates, which only the consumer writes (see `copying`)."""

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


async def load(where: Queryable, kind: Kind, nos: Iterable[str]) -> dict[str, Any]:
    """Snapshots by number; unknown numbers are absent, deleted ones have `.deleted` set."""
    wanted = sorted(set(nos))
    if not wanted:
        return {}
    rows = await fetch(where, LOAD_COPIES, kind=kind.name, nos=wanted)
    decode = decoder(kind)
    return {no: decode.decode(body) for no, body in rows}


_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def decoder(kind: Kind) -> msgspec.json.Decoder[Any]:
    """The decoder of a kind, made once: making it costs more than decoding a record."""
    found = _decoders.get(kind.model)
    if found is None:
        found = _decoders[kind.model] = msgspec.json.Decoder(kind.model)
    return found
