"""Plain values of requests: how each type is taken from JSON or from text, and what is refused with which code."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from msgspec import inspect

from contracts.fields import (
    CURRENCY_LENGTH,
    FIRST_DAY,
    LAST_DAY,
    ChoiceRule,
    CurrencyRule,
    DayRule,
    NumberRule,
    TextRule,
)
from domainkit.cards import CARD_NUMBER, CARD_NUMBER_DETAIL, is_card_number
from domainkit.money import is_currency

BAD: Final = object()
"""Stands for a value that could not be read."""

Leaf = Callable[[Any], Any]
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_INSTANT: Final = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)
_LEAP_SECOND: Final = re.compile(r"([Tt ]\d{2}:\d{2}):60", re.ASCII)
_CONTROL: Final = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_CONTROL_BUT_LINES: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_BLANKS_MAX: Final = 1000
"""Blanks around a value that are trimmed; longer ones are refused without a look at them."""
_UNADDRESSABLE: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode categories of invisible characters: control, format, surrogate, private, unassigned, line breaks."""


_CALENDAR: Final = f"must lie between {FIRST_DAY} and {LAST_DAY}"


class WrongValue(Exception):  # noqa: N818 - says what is wrong with a value, no failure of the program
    """A value cannot be taken; `code` and `detail` are those of the violation."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def at_most(count: int, one: str = "character", many: str = "characters") -> str:
    """The saying for what is too long."""
    return f"must have at most {count} {one if count == 1 else many}"


def at_least(count: int, many: str = "characters") -> str:
    """The saying for what is too short; nearly always it is empty."""
    return "must not be empty" if count == 1 else f"must have at least {count} {many}"


def text(rule: Any, type_: inspect.StrType) -> Leaf:
    """A text by its rule; without one any text of a line."""
    if isinstance(rule, NumberRule):
        return _number(rule)
    if isinstance(rule, ChoiceRule):
        return one_of(rule.choices)
    if isinstance(rule, CurrencyRule):
        return _currency(rule)
    return _text(
        rule if isinstance(rule, TextRule) else TextRule(type_.max_length or 2**31, type_.min_length or 0)
    )


def _text(rule: TextRule) -> Leaf:
    unwanted = (_CONTROL_BUT_LINES if rule.lines else _CONTROL).search
    matches = re.compile(rule.pattern).fullmatch if rule.pattern else None

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise WrongValue("not-a-text", "must be a text")
        if len(value) > rule.max_length + _BLANKS_MAX:
            raise WrongValue("too-long", at_most(rule.max_length))
        trimmed = value.strip()
        if not trimmed.isprintable() and unwanted(trimmed):
            raise WrongValue("control-character", "must not contain control characters")
        if len(trimmed) > rule.max_length:
            raise WrongValue("too-long", at_most(rule.max_length))
        if len(trimmed) < rule.min_length:
            raise WrongValue("too-short", at_least(rule.min_length))
        shown = trimmed.upper() if rule.upper else trimmed
        if rule.free and is_card_number(shown):
            raise WrongValue(CARD_NUMBER, CARD_NUMBER_DETAIL)
        if matches is not None and not matches(shown):
            raise WrongValue("bad-format", rule.hint or f"must match {rule.pattern}")
        return shown

    return read


def _currency(rule: CurrencyRule) -> Leaf:
    pattern = "([A-Z]{3})?" if rule.optional else "[A-Z]{3}"
    shortest = 0 if rule.optional else CURRENCY_LENGTH
    hint = "must be a code of ISO 4217, such as EUR"
    read_text = _text(TextRule(CURRENCY_LENGTH, shortest, pattern, upper=True, hint=hint))

    def read(value: Any) -> str:
        code: str = read_text(value)
        if code and not is_currency(code):
            raise WrongValue("unknown-currency", f"{code} is no currency of ISO 4217")
        return code

    return read


def _number(rule: NumberRule) -> Leaf:
    # What most callers send needs no normalizing: one match instead of six checks.
    usual = re.compile(rf"[0-9A-Z][0-9A-Z/_-]{{0,{rule.max_length - 1}}}", re.ASCII).fullmatch

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise WrongValue("not-a-text", "must be a text")
        if usual(value):
            return value
        if len(value) > rule.max_length + _BLANKS_MAX:
            raise WrongValue("too-long", at_most(rule.max_length))
        found = normalized_number(value)
        if len(found) > rule.max_length:
            raise WrongValue("too-long", at_most(rule.max_length))
        if len(found) < rule.min_length:
            raise WrongValue("too-short", at_least(rule.min_length))
        return found

    return read


def normalized_number(value: str) -> str:
    """A number or code as it is stored and answered: NFC, trimmed, upper-case.

    WrongValue (`malformed-number`) for invisible characters (control, zero-width, bidirectional, private, unassigned,
    line breaks) and for `.` and `..`, which cannot be path segments.
    """
    if value.isascii() and value.isprintable():  # nearly all are: nothing to compose, nothing hidden
        found = value.strip().upper()
    else:
        found = unicodedata.normalize("NFC", value.strip(" \t")).upper()
        if any(unicodedata.category(c) in _UNADDRESSABLE for c in found):
            raise WrongValue("malformed-number", "must contain printable characters only")
        found = found.strip()
    if found in {".", ".."}:
        raise WrongValue("malformed-number", "must not be . or ..")
    return found


def one_of(choices: tuple[Any, ...]) -> Leaf:
    """A reader that takes these values only (`not-allowed` otherwise)."""
    allowed = frozenset(choices)
    shown = ", ".join(f"'{c}'" for c in choices)

    def read(value: Any) -> Any:
        if not isinstance(value, str | int) or isinstance(value, bool) or value not in allowed:
            raise WrongValue("not-allowed", f"must be one of {shown}")
        return value

    return read


def flag(*, from_text: bool) -> Leaf:
    """A truth value: true or false, not "yes" or 1."""

    def read(value: Any) -> bool:
        if from_text and value in {"true", "false"}:
            return bool(value == "true")
        if not isinstance(value, bool):
            raise WrongValue("not-a-boolean", "must be true or false")
        return value

    return read


def days(rule: Any) -> Leaf:
    """A calendar day by its rule, if it has one."""
    return _capped_day if isinstance(rule, DayRule) and rule.capped else day


def day(value: Any) -> date:
    """A calendar day as YYYY-MM-DD."""
    found = _written_day(value)
    if not FIRST_DAY <= found <= LAST_DAY:
        raise WrongValue("out-of-range", _CALENDAR)
    return found


def _capped_day(value: Any) -> date:
    return day(min(_written_day(value), LAST_DAY).isoformat())


def _written_day(value: Any) -> date:
    """A date that is written as YYYY-MM-DD; nothing else is taken."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise WrongValue("not-a-date", "must be a date such as 2026-01-31")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise WrongValue("not-a-date", "must be a date that exists") from None


