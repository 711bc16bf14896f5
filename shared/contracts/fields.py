"""Types of fields: what a value means, how it is written, its bounds and an example, described once.

`Meta` carries the description, the example and the JSON schema into OpenAPI and AsyncAPI. Bounds that msgspec does not
know, such as those of decimals, are rules in `Meta.extra`: `httpkit.reader` checks them
in requests; events of other services are not checked again. A field with a narrower meaning annotates a type of this
module once more: `CustomerNo = Annotated[No, Meta(description="The customer who buys.", examples=["C-1001"])]`.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

NO_LENGTH: Final = 20
CODE_LENGTH: Final = 10
CURRENCY_LENGTH: Final = 3
QUANTITY_DECIMALS: Final = 5
QUANTITY_INTEGER_DIGITS: Final = 9
MONEY_DECIMALS: Final = 4
"""The most that any currency has; a document's own currency may allow fewer, which its rules check."""
MONEY_INTEGER_DIGITS: Final = 13
RATE_DIGITS: Final = 10
MAX_LINES: Final = 1_000
"""Lines of a document: an aggregate is one message."""

FIRST_DAY: Final = date(1900, 1, 1)
LAST_DAY: Final = date(2999, 12, 31)
"""Days that requests may name. Lead times and handling times added to them stay within the calendar."""

EXAMPLE_ID: Final = "01930000-0000-7000-8000-000000000001"
"""What ids look like in examples."""

RULE: Final = "rule"
"""The member of `Meta.extra` that holds a field's rule."""

NAMES: Final = "names"
"""The member of `Meta.extra` that holds the kind of record that a number names, as in `unknown-<kind>`."""


class TextRule(msgspec.Struct, frozen=True):
    """A text: trimmed, of bounded length, without control characters (`lines`: line breaks are allowed).

    `free`: people write what they like, so it is looked through for card numbers (B14). Not so where another system's
    numbers stand: one in ten long ones would pass for a card.
    """

    max_length: int
    min_length: int = 0
    pattern: str = ""
    upper: bool = False
    lines: bool = False
    free: bool = True
    hint: str = ""
    """What `pattern` asks for, in words."""


class NumberRule(msgspec.Struct, frozen=True):
    """A number or code that identifies something: NFC, trimmed, upper-case, printable characters alone."""

    max_length: int
    min_length: int = 1


class CurrencyRule(msgspec.Struct, frozen=True):
    """The code of a currency of ISO 4217 in which amounts are counted (`optional`: may be empty)."""

    optional: bool = False


class ChoiceRule(msgspec.Struct, frozen=True):
    """One of some words. Only requests are held to it: readers of events keep words that they do not know."""

    choices: tuple[str, ...]


class DayRule(msgspec.Struct, frozen=True):
    """A calendar day; a capped one after the calendar's end is taken for its last day."""

    capped: bool = False


class DecimalRule(msgspec.Struct, frozen=True):
    """An exact decimal. `above` is exclusive, `minimum` and `maximum` are inclusive."""

    integer_digits: int
    decimals: int
    minimum: Decimal | None = None
    above: Decimal | None = None
    maximum: Decimal | None = None


def text(  # noqa: PLR0913 - one keyword per part of the rule
    max_length: int,
    *,
    min_length: int = 0,
    pattern: str = "",
    upper: bool = False,
    lines: bool = False,
    free: bool = True,
    hint: str = "",
) -> Meta:
    """A text of at most `max_length` characters; `free`: see `TextRule`; `hint`: `pattern` in words."""
    schema: dict[str, Any] = {"maxLength": max_length}
    if min_length:
        schema["minLength"] = min_length
    if pattern:
        schema["pattern"] = pattern
    rule = TextRule(max_length, min_length, pattern, upper, lines, free, hint)
    return Meta(extra_json_schema=schema, extra={RULE: rule})


def currency_code(*, optional: bool = False) -> Meta:
    """The code of a currency; `optional`: may be empty."""
    schema: dict[str, Any] = {"maxLength": CURRENCY_LENGTH, "pattern": "^([A-Z]{3})?$"}
    if not optional:
        schema |= {"minLength": CURRENCY_LENGTH, "pattern": "^[A-Z]{3}$"}
    return Meta(extra_json_schema=schema, extra={RULE: CurrencyRule(optional)})


