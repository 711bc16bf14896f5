"""Reading JSON bodies: numbers exactly as they were written, and every kind of broken input with its own answer."""

from __future__ import annotations

import json
import math
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import msgspec

from contracts.refusals import Refusal, Violation
from httpkit import problems
from httpkit.pointers import pointer

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
    """The value of a JSON document. Malformed: 400; lone surrogates, NUL, NaN, Infinity: 422 with their pointers."""
    try:
        value = _decode(body)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return _explain(body)
    if b"\\u0000" in body:
        _refuse_untakable(value)
    return value


def _explain(body: bytes) -> Any:
    """What is wrong with a body that the strict decoder does not take (Python's own is more lenient)."""
    try:
        value = json.loads(body, parse_float=_number, parse_int=_integer)
    except (ValueError, RecursionError, MemoryError):
        raise problems.refusal(400, "malformed-json", "the body is not JSON") from None
    _refuse_untakable(value)
    return value


def _integer(digits: str) -> Any:
    return int(digits) if len(digits) < _NESTING_MAX else _number(digits)


def _refuse_untakable(value: Any) -> None:
    violations: list[Violation] = []
    _collect(value, (), violations)
    if violations:
        raise Refusal(*violations)


def _collect(value: Any, path: tuple[int | str, ...], violations: list[Violation]) -> None:
    if len(path) > _NESTING_MAX:
        violations.append(Violation("too-deep", "the body is nested too deeply"))
    elif isinstance(value, str):
        if not _is_text(value):
            violations.append(
                Violation("invalid-text", "contains characters that are not text", pointer(path))
            )
    elif isinstance(value, float) and not math.isfinite(value):
        violations.append(Violation("not-a-number", "must be a finite number", pointer(path)))
    elif isinstance(value, dict):
        for name, member in value.items():
            if not _is_text(name):
                violations.append(Violation("invalid-text", "a member's name is not text", pointer(path)))
            else:
                _collect(member, (*path, name), violations)
    elif isinstance(value, list):
        for i, member in enumerate(value):
            _collect(member, (*path, i), violations)


def _is_text(value: str) -> bool:
    if "\x00" in value:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