def instant(value: Any) -> datetime:
    """A time with its offset from UTC (RFC 3339). A leap second is taken for the second before it."""
    if not isinstance(value, str) or not _INSTANT.fullmatch(value):
        raise WrongValue("not-a-time", "must be a time with offset such as 2026-01-31T12:00:00+01:00")
    try:
        found = msgspec.convert(_LEAP_SECOND.sub(r"\1:59", value) if ":60" in value else value, datetime)
    except msgspec.ValidationError:
        raise WrongValue("not-a-time", "must be a time that exists") from None
    if found.tzinfo is None:
        raise WrongValue("offset-required", "must have its offset from UTC")
    # Compared by year: in another time zone the first and last moments of a calendar do not exist.
    if not FIRST_DAY.year <= found.year <= LAST_DAY.year:
        raise WrongValue("out-of-range", _CALENDAR)
    return found


def uuid(value: Any) -> UUID:
    """A UUID in its canonical text form (`not-a-uuid` otherwise)."""
    try:
        return msgspec.convert(value, UUID)
    except msgspec.ValidationError:
        raise WrongValue("not-a-uuid", "must be a UUID") from None


def json_object(value: Any) -> dict[str, Any]:
    """An object; its members are checked later, by the code that uses them."""
    if not isinstance(value, dict):
        raise WrongValue("not-an-object", "must be an object")
    return value


def raw(value: Any) -> msgspec.Raw:
    """Any JSON, kept encoded so that it is stored unchanged."""
    return msgspec.Raw(msgspec.json.encode(value))


def anything(value: Any) -> Any:
    """Any decoded JSON value, unchecked."""
    return value
