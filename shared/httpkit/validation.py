"""pydantic's errors as violations: JSON pointers and stable codes, without the values that were sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from contracts.refusals import Refusal, Violation

_CODES: Mapping[str, str] = {
    "missing": "required",
    "extra_forbidden": "unknown-field",
    "string_too_long": "too-long",
    "string_too_short": "too-short",
    "too_long": "too-long",
    "too_short": "too-short",
    "greater_than": "out-of-range",
    "greater_than_equal": "out-of-range",
    "less_than": "out-of-range",
    "less_than_equal": "out-of-range",
    "literal_error": "not-allowed",
    "enum": "not-allowed",
    "string_pattern_mismatch": "bad-format",
    "string_unicode": "invalid-text",
    "string_type": "not-a-text",
    "int_type": "not-a-number",
    "int_parsing": "not-a-number",
    "int_from_float": "not-a-number",
    "bool_type": "not-a-boolean",
    "bool_parsing": "not-a-boolean",
    "timezone_aware": "offset-required",
    "uuid_parsing": "not-a-uuid",
    "uuid_type": "not-a-uuid",
    "json_invalid": "malformed-json",
    "model_attributes_type": "not-an-object",
    "model_type": "not-an-object",
    "dict_type": "not-an-object",
    "list_type": "not-a-list",
    "tuple_type": "not-a-list",
    "value_error": "invalid",
    "assertion_error": "invalid",
}


def of_pydantic(errors: Sequence[Any]) -> Refusal:
    """422 with every violation that validation found."""
    return Refusal(*(_violation(e) for e in errors))


def _violation(error: Mapping[str, Any]) -> Violation:
    kind = str(error["type"])
    where, *path = error["loc"] or ("body",)
    code = _CODES.get(kind)
    if code is None:
        code = "not-a-date" if kind.startswith(("date_", "datetime_")) else kind.replace("_", "-")
    detail = str(error["msg"])
    if path:
        detail = f"{'.'.join(str(p) for p in path)}: {detail[:1].lower()}{detail[1:]}"
    return Violation(code, detail, pointer(path), {} if where == "body" else {"in": str(where)})


def pointer(path: Sequence[int | str]) -> str:
    """The JSON pointer (RFC 6901) of a path into the document."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
