"""Reads values into msgspec structs: trims and bounds them by the fields' rules, and finds everything that is wrong.

A reader is built once per struct from its type and the rules of `contracts.fields`. msgspec's own conversion stops at
the first error and knows no rules for decimals.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, NamedTuple, TypeVar

from msgspec import inspect

from contracts.fields import RULE
from contracts.refusals import Refusal, Violation
from httpkit import leaves, number_leaves
from httpkit.leaves import BAD, Leaf
from httpkit.pointers import pointer

T = TypeVar("T")

VIOLATIONS_MAX: Final = 101
"""Reading stops after this many violations: more help no caller, and each costs CPU. One more than an answer lists, so
that it can say that there are more."""

Place = tuple["Place", int | str] | None
"""A position as (parent, name or index). Its path is only built for a violation, and most requests have none."""

Read = Callable[[Any, Place, list[Violation]], Any]
"""Returns the value, or BAD after adding a violation."""


def read(model: type[T], value: Any, *, from_text: bool = False) -> T:
    """The struct that a decoded JSON value, or with `from_text` a mapping of query parameters, stands for.

    Refused with every violation and its JSON pointer.
    """
    found: list[Violation] = []
    wanted: Any = model
    result = reader_of(wanted, from_text)(value, None, found)
    if found:
        raise Refusal(*found)
    made: T = result
    return made


@cache
def reader_of(model: Any, from_text: bool = False) -> Read:  # noqa: FBT001, FBT002 - a cache takes no keywords
    """The reader of a struct, built when it is first asked for."""
    return _reader(inspect.type_info(model), from_text=from_text)


def _reader(type_: inspect.Type, *, from_text: bool, rule: Any = None) -> Read:
    convert = _converter(type_, from_text=from_text, rule=rule)
    if convert is not None:
        return _leaf(convert)
    if isinstance(type_, inspect.Metadata):
        return _reader(type_.type, from_text=from_text)
    if (words := _words_beside_value(type_)) is not None:
        return _word_or(words, _reader(_value_beside_words(type_), from_text=from_text))
    if isinstance(type_, inspect.UnionType):
        return _optional(_reader(_besides_null(type_), from_text=from_text))
    if isinstance(type_, inspect.StructType):
        return _struct(type_, from_text=from_text)
    if isinstance(type_, inspect.VarTupleType | inspect.ListType):
        return _list(type_, from_text=from_text)
    msg = f"not a type of a request: {type_}"
    raise TypeError(msg)


def _converter(type_: inspect.Type, *, from_text: bool, rule: Any = None) -> Leaf | None:
    """What converts a plain value; None for structs and lists, whose members are read one by one."""
    if isinstance(type_, inspect.Metadata):
        own = (type_.extra or {}).get(RULE) or rule
        return _converter(type_.type, from_text=from_text, rule=own)
    if _words_beside_value(type_) is not None:
        return None
    if isinstance(type_, inspect.UnionType):
        inner = _converter(_besides_null(type_), from_text=from_text, rule=rule)
        return None if inner is None else _or_null(inner)
    make = _LEAVES.get(type(type_))
    return None if make is None else make(type_, rule, from_text)


def _words_beside_value(type_: inspect.Type) -> frozenset[Any] | None:
    """The words of `Literal["all"] | X`, where X is a list or a struct; None of other types."""
    if not isinstance(type_, inspect.UnionType):
        return None
    words = [t for t in type_.types if isinstance(t, inspect.LiteralType)]
    return frozenset(words[0].values) if words and len(type_.types) == len(words) + 1 else None


def _value_beside_words(type_: Any) -> Any:
    return next(t for t in type_.types if not isinstance(t, inspect.LiteralType))


def _word_or(words: frozenset[Any], read_value: Read) -> Read:
    """One of a few words, or another value."""

    def read_word_or_value(value: Any, place: Place, found: list[Violation]) -> Any:
        return value if isinstance(value, str) and value in words else read_value(value, place, found)

    return read_word_or_value


def _besides_null(type_: inspect.UnionType) -> inspect.Type:
    kinds = [t for t in type_.types if not isinstance(t, inspect.NoneType)]
    if len(kinds) != 1:
        msg = f"a field has one type besides null: {type_}"
        raise TypeError(msg)
    return kinds[0]


def _or_null(convert: Leaf) -> Leaf:
    def convert_or_null(value: Any) -> Any:
        return None if value is None else convert(value)

    return convert_or_null


def _optional(read_value: Read) -> Read:
    """`X | None`, where null is None."""

    def read_optional(value: Any, place: Place, found: list[Violation]) -> Any:
        return None if value is None else read_value(value, place, found)

    return read_optional


def _leaf(convert: Leaf) -> Read:
    def read_leaf(value: Any, place: Place, found: list[Violation]) -> Any:
        try:
            return convert(value)
        except leaves.WrongValue as wrong:
            found.append(_violation(wrong.code, wrong.detail, place))
            return BAD

    return read_leaf


class _Field(NamedTuple):
    name: str
    convert: Leaf | None
    """Of a plain value: called without its place, which only a violation needs."""
    read: Read


def _struct(type_: inspect.StructType, *, from_text: bool) -> Read:
    model = type_.cls
    fields = {
        f.encode_name: _Field(
            f.name, _converter(f.type, from_text=from_text), _reader(f.type, from_text=from_text)
        )
        for f in type_.fields
    }
    required = frozenset(f.encode_name for f in type_.fields if f.required)

    def read_struct(value: Any, place: Place, found: list[Violation]) -> Any:
        if not isinstance(value, dict):
            found.append(_violation("not-an-object", "must be an object", place))
            return BAD
        before = len(found)
        given: dict[str, Any] = {}
        for name, member in value.items():
            field = fields.get(name)
            if field is None:
                found.append(_violation("unknown-field", "is not a field here", (place, name)))
            else:
                attribute, convert, read_member = field
                if convert is None:
                    given[attribute] = read_member(member, (place, name), found)
                else:
                    # Plain values are converted here, without `read_leaf` and its place: most members are plain.
                    try:
                        given[attribute] = convert(member)
                    except leaves.WrongValue as wrong:
                        found.append(_violation(wrong.code, wrong.detail, (place, name)))
                    else:
                        continue  # nothing was added, so the limit below need not be checked
            if len(found) >= VIOLATIONS_MAX:
                return BAD
        # Compared with what was sent, not with what could be read: a wrong member is not missing as well.
        if not required <= value.keys():
            missing = sorted(required - value.keys())
            found.extend(_violation("required", "is required", (place, name)) for name in missing)
        return model(**given) if len(found) == before else BAD

    return read_struct


def _list(type_: inspect.VarTupleType | inspect.ListType, *, from_text: bool) -> Read:
    inner = _reader(type_.item_type, from_text=from_text)
    shortest, longest = type_.min_length or 0, type_.max_length

    def read_list(value: Any, place: Place, found: list[Violation]) -> Any:
        if not isinstance(value, list):
            found.append(_violation("not-a-list", "must be a list", place))
            return BAD
        # The length first: a list that is too long is refused without reading its members.
        if longest is not None and len(value) > longest:
            found.append(_violation("too-long", leaves.at_most(longest, "entry", "entries"), place))
            return BAD
        if len(value) < shortest:
            found.append(_violation("too-short", leaves.at_least(shortest, "entries"), place))
            return BAD
        members = []
        for i, member in enumerate(value):
            members.append(inner(member, (place, i), found))
            if len(found) >= VIOLATIONS_MAX:
                return BAD
        return tuple(members)

    return read_list


def _violation(code: str, detail: str, place: Place) -> Violation:
    path: list[int | str] = []
    while place is not None:
        place, name = place
        path.append(name)
    path.reverse()
    where = pointer(path)
    return Violation(code, f"{where}: {detail}" if where else detail, where)


_LEAVES: Final[Mapping[type[inspect.Type], Callable[[Any, Any, bool], Leaf]]] = {
    inspect.StrType: lambda type_, rule, _: leaves.text(rule, type_),
    inspect.IntType: lambda type_, _, from_text: number_leaves.whole_number(
        type_.ge, type_.le, from_text=from_text
    ),
    inspect.DecimalType: lambda _, rule, __: number_leaves.decimal(rule),
    inspect.BoolType: lambda _, __, from_text: leaves.flag(from_text=from_text),
    inspect.DateType: lambda _, rule, __: leaves.days(rule),
    inspect.DateTimeType: lambda _, __, ___: leaves.instant,
    inspect.UUIDType: lambda _, __, ___: leaves.uuid,
    inspect.LiteralType: lambda type_, _, __: leaves.one_of(tuple(type_.values)),
    inspect.DictType: lambda _, __, ___: leaves.json_object,
    inspect.RawType: lambda _, __, ___: leaves.raw,
    inspect.AnyType: lambda _, __, ___: leaves.anything,
}
