"""What changed between two states of a document or record, field by field, for the audit trail (E7).

A model leaves out what is shown elsewhere, such as postings, or is known to its service alone: the class variable
`UNAUDITED` names these fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Final

import msgspec
from msgspec import Struct

from contracts.audit import FieldChange
from contracts.values import Problem

_NEVER: Final = frozenset({"version", "happened"})
_LINE: Final = "line"


def differences(before: Struct | None, after: Struct) -> tuple[FieldChange, ...]:
    """The fields that differ, in the order of the model; of a new record (`before` is None) those that were given."""
    if before is None:
        return tuple(FieldChange(field=name, new=_text(value)) for name, value in _given(after).items())
    return tuple(_differences(before, after, "", None))


def _differences(before: Struct, after: Struct, path: str, line_no: int | None) -> Iterator[FieldChange]:
    for name in _audited(type(after)):
        old, new = getattr(before, name), getattr(after, name)
        # By identity first: a decision keeps what it does not change, and orders are large.
        if old is new or old == new:
            continue
        if _are_lines(old) or _are_lines(new):
            yield from _of_lines(old, new)
        elif isinstance(old, Struct) and type(old) is type(new):
            yield from _differences(old, new, f"{path}{name}.", line_no)
        else:
            yield FieldChange(field=path + name, line_no=line_no, old=_text(old), new=_text(new))


def _are_lines(value: Any) -> bool:
    """Whether each of them has a number of its own; problems name lines, several may name the same one."""
    known = isinstance(value, tuple) and bool(value) and not isinstance(value[0], Problem)
    return known and hasattr(value[0], "line_no")


def _of_lines(old: Iterable[Any], new: Iterable[Any]) -> Iterator[FieldChange]:
    before = {line.line_no: line for line in old}
    after = {line.line_no: line for line in new}
    for no, line in after.items():
        if no not in before:
            yield FieldChange(field=_LINE, line_no=no, new=_text(_given(line)))
        elif line is not before[no]:
            yield from _differences(before[no], line, "", no)
    for no, line in before.items():
        if no not in after:
            yield FieldChange(field=_LINE, line_no=no, old=_text(_given(line)))


@lru_cache
def _audited(model: type[Struct]) -> tuple[str, ...]:
    left_out: frozenset[str] = _NEVER | getattr(model, "UNAUDITED", frozenset())
    return tuple(name for name in model.__struct_fields__ if name not in left_out)


@lru_cache
def _defaults(model: type[Struct]) -> dict[str, Any]:
    return {field.name: field.default for field in msgspec.structs.fields(model)}


def _given(record: Struct) -> dict[str, Any]:
    """The values that are not the model's defaults."""
    defaults = _defaults(type(record))
    found = {name: getattr(record, name) for name in _audited(type(record))}
    return {name: value for name, value in found.items() if value != defaults[name]}


def _text(value: Any) -> str | None:
    """A value as people read it; one with parts as JSON."""
    if value is None:
        return None
    plain = msgspec.to_builtins(value)
    return plain if isinstance(plain, str) else msgspec.json.encode(plain).decode()
