"""Parameters and bodies that several resources share."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Path
from pydantic import AfterValidator

from httpkit import fields
from httpkit.fields import Input

DocumentNo = Annotated[str, Path(min_length=1, max_length=40), AfterValidator(fields.no)]
"""A document's number in a path; case and blanks around it do not matter."""
LineNoInPath = Annotated[int, Path(ge=1, le=2**31 - 1)]


class HowToRelease(Input):
    """Query parameters of a release."""

    dry_run: bool = False


def sent(body: Input) -> dict[str, Any]:
    """What the caller sent, and nothing that it left out."""
    return body.model_dump(exclude_unset=True)
