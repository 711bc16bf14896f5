"""Raw card numbers are refused and neither stored nor logged (B14): in any field at tills, in free text elsewhere."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, Final

from contracts.refusals import Refusal, Violation

CARD_NUMBER: Final = "card-number-not-allowed"
CARD_NUMBER_DETAIL: Final = "this field holds a card number; send a card token instead"

_SHORTEST, _LONGEST = 13, 19
_TOO_LONG: Final = 255
_TEXT_MAX: Final = 4000
"""Twice the longest field. A longer text is refused anyway, so it is not searched: with digits enough it is a card."""
_SEARCHED_MAX: Final = 500_000
"""Characters that are searched in one document, of texts with many digits or beyond ASCII: a fraction of a second.
Orders of 1,000 lines have less than half of it."""
_PHONE_LONGEST: Final = 15
"""Digits of a telephone number in its international form (E.164)."""
_ITEM_NO_LONGEST: Final = 14
"""Digits of the longest trade item number (GTIN); one in ten of them passes Luhn's check too."""
_ENOUGH_DIGITS: Final = re.compile(r"[0-9](?:[\W_]*[0-9]){12}")
_WORD: Final = re.compile(r"[^\W_]+")
_UUID: Final = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_TIME_STAMP: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ][\d:.]+(?:[Zz]|[+-][\d:]+)?", re.ASCII)
_ISSUED: Final = re.compile(r"[3-6]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)")
"""How the numbers of payment cards begin (ISO/IEC 7812); a receipt number made of a date, 2026…, does not."""
_PRINTED: Final = (bytes((4, 4, 4, 4)), bytes((4, 6, 5)), bytes((4, 6, 4)), bytes((4, 4, 4, 4, 3)))
"""How cards show their numbers: found also between other numbers, such as an expiry date."""

# A document's bytes by what they mean for a run of digits: all between two digits that is no letter is left out.
_SHAPE: Final = bytes(b"d"[0] if chr(c) in "0123456789" else b"."[0] for c in range(256))
_BETWEEN: Final = bytes(c for c in range(256) if c > 127 or not chr(c).isalnum())  # noqa: PLR2004 - ASCII ends there
_ASCII: Final = bytes(range(128))
_LONG_RUN: Final = b"d" * _SHORTEST
_VALUES: Final = bytes(c - ord("0") if c in b"0123456789" else c for c in range(256))
_DOUBLED: Final = bytes(sum(divmod(2 * value, 10)) for value in range(10)) + bytes(range(10, 256))
"""Luhn's check: what a digit in every other place counts for."""


def may_hold_card_number(json: bytes) -> bool:
    r"""A quick look at a whole document: False means that no field can hold a card number.

    Escapes are not looked into: a document with `\u` is read to be sure.
    """
    if json.isascii():
        return _LONG_RUN in json.translate(_SHAPE, _BETWEEN)
    # Only the few characters beyond ASCII are looked at one by one: letters with accents are in every other name.
    beyond = json.translate(None, _ASCII).decode("utf-8", "replace")
    if any(c.isdecimal() for c in unicodedata.normalize("NFKC", beyond)):
        return True
    return _LONG_RUN in json.translate(_SHAPE, _BETWEEN)


def is_card_number(text: str) -> bool:
    """True if `text` holds 13 to 19 digits that begin as cards do and pass Luhn's check.

    However they are grouped: what is neither letter nor digit may stand between them, and any kind of digit counts.
    """
    if len(text) < _SHORTEST:
        return False
    plain = text if text.isascii() else _with_plain_digits(text)
    if len(plain) > _TEXT_MAX:
        return _ENOUGH_DIGITS.search(plain) is not None
    if _ENOUGH_DIGITS.search(plain) is None or _UUID.fullmatch(plain) or _TIME_STAMP.fullmatch(plain):
        return False
    return any(_passes(number) for run in _runs(plain) for number in _numbers_in(run))


def refuse_card_numbers(document: Any) -> None:
    """Refuse a decoded JSON document that holds a card number anywhere (422 `card-number-not-allowed`).

    Nothing else is said about such a document: other reasons could repeat the number. The search is bounded: after
    500,000 characters of such texts the next one is taken for a card number.
    """
    found = []
    searched = 0
    for pointer, text in _texts(document, ""):
        if not text.isascii() or _ENOUGH_DIGITS.search(text):
            searched += len(text)
        if searched > _SEARCHED_MAX or is_card_number(text):
            found.append(Violation(CARD_NUMBER, CARD_NUMBER_DETAIL, pointer))
        if searched > _SEARCHED_MAX:
            break
    if found:
        raise Refusal(*found)


def _with_plain_digits(text: str) -> str:
    """Full-width, superscript and other scripts' digits as 0 to 9."""
    normal = unicodedata.normalize("NFKC", text)
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in normal)


def _runs(text: str) -> Iterator[list[str]]:
    """Groups of digits with no letter between them. A word with letters in it is a name or an id, not a group."""
    groups: list[str] = []
    end = 0
    for word in _WORD.finditer(text):
        between = text[end : word.start()]
        if word.group().isdecimal():
            if not groups and between.endswith("+"):
                groups.append("+")
            groups.append(word.group())
        else:
            # Glued to a word by a hyphen they are a part of it, as in a token or an id.
            if between != "-":
                yield from _run(groups)
            groups = []
        end = word.end()
    yield from _run(groups)


def _run(groups: list[str]) -> Iterator[list[str]]:
    """The run, unless it is a telephone number: those begin with "+"."""
    if not groups:
        return
    if groups[0] == "+":
        groups = groups[1:]
        if sum(map(len, groups)) <= _PHONE_LONGEST:
            return
    yield groups


def _numbers_in(run: Sequence[str]) -> Iterator[str]:
    """The run as one number, each of its groups, and groups that are sized as on a card.

    `4111.1111.1111.1111`, `12 4111111111111111`, `4111 1111 1111 1111 12/27`.
    """
    if sum(map(len, run)) <= _LONGEST:
        yield "".join(run)
    yield from (group for group in run if _SHORTEST <= len(group) <= _LONGEST)
    # One byte for each group lets a run of many thousands be searched at once.
    sizes = bytes(min(len(group), _TOO_LONG) for group in run)
    for printed in _PRINTED:
        start = sizes.find(printed)
        while start >= 0:
            yield "".join(run[start : start + len(printed)])
            start = sizes.find(printed, start + 1)


def _passes(number: str) -> bool:
    if not _SHORTEST <= len(number) <= _LONGEST or not _ISSUED.match(number):
        return False
    digits = number.encode().translate(_VALUES)
    return (sum(digits[::-2]) + sum(digits[-2::-2].translate(_DOUBLED))) % 10 == 0


def _texts(node: Any, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, value in node.items():
            yield pointer, key
            if key == "item_no" and _is_trade_item(value):
                continue
            yield from _texts(value, f"{pointer}/{'*' if is_card_number(key) else key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _texts(value, f"{pointer}/{index}")
    elif isinstance(node, str):
        yield pointer, node
    elif isinstance(node, int) and not isinstance(node, bool):
        yield pointer, str(node)
    elif isinstance(node, Decimal) and node.is_finite() and node.adjusted() < _LONGEST:
        yield pointer, str(int(node))


def _is_trade_item(value: Any) -> bool:
    return isinstance(value, str) and len(value.strip()) <= _ITEM_NO_LONGEST
