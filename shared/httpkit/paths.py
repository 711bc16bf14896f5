"""Parameters in paths: numbers and codes in the form in which they are stored; case does not matter."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from contracts.fields import CODE_LENGTH, NO_LENGTH
from domainkit.money import is_currency
from httpkit import leaves
from httpkit.leaves import WrongValue, normalized_number
from httpkit.slashes import put_back


def _number(value: str) -> str:
    try:
        number = normalized_number(put_back(value))
    except WrongValue as wrong:
        raise PydanticCustomError("malformed_number", "{detail}", {"detail": wrong.detail}) from None
    if not number:
        raise PydanticCustomError("malformed_number", "{detail}", {"detail": "must not be blank"})
    return number


def _currency(value: str) -> str:
    code = value.upper()
    if not is_currency(code):
        raise PydanticCustomError("unknown_currency", "{code} is no currency of ISO 4217", {"code": code})
    return code


def _day(value: Any) -> date:
    try:
        return leaves.day(value)
    except WrongValue as wrong:
        raise PydanticCustomError("not_a_date", "{detail}", {"detail": wrong.detail}) from None


_NORMALIZED = AfterValidator(_number)

DayInPath = Annotated[date, BeforeValidator(_day)]
"""A day as bodies have it: pydantic alone would also take seconds since 1970, and a time of midnight."""

DocumentNo = Annotated[
    str, Path(description="Number of the document.", examples=["S-1001"], max_length=NO_LENGTH), _NORMALIZED
]
RecordNo = Annotated[
    str, Path(description="Number of the record.", examples=["C-1001"], max_length=NO_LENGTH), _NORMALIZED
]
RecordCode = Annotated[
    str, Path(description="Code of the record.", examples=["EAST"], max_length=CODE_LENGTH), _NORMALIZED
]
LineNoInPath = Annotated[int, Path(description="Number of the line.", examples=[10000], ge=1, le=2**31 - 1)]
IdInPath = Annotated[UUID, Path(description="Id, a UUID.", examples=["01930000-0000-7000-8000-000000000001"])]
CurrencyInPath = Annotated[
    str,
    Path(description="Currency, ISO 4217.", examples=["EUR"], pattern="^[A-Za-z]{3}$"),
    AfterValidator(_currency),
]