def number(max_length: int, *, blank: bool = False) -> Meta:
    """A number or code; `blank`: may be empty."""
    shortest = 0 if blank else 1
    schema: dict[str, Any] = {"maxLength": max_length}
    if shortest:
        schema["minLength"] = shortest
    return Meta(extra_json_schema=schema, extra={RULE: NumberRule(max_length, shortest)})


def names(kind: str) -> Meta:
    """The number is that of a record of this kind, which must exist where requests name it."""
    return Meta(extra={NAMES: kind})


def new_lines(description: str) -> Meta:
    """Lines of a document that is to be made. Its rules count them (`too-many-lines`), not the reader of requests."""
    return Meta(description=description, extra_json_schema={"maxItems": MAX_LINES})


def choice(*choices: str) -> Meta:
    """A text that is one of these words; requests are held to them, readers of events are not."""
    return Meta(extra_json_schema={"enum": list(choices)}, extra={RULE: ChoiceRule(choices)})


def decimal(
    integer_digits: int,
    decimals: int,
    *,
    minimum: int | None = None,
    above: int | None = None,
    maximum: int | None = None,
) -> Meta:
    """A decimal with so many digits before and after the point."""
    sign = "-?" if minimum is None and above is None else ""
    bounds = [None if b is None else Decimal(b) for b in (minimum, above, maximum)]
    schema = {"pattern": rf"^{sign}\d{{1,{integer_digits}}}(\.\d{{1,{decimals}}})?$"}
    return Meta(extra_json_schema=schema, extra={RULE: DecimalRule(integer_digits, decimals, *bounds)})


# Numbers of documents and master data, codes of purchasing and locations. `OrBlank` ones may be "".
No = Annotated[str, number(NO_LENGTH)]
NoOrBlank = Annotated[str, number(NO_LENGTH, blank=True)]
Code = Annotated[str, number(CODE_LENGTH)]
CodeOrBlank = Annotated[str, number(CODE_LENGTH, blank=True)]

# Free text of one line.
Text20 = Annotated[str, text(20)]
Text30 = Annotated[str, text(30)]
Text50 = Annotated[str, text(50)]
Text100 = Annotated[str, text(100)]
Text250 = Annotated[str, text(250)]
ForeignNo = Annotated[str, text(50, free=False)]
"""A number that another company or system has given, in its own way of writing."""
Phone = Annotated[str, text(30, free=False)]
EmailAddress = Annotated[
    str,
    text(100, pattern=r"([^@\s<>,;]+@[^@\s<>,;]+)?", free=False),
    Meta(description="E-mail address; may be empty.", examples=["anna@example.com"]),
]
Note = Annotated[str, text(2000, lines=True)]
"""Text of several lines."""

_QUANTITY: Final = (QUANTITY_INTEGER_DIGITS, QUANTITY_DECIMALS)
_MONEY: Final = (MONEY_INTEGER_DIGITS, MONEY_DECIMALS)
Quantity = Annotated[Decimal, decimal(*_QUANTITY, above=0), Meta(examples=["5"])]
"""More than nothing."""
QuantityOrZero = Annotated[Decimal, decimal(*_QUANTITY, minimum=0), Meta(examples=["5"])]
SignedQuantity = Annotated[Decimal, decimal(*_QUANTITY), Meta(examples=["-3"])]
Money = Annotated[Decimal, decimal(*_MONEY, minimum=0), Meta(examples=["12.50"])]
SignedMoney = Annotated[Decimal, decimal(*_MONEY), Meta(examples=["-12.50"])]
Percent = Annotated[Decimal, decimal(3, QUANTITY_DECIMALS, minimum=0, maximum=100), Meta(examples=["19"])]
"""From 0 to 100: two percent are 2, not 0.02."""
Rate = Annotated[Decimal, decimal(RATE_DIGITS, RATE_DIGITS, above=0), Meta(examples=["1.0837"])]
"""An exchange rate."""
Factor = Annotated[
    Decimal,
    decimal(*_QUANTITY, above=0),
    Meta(description="How many base units one unit holds.", examples=["12"]),
]
Amount = Annotated[Decimal, Meta(examples=["125.00"])]
"""Money that was computed, rounded to its currency."""
LineDiscountAmount = Annotated[
    Money,
    Meta(
        description="Money off the whole line, in place of a percentage; null: the percentage holds.",
        examples=["5.00"],
    ),
]
InvoiceDiscountAmount = Annotated[
    Money,
    Meta(
        description="Money off the whole document: its item lines share it in proportion to their amounts.",
        examples=["10.00"],
    ),
]
SharedDiscount = Annotated[
    Amount,
    Meta(description="The line's share of the document's discount; taken off already.", examples=["5.00"]),
]
TotalQuantity = Annotated[Decimal, Meta(examples=["5"])]
"""A quantity that was computed; may be negative only where it says so."""

