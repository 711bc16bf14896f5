"""What services that are not converted yet still import."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from eventkit.transaction import Queryable
from httpkit.responses import Headers, Json
from httpkit.responses import Shown as Resource
from httpkit.responses import json_response as json_answer

__all__ = ["Headers", "Json", "Resource", "Show", "json_answer"]

Show = Callable[[Queryable, str], Awaitable[Resource | None]]
"""Reads one resource by its number; None if there is none."""
