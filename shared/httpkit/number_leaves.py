"""Numbers of requests: whole ones and exact decimals, within their bounds."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, Final

from contracts.fields import DecimalRule
from httpkit.leaves import Leaf, WrongValue

_DECIMAL: Final = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?", re.ASCII)
_INTEGER: Final = re.compile(r"[+-]?\d{1,18}", re.ASCII)


def whole_number(least: int | None, most: int | None, *, from_text: bool) -> Leaf:
    """A whole number within its bounds."""

    def read(value: Any) -> int:
        if from_text and isinstance(value, str) and _INTEGER.fullmatch(value):
            value = int(value)
        if type(value) is not int:
            raise WrongValue("not-a-number", "must be a whole number")
        if (least is not None and value < least) or (most is not None and value > most):
            raise WrongValue("out-of-range", f"must be from {least} to {most}")
        return value

    return read


def decimal(rule: Any) -> Leaf:
    """An exact decimal by its rule, answered without an exponent; without a rule any finite one."""
    if not isinstance(rule, DecimalRule):
        return _exact
    limit = Decimal(10) ** rule.integer_digits
    # What most callers send: digits within all bounds, and below them no more than a comparison is left to do.
    usual = re.compile(rf"\d{{1,{rule.integer_digits}}}(\.\d{{1,{rule.decimals}}})?", re.ASCII).fullmatch
    bounded = rule.above is not None or rule.maximum is not None or (rule.minimum or 0) > 0

    def read(value: Any) -> Decimal:
        if isinstance(value, str) and usual(value):
            found = Decimal(value)
            if bounded:
                _check_bounds(found, rule)
            return found
        found = _exact(value)
        if abs(found) >= limit:
            raise WrongValue("out-of-range", f"must be smaller than 1e{rule.integer_digits}")
        _check_bounds(found, rule)
        return _plain(found, rule.decimals)

    return read


def _exact(value: Any) -> Decimal:
    """A JSON number or a plain decimal string; nothing else is a number."""
    if isinstance(value, Decimal):
        found = value
    elif isinstance(value, str) and _DECIMAL.fullmatch(value.strip()):
        found = Decimal(value.strip())
    elif isinstance(value, int) and not isinstance(value, bool):
        found = Decimal(value)
    elif isinstance(value, float):
        found = Decimal(repr(value))  # the digits that were written; Decimal(0.1) has 55 of them
    else:
        raise WrongValue("not-a-number", "must be a decimal number such as 12.50")
    if not found.is_finite():
        raise WrongValue("not-a-number", "must be a finite number")
    return found


def _check_bounds(found: Decimal, rule: DecimalRule) -> None:
    if rule.above is not None and found <= rule.above:
        raise WrongValue("out-of-range", f"must be above {rule.above}")
    if rule.minimum is not None and found < rule.minimum:
        raise WrongValue("out-of-range", f"must be at least {rule.minimum}")
    if rule.maximum is not None and found > rule.maximum:
        raise WrongValue("out-of-range", f"must be at most {rule.maximum}")


def _plain(found: Decimal, decimals: int) -> Decimal:
    """Without an exponent, and with no more decimals than allowed, unless those are zeros."""
    exponent = found.as_tuple().exponent
    if not isinstance(exponent, int) or exponent > 0:
        return found.quantize(Decimal(1))
    if -exponent <= decimals:
        return found or abs(found)  # -0 would be answered as "-0"
    if found and found.adjusted() < -decimals:
        raise WrongValue("too-many-decimals", f"must have at most {decimals} decimals")
    short = found.quantize(Decimal(1).scaleb(-decimals))
    if short != found:
        raise WrongValue("too-many-decimals", f"must have at most {decimals} decimals")
    return short or abs(short)