LineNo = Annotated[
    int,
    Meta(
        ge=1, le=2**31 - 1, description="Number of a line: never used twice in a document.", examples=[10000]
    ),
]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1, examples=[3])]
Days = Annotated[int, Meta(ge=0, le=36_500, description="Calendar days.", examples=[7])]
Version = Annotated[
    int,
    Meta(description="Counts the changes by the resource's owner; it is the ETag in quotes.", examples=[7]),
]
Generation = Annotated[
    int,
    Meta(description="How many times the sales line has been sent for procurement.", examples=[1]),
]

Day = Annotated[date, Meta(examples=["2026-03-31"])]
"""A calendar day; requests name none before `FIRST_DAY` or after `LAST_DAY`."""
CappedDay = Annotated[date, Meta(examples=["2026-03-31"], extra={RULE: DayRule(capped=True)})]
"""A calendar day that only bounds something: one after `LAST_DAY` is taken for it."""
Timestamp = Annotated[datetime, Meta(tz=True, examples=["2026-03-31T12:00:00Z"])]

# Words that many records share.
CurrencyCode = Annotated[
    str,
    currency_code(),
    Meta(description="Currency, ISO 4217.", examples=["EUR"]),
]
CurrencyCodeOrBlank = Annotated[
    str,
    currency_code(optional=True),
    Meta(description='Currency, ISO 4217; "" is the company\'s own.', examples=["EUR"]),
]
CountryCodeOrBlank = Annotated[
    str,
    text(
        2, pattern="^([A-Z]{2})?$", upper=True, hint="must be two letters of ISO 3166-1 alpha-2, such as DE"
    ),
    Meta(description="Country, ISO 3166-1 alpha-2.", examples=["DE"]),
]
CustomerNo = Annotated[
    No, names("customer"), Meta(description="Number of the customer.", examples=["C-1001"])
]
CustomerNoOrBlank = Annotated[
    NoOrBlank,
    names("customer"),
    Meta(description='Number of the customer; "" if there is none.', examples=["C-1001"]),
]
VendorNo = Annotated[No, names("vendor"), Meta(description="Number of the vendor.", examples=["V-100"])]
VendorNoOrBlank = Annotated[
    NoOrBlank,
    names("vendor"),
    Meta(description='Number of the vendor; "" if there is none.', examples=["V-100"]),
]
ItemNo = Annotated[No, names("item"), Meta(description="Number of the item.", examples=["1000"])]
ItemNoOrBlank = Annotated[
    NoOrBlank, names("item"), Meta(description='Number of the item; "" if there is none.', examples=["1000"])
]
SalesOrderNo = Annotated[No, Meta(description="Number of the sales order.", examples=["S-1001"])]
SalesOrderNoOrBlank = Annotated[
    NoOrBlank, Meta(description='Number of the sales order; "" if there is none.', examples=["S-1001"])
]
PurchaseOrderNo = Annotated[No, Meta(description="Number of the purchase order.", examples=["P-1001"])]
PurchaseOrderNoOrBlank = Annotated[
    NoOrBlank, Meta(description='Number of the purchase order; "" if there is none.', examples=["P-1001"])
]
LocationCode = Annotated[
    Code, names("location"), Meta(description="Location: where goods lie.", examples=["EAST"])
]
LocationCodeOrBlank = Annotated[
    CodeOrBlank,
    names("location"),
    Meta(description='Location: where goods lie; "" is the company itself.', examples=["EAST"]),
]
UnitOfMeasureCode = Annotated[Code, Meta(description="Unit of measure of the item.", examples=["PCS"])]
UnitOfMeasureCodeOrBlank = Annotated[
    CodeOrBlank, Meta(description='Unit of measure of the item; "" is its default.', examples=["PCS"])
]
PurchasingCodeOrBlank = Annotated[
    CodeOrBlank,
    names("purchasing-code"),
    Meta(description='Purchasing code: how the line is procured; "" for none.', examples=["SPEC"]),
]
ExternalReference = Annotated[
    ForeignNo,
    Meta(description="The customer's project or order reference.", examples=["PROJECT-4711"]),
]
