"""Structs made of structs that share their fields."""

from __future__ import annotations

from typing import Any, Final, TypeVar

T = TypeVar("T")

_ABSENT: Final = object()


def extended(model: type[T], source: Any, **more: Any) -> T:
    """A struct of `model`: fields and properties that `source` has are taken over, `more` gives the others.

    Nested structs are taken as they are. TypeError if a required field is in neither.
    """
    given = dict(more)
    names: tuple[str, ...] = model.__struct_fields__  # type: ignore[attr-defined] # models are structs
    for name in names:
        if name not in given:
            value = getattr(source, name, _ABSENT)
            if value is not _ABSENT:
                given[name] = value
    return model(**given)
