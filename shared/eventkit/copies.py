"""Reads the copies of other services' aggregates, which only the consumer writes (see `copying`)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec
from sqlalchemy import TextClause, text

from eventkit.kinds import Kind
from eventkit.transaction import Queryable, fetch

LOAD_COPIES = text("""
SELECT no, body FROM copy WHERE kind = :kind AND no = ANY(CAST(:nos AS text[])) AND body IS NOT NULL
""")


LOAD_HELD = text("""
SELECT no, body FROM copy WHERE kind = :kind AND no = ANY(CAST(:nos AS text[])) AND body IS NOT NULL
ORDER BY no FOR SHARE
""")


async def load(where: Queryable, kind: Kind, nos: Iterable[str]) -> dict[str, Any]:
    """Snapshots by number; unknown numbers are absent, deleted ones have `.deleted` set."""
    return await _load(where, LOAD_COPIES, kind, nos)


async def hold(where: Queryable, kind: Kind, nos: Iterable[str]) -> dict[str, Any]:
    """The same, and until the transaction ends the consumer takes no newer ones.

    For acts that are decided on copies and that the handler of the kind follows: it sees either their outcome or is
    seen by them.
    """
    return await _load(where, LOAD_HELD, kind, nos)


async def _load(where: Queryable, statement: TextClause, kind: Kind, nos: Iterable[str]) -> dict[str, Any]:
    wanted = sorted(set(nos))
    if not wanted:
        return {}
    rows = await fetch(where, statement, kind=kind.name, nos=wanted)
    decode = decoder(kind)
    return {no: decode.decode(body) for no, body in rows}


_decoders: dict[type[Any], msgspec.json.Decoder[Any]] = {}


def decoder(kind: Kind) -> msgspec.json.Decoder[Any]:
    """The decoder of a kind, made once: making it costs more than decoding a record."""
    found = _decoders.get(kind.model)
    if found is None:
        found = _decoders[kind.model] = msgspec.json.Decoder(kind.model)
    return found
