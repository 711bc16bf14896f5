"""Every way in which a JSON value differs from the struct it should become, not only the first."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import msgspec

from contracts.refusals import Violation
from httpkit.validation import pointer

Path = tuple[int | str, ...]

_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_CODES: dict[type, tuple[str, str]] = {
    str: ("not-a-text", "must be a text"),
    int: ("not-a-number", "must be a whole number within its range"),
    Decimal: ("not-a-number", "must be a decimal number such as 12.50"),
    date: ("not-a-date", "must be a date such as 2026-01-31"),
    datetime: ("not-a-time", "must be a time with offset such as 2026-01-31T12:00:00+01:00"),
    UUID: ("not-a-uuid", "must be a UUID"),
}


def differences(value: Any, type_: Any, path: Path = ()) -> Iterator[Violation]:
    """What keeps `value` from being converted to `type_`: a struct, a tuple of one kind, or a plain value."""
    wanted = _without_none(type_)
    if value is None and wanted is not type_:
        return
    if isinstance(wanted, type) and issubclass(wanted, msgspec.Struct):
        yield from _of_struct(value, wanted, path)
    elif get_origin(wanted) is tuple:
        yield from _of_list(value, get_args(wanted)[0], path)
    else:
        yield from _of_plain(value, wanted, path)


def _of_struct(value: Any, wanted: type[msgspec.Struct], path: Path) -> Iterator[Violation]:
    if not isinstance(value, dict):
        yield _violation("not-an-object", "must be an object", path)
        return
    fields = _fields(wanted)
    for name in value.keys() - fields.keys():
        yield _violation("unknown-field", "is not a field here", (*path, name))
    for name, (type_, required) in fields.items():
        if name in value:
            yield from differences(value[name], type_, (*path, name))
        elif required:
            yield _violation("required", "is required", (*path, name))


def _of_list(value: Any, item: Any, path: Path) -> Iterator[Violation]:
    if not isinstance(value, list):
        yield _violation("not-a-list", "must be a list", path)
        return
    for index, member in enumerate(value):
        yield from differences(member, item, (*path, index))


def _of_plain(value: Any, wanted: Any, path: Path) -> Iterator[Violation]:
    if isinstance(value, str) and _UNPRINTABLE.search(value):
        yield _violation("control-character", "must not contain control characters", path)
        return
    try:
        msgspec.convert(value, wanted)
    except msgspec.ValidationError:
        yield _plain_violation(value, _bare(wanted), path)


def _plain_violation(value: Any, wanted: Any, path: Path) -> Violation:
    if wanted is str and isinstance(value, str):
        return _violation("too-long", "has too many characters", path)
    if wanted is datetime and isinstance(value, str) and _is_time(value):
        return _violation("offset-required", "must have its offset from UTC", path)
    code, detail = _CODES.get(wanted, ("invalid", "is not valid"))
    return _violation(code, detail, path)


def _is_time(value: str) -> bool:
    try:
        msgspec.convert(value, datetime)
    except msgspec.ValidationError:
        return False
    return True


def _violation(code: str, detail: str, path: Path) -> Violation:
    name = ".".join(str(part) for part in path)
    return Violation(code, f"{name}: {detail}" if name else detail, pointer(path))


def _without_none(type_: Any) -> Any:
    """X for X | None."""
    if get_origin(type_) in {UnionType, Union}:
        (wanted,) = (t for t in get_args(type_) if t is not type(None))
        return wanted
    return type_


def _bare(type_: Any) -> Any:
    return get_args(type_)[0] if get_origin(type_) is Annotated else type_


@cache
def _fields(struct: type[msgspec.Struct]) -> dict[str, tuple[Any, bool]]:
    """Name → (type with its constraints, whether it must be given)."""
    hints = get_type_hints(struct, include_extras=True)
    return {f.encode_name: (hints[f.name], f.required) for f in msgspec.structs.fields(struct)}
