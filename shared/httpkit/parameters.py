"""What FastAPI finds wrong with parameters of paths, queries and headers, as violations in our own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from contracts.refusals import Refusal, Violation
from httpkit.pointers import pointer

_SAYINGS: Final[Mapping[str, tuple[str, str]]] = {
    "missing": ("required", "is required"),
    "string_too_long": ("too-long", "must have at most {max_length} characters"),
    "string_too_short": ("too-short", "must not be empty"),
    "string_pattern_mismatch": ("bad-format", "must match {pattern}"),
    "greater_than_equal": ("out-of-range", "must be at least {ge}"),
    "less_than_equal": ("out-of-range", "must be at most {le}"),
    "int_parsing": ("not-a-number", "must be a whole number"),
    "int_parsing_size": ("not-a-number", "must be a whole number"),
    "bool_parsing": ("not-a-boolean", "must be true or false"),
    "uuid_parsing": ("not-a-uuid", "must be a UUID"),
}


def refusal_of(errors: Sequence[Any]) -> Refusal:
    """All that is wrong with the parameters of a request."""
    return Refusal(*(_violation(error) for error in errors))


def _violation(error: Mapping[str, Any]) -> Violation:
    kind, (where, *path) = str(error["type"]), error["loc"]
    if kind in _SAYINGS:
        code, saying = _SAYINGS[kind]
        detail = saying.format(**error.get("ctx", {}))
    elif kind.startswith(("date_", "datetime_")):
        code, detail = "not-a-date", "must be a date such as 2026-01-31"
    else:  # a value of ours: see httpkit.paths
        code, detail = kind.replace("_", "-"), str(error["msg"])
    name = ".".join(str(part) for part in path)
    return Violation(code, f"{name}: {detail}", pointer(path), {"in": str(where)})
