"""The records that a request's body names by number, so that a body of wrong shape is refused with unknown ones too.

A body that cannot be read never becomes an act, and only acts look numbers up. Without this a caller would learn of an
unknown customer only after a malformed date was mended.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, Final, NamedTuple

from msgspec import inspect

from contracts.fields import NAMES, RULE
from contracts.refusals import Violation, Violations
from eventkit.transaction import Database
from httpkit import leaves
from httpkit.pointers import Path, pointer
from recordkit.kinds import RecordKinds
from recordkit.references import missing

_PLAIN: Final = (str, int, float, bool, type(None))


class Mention(NamedTuple):
    """A number that stands in a body, and the kind of record that it names."""

    kind: str
    no: str
    path: Path


async def unknown(
    database: Database, kinds: RecordKinds, model: type[Any], value: Any
) -> tuple[Violation, ...]:
    """A violation for each well-formed number in the body that names no record of a kind that the service keeps."""
    mentioned = [m for m in mentions(model, value) if m.kind in kinds.by_name]
    if not mentioned:
        return ()
    async with database.read() as conn:
        gone = await missing(conn, kinds, {(m.kind, m.no) for m in mentioned})
    found = Violations()
    for kind, no, path in mentioned:
        if (kind, no) in gone:
            found.unknown(kind, no, pointer(path))
    refusal = found.refusal()
    return refusal.violations if refusal else ()


def mentions(model: type[Any], value: Any) -> Iterator[Mention]:
    """The well-formed numbers in a decoded body whose fields say what they name (`contracts.fields.names`)."""
    wanted: Any = model
    yield from _in(_type_of(wanted), value, ())


@cache
def _type_of(model: Any) -> inspect.Type:
    return inspect.type_info(model)


def _in(type_: inspect.Type, value: Any, path: Path) -> Iterator[Mention]:
    if isinstance(type_, inspect.UnionType):
        for kind in type_.types:
            yield from _in(kind, value, path)
    elif isinstance(type_, inspect.Metadata):
        yield from _named(type_, value, path) if isinstance(value, _PLAIN) else _in(type_.type, value, path)
    elif isinstance(type_, inspect.StructType) and isinstance(value, dict):
        for field in type_.fields:
            if field.encode_name in value:
                yield from _in(field.type, value[field.encode_name], (*path, field.encode_name))
    elif isinstance(type_, inspect.VarTupleType | inspect.ListType) and isinstance(value, list):
        # A list that is too long is refused for its length: its members are not looked at.
        members = value if type_.max_length is None or len(value) <= type_.max_length else ()
        for index, member in enumerate(members):
            yield from _in(type_.item_type, member, (*path, index))


def _named(type_: inspect.Metadata, value: Any, path: Path) -> Iterator[Mention]:
    extra = type_.extra or {}
    if NAMES not in extra or not isinstance(type_.type, inspect.StrType):
        return
    try:
        no = leaves.text(extra.get(RULE), type_.type)(value)
    except leaves.WrongValue:
        return  # its shape is refused already
    if no:
        yield Mention(extra[NAMES], no, path)
