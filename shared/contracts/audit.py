"""What an audit trail holds of one act: which fields it changed, from which value to which."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from contracts.fields import LineNo

HIDDEN: Final = "(hidden)"
"""What is shown of a PIN or a secret: that there is one."""


class FieldChange(msgspec.Struct, frozen=True, kw_only=True):
    """A field that an act changed; a line that was added or removed is the field `line`.

    Values are texts; those with parts, such as a whole line, are JSON.
    """

    field: Annotated[
        str,
        Meta(description="Name of the field; parts are separated by dots.", examples=["ship_to.city"]),
    ]
    line_no: Annotated[LineNo | None, Meta(description="The line that it belongs to.")] = None
    old: Annotated[
        str | None, Meta(description="The value before; null: there was none.", examples=["5"])
    ] = None
    new: Annotated[
        str | None, Meta(description="The value after; null: there is none any more.", examples=["8"])
    ] = None
