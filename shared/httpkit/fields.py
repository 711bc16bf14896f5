"""Types of request fields: what is trimmed, upper-cased, bounded and refused, the same in every service.

Every type refuses control characters and lone surrogates; numbers are Decimal or int from the first byte on.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Strict,
    StringConstraints,
    WithJsonSchema,
)
from pydantic import Field as _Field
from pydantic_core import PydanticCustomError

NO_LENGTH: Final = 20
CODE_LENGTH: Final = 10
QUANTITY_DECIMALS: Final = 5
QUANTITY_INTEGER_DIGITS: Final = 9
MONEY_DECIMALS: Final = 4
"""The most that any currency has; a document's own currency may allow fewer, which its domain checks."""
MONEY_INTEGER_DIGITS: Final = 13
EARLIEST_YEAR: Final = 1900

_DECIMAL_TEXT = re.compile(r"[+-]?\d{1,40}(\.\d{1,40})?", re.ASCII)
_DATE_TEXT = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_TIMESTAMP_TEXT = re.compile(
    r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})?", re.ASCII
)
_LEAP_SECOND = re.compile(r"(T\d{2}:\d{2}):60", re.ASCII)
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_UNPRINTABLE_BUT_LINES = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Input(BaseModel):
    """A request body. Unknown fields are refused, so that a misspelt one is not silently lost.

    For PATCH, `model_fields_set` tells which fields the caller sent.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


def _one_line(value: str) -> str:
    if _UNPRINTABLE.search(value):
        raise PydanticCustomError("control_character", "must not contain control characters")
    return value


def _lines(value: str) -> str:
    if _UNPRINTABLE_BUT_LINES.search(value):
        raise PydanticCustomError("control_character", "must not contain control characters")
    return value


def _number(max_length: int) -> Callable[[str], str]:
    """Upper-case; checked again because some letters become two ("ß")."""

    def validate(value: str) -> str:
        upper = _one_line(value).upper()
        if len(upper) > max_length:
            raise PydanticCustomError("too_long", "must have at most {most} characters", {"most": max_length})
        return upper

    return validate


def no(value: str) -> str:
    """A number as it is stored and answered: trimmed and upper-case."""
    return value.strip().upper()


# Numbers of documents and masters, codes of purchasing and locations; `OrBlank` ones may be "".
_NO20 = AfterValidator(_number(NO_LENGTH))
_CODE10 = AfterValidator(_number(CODE_LENGTH))
No20 = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=NO_LENGTH), _NO20]
No20OrBlank = Annotated[str, StringConstraints(strip_whitespace=True, max_length=NO_LENGTH), _NO20]
Code10 = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=CODE_LENGTH), _CODE10
]
Code10OrBlank = Annotated[str, StringConstraints(strip_whitespace=True, max_length=CODE_LENGTH), _CODE10]

# Free text of one line, trimmed.
_ONE_LINE = AfterValidator(_one_line)
Text20 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=20), _ONE_LINE]
Text30 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=30), _ONE_LINE]
Text50 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=50), _ONE_LINE]
Text100 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100), _ONE_LINE]
Text250 = Annotated[str, StringConstraints(strip_whitespace=True, max_length=250), _ONE_LINE]
Note = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000), AfterValidator(_lines)]
"""Text of several lines."""

CurrencyCode = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, pattern="^[A-Za-z]{3}$")
]
CurrencyCodeOrBlank = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, pattern="^([A-Za-z]{3})?$")
]
CountryCodeOrBlank = Annotated[
    str, StringConstraints(strip_whitespace=True, to_upper=True, pattern="^([A-Za-z]{2})?$")
]

Flag = Annotated[bool, Strict()]
"""true or false, not "yes" or 1."""
LineNo = Annotated[int, Strict(), _Field(ge=1, le=2**31 - 1)]
Count = Annotated[int, Strict(), _Field(ge=0, le=2**31 - 1)]
Days = Annotated[int, Strict(), _Field(ge=0, le=36_500)]


def _exact(value: Any) -> Decimal:
    """A Decimal from a JSON number or a plain decimal string; nothing else is a number."""
    if isinstance(value, Decimal):
        found = value
    elif isinstance(value, bool):
        raise PydanticCustomError("not_a_number", "must be a number")
    elif isinstance(value, int):
        found = Decimal(value)
    elif isinstance(value, str) and _DECIMAL_TEXT.fullmatch(value.strip()):
        found = Decimal(value.strip())
    elif isinstance(value, float):
        found = Decimal(repr(value))
    else:
        raise PydanticCustomError("not_a_number", "must be a decimal number such as 12.50")
    if not found.is_finite():
        raise PydanticCustomError("not_a_number", "must be a finite number")
    return found


def _decimal(integer_digits: int, decimals: int) -> Callable[[Any], Decimal]:
    """Exact, finite, bounded, with at most `decimals` decimals that matter; answered without an exponent."""
    limit = Decimal(10) ** integer_digits

    def validate(value: Any) -> Decimal:
        found = _exact(value)
        if abs(found) >= limit:
            raise PydanticCustomError(
                "out_of_range", "must be smaller than 1e{digits}", {"digits": integer_digits}
            )
        if found.adjusted() < -decimals and found != 0:
            raise _too_many(decimals)
        plain = found if int(found.as_tuple().exponent) <= 0 else found.quantize(Decimal(1))
        if -int(plain.as_tuple().exponent) > decimals:
            short = plain.quantize(Decimal(1).scaleb(-decimals))
            if short != plain:
                raise _too_many(decimals)
            plain = short
        return plain or abs(plain)

    return validate


def _too_many(decimals: int) -> PydanticCustomError:
    return PydanticCustomError(
        "too_many_decimals", "must have at most {decimals} decimals", {"decimals": decimals}
    )


def _schema(example: str, **bounds: Any) -> WithJsonSchema:
    number = {"type": "number", **bounds}
    return WithJsonSchema({"anyOf": [{"type": "string", "format": "decimal"}, number], "examples": [example]})


_QUANTITY = BeforeValidator(_decimal(QUANTITY_INTEGER_DIGITS, QUANTITY_DECIMALS))
_MONEY = BeforeValidator(_decimal(MONEY_INTEGER_DIGITS, MONEY_DECIMALS))
_RATE = BeforeValidator(_decimal(10, 10))

Quantity = Annotated[Decimal, _Field(gt=0), _QUANTITY, _schema("12.5", exclusiveMinimum=0)]
"""More than nothing, at most 5 decimals."""
QuantityOrZero = Annotated[Decimal, _Field(ge=0), _QUANTITY, _schema("12.5", minimum=0)]
SignedQuantity = Annotated[Decimal, _QUANTITY, _schema("-3")]
Factor = Annotated[Decimal, _Field(gt=0), _QUANTITY, _schema("12", exclusiveMinimum=0)]
"""How many base units one unit holds."""
Money = Annotated[Decimal, _Field(ge=0), _MONEY, _schema("12.50", minimum=0)]
SignedMoney = Annotated[Decimal, _MONEY, _schema("-12.50")]
Percent = Annotated[Decimal, _Field(ge=0, le=100), _QUANTITY, _schema("19", minimum=0, maximum=100)]
NonNegative = Annotated[Decimal, _Field(ge=0), _QUANTITY, _schema("1", minimum=0)]
Rate = Annotated[Decimal, _Field(gt=0), _RATE, _schema("1.0837", exclusiveMinimum=0)]
"""An exchange rate, at most 10 decimals."""


def _date(value: Any) -> date:
    if type(value) is date:
        return value
    if not isinstance(value, str) or not _DATE_TEXT.fullmatch(value):
        raise PydanticCustomError("not_a_date", "must be a date such as 2026-01-31")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        raise PydanticCustomError("not_a_date", "must be a date that exists") from None
    if found.year < EARLIEST_YEAR:
        raise PydanticCustomError("out_of_range", "must not be before {year}", {"year": EARLIEST_YEAR})
    return found


def _timestamp(value: Any) -> Any:
    """RFC 3339 only (pydantic would take seconds since 1970 too). A leap second is the one before it."""
    if isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _TIMESTAMP_TEXT.fullmatch(value):
        raise PydanticCustomError(
            "not_a_time", "must be a time with offset such as 2026-01-31T12:00:00+01:00"
        )
    return _LEAP_SECOND.sub(r"\1:59", value)


Date = Annotated[date, BeforeValidator(_date)]
Timestamp = Annotated[AwareDatetime, BeforeValidator(_timestamp)]
"""A time with its offset from UTC; without one it is refused."""


class AddressInput(Input):
    """Where somebody is reached; parts left out are empty (in PATCH: stay)."""

    name: Text100 = ""
    address: Text100 = ""
    address_2: Text100 = ""
    city: Text50 = ""
    post_code: Text20 = ""
    region: Text50 = ""
    country_code: CountryCodeOrBlank = ""
    contact: Text100 = ""
    phone: Text30 = ""
