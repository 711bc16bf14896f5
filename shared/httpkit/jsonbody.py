"""Reading JSON bodies: numbers exactly as they were written, and every kind of broken input with its own answer."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any, Final

import msgspec

from contracts.refusals import Refusal, Violation
from httpkit import problems
from httpkit.pointers import Path, pointer

VALUES_MAX: Final = 100_000
"""An order of 1,000 lines has 40,000 values. Decoding takes its time per value, not per byte: `{},{},…` of 4 MB would
stop the event loop for a second."""
_VIOLATIONS_MAX: Final = 101
"""One more than an answer lists, so that it can say that there are more."""
_DIGITS_MAX: Final = 1000
_NESTING_MAX: Final = 60


def _number(digits: str) -> Decimal:
    if len(digits) > _DIGITS_MAX:
        msg = "a number has too many digits"
        raise ValueError(msg)
    try:
        return Decimal(digits)
    except InvalidOperation:  # an exponent beyond what Decimal can hold
        return Decimal("Infinity")


_decode = msgspec.json.Decoder(float_hook=_number).decode


def decode(body: bytes) -> Any:
    """The value of a JSON document.

    Malformed: 400; too many values: 413; lone surrogates, NUL, NaN, Infinity, a name that an object has twice: 422
    with their pointers.
    """
    if has_too_many_values(body):
        raise problems.refusal(413, "too-large", f"a body has at most {VALUES_MAX} values")
    try:
        value = _decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _explain(body)
    if b"\\u0000" in body:
        _refuse(_untakable(value, ()))
    if _may_repeat_names(body, value):
        _refuse_repeated_names(body)
    return value


def has_too_many_values(body: bytes) -> bool:
    """Whether decoding would take too long: counted without decoding, in 2 ms for 4 MB."""
    return len(body) > VALUES_MAX and body.count(b",") + body.count(b"{") + body.count(b"[") > VALUES_MAX


def _may_repeat_names(body: bytes, value: Any) -> bool:
    """False if the decoded value has every text of the document, names included; True if some may have been dropped."""
    texts = 0
    todo: list[Any] = [[value]]
    for node in todo:  # it grows while it is read
        if type(node) is dict:
            texts += len(node)
            node = node.values()  # noqa: PLW2901
        for inner in node:
            kind = type(inner)
            if kind is str:
                texts += 1
            elif kind is dict or kind is list:
                todo.append(inner)
    # Each text has two quotes. Escaped ones make the count too high, which costs a closer look and no more.
    return body.count(b'"') != 2 * texts


def _refuse_repeated_names(body: bytes | str) -> None:
    """422 with the pointers of names that an object has twice. Which one counts would be each reader's own guess."""
    try:
        value = json.loads(body, object_pairs_hook=_Members, parse_int=_integer)
    except RecursionError:
        raise _malformed() from None
    _refuse(_repeated(value, ()))


class _Members(list[tuple[str, Any]]):
    """The members of an object as they were written."""


def _repeated(value: Any, path: Path) -> Iterator[Violation]:
    if not isinstance(value, list) or len(path) > _NESTING_MAX:
        return
    seen: set[int | str] = set()
    for name, member in value if isinstance(value, _Members) else enumerate(value):
        if name in seen:
            yield Violation("repeated-field", f"{name} stands here twice", pointer((*path, name)))
        seen.add(name)
        yield from _repeated(member, (*path, name))


def _explain(body: bytes) -> Any:
    """What is wrong with a body that the strict decoder does not take (Python's own is more lenient)."""
    try:
        # Given bytes, `loads` would take UTF-16 and UTF-32 too; JSON between systems is UTF-8 (RFC 8259).
        text = body.decode("utf-8-sig", "surrogatepass")
        value = json.loads(text, parse_float=_number, parse_int=_integer)
    except (ValueError, RecursionError, MemoryError):
        raise _malformed() from None
    _refuse(_untakable(value, ()))
    _refuse_repeated_names(text)
    return value


def _malformed() -> Refusal:
    return problems.refusal(400, "malformed-json", "the body is not JSON")


def _integer(digits: str) -> Any:
    return int(digits) if len(digits) < _NESTING_MAX else _number(digits)


def _refuse(violations: Iterator[Violation]) -> None:
    found = tuple(islice(violations, _VIOLATIONS_MAX))
    if found:
        raise Refusal(*found)


def _untakable(value: Any, path: Path) -> Iterator[Violation]:
    if len(path) > _NESTING_MAX:
        yield Violation("too-deep", "the body is nested too deeply")
    elif isinstance(value, str):
        if not _is_text(value):
            yield Violation("invalid-text", "contains characters that are not text", pointer(path))
    elif isinstance(value, float) and not math.isfinite(value):
        yield Violation("not-a-number", "must be a finite number", pointer(path))
    elif isinstance(value, dict):
        for name, member in value.items():
            if not _is_text(name):
                yield Violation("invalid-text", "a member's name is not text", pointer(path))
            else:
                yield from _untakable(member, (*path, name))
    elif isinstance(value, list):
        for i, member in enumerate(value):
            yield from _untakable(member, (*path, i))


def _is_text(value: str) -> bool:
    if "\x00" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
