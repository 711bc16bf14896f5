"""Planning under test."""

from __future__ import annotations

from typing import ClassVar

from tests.support.service import ServiceUnderTest


class Planning(ServiceUnderTest):
    """Planning; `samples.open_company` gives it masters."""

    SCOPES: ClassVar[str] = "planning:read planning:write planning:manage"
