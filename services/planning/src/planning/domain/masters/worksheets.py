"""Requisition worksheets: named lists of requisition lines."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from contracts.fields import No, Text100, Version
from contracts.values import Deleted, Happened, Model

DEFAULT_WORKSHEET: Final = "DEFAULT"
"""The worksheet that automation writes to."""

WorksheetName = Annotated[No, Meta(description="Name of the requisition worksheet.", examples=["DEFAULT"])]


class WorksheetDetails(Model, frozen=True, kw_only=True):
    """What a person says of a worksheet."""

    description: Annotated[
        Text100, Meta(description="What the worksheet is for.", examples=["Special orders of the shops"])
    ] = ""


class Worksheet(WorksheetDetails, frozen=True, kw_only=True):
    """A named list of requisition lines."""

    name: WorksheetName
    version: Version = 0
    happened: Happened = ()
    deleted: Deleted = False
