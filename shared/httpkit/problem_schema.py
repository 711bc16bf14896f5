"""The parts of every API document: problem documents, and the headers of responses."""

from __future__ import annotations

from typing import Any, Final

from httpkit.schemas import REF

_VIOLATION: Final[dict[str, Any]] = {
    "type": "object",
    "description": "One thing that is wrong. Further members give figures, such as `line_no`.",
    "required": ["pointer", "code", "detail"],
    "additionalProperties": True,
    "properties": {
        "pointer": {
            "type": "string",
            "description": 'JSON pointer into the request; "" is the whole of it.',
            "examples": ["/lines/0/quantity"],
        },
        "code": {"type": "string", "description": "Stable, kebab-case.", "examples": ["out-of-range"]},
        "detail": {
            "type": "string",
            "description": "For people.",
            "examples": ["/lines/0/quantity: must be above 0"],
        },
    },
}

_PROBLEM: Final[dict[str, Any]] = {
    "type": "object",
    "description": "RFC 9457. The first violation names the problem; `errors` holds all of them, at most 100.",
    "required": ["type", "title", "status", "detail", "code", "errors"],
    "additionalProperties": True,
    "properties": {
        "type": {
            "type": "string",
            "format": "uri-reference",
            "description": "Leads to what the code means and what to do, in this service's documentation.",
            "examples": ["/problems/out-of-range"],
        },
        "title": {"type": "string", "description": "The code in words.", "examples": ["Out of range"]},
        "status": {"type": "integer", "description": "The response's status.", "examples": [422]},
        "detail": {
            "type": "string",
            "description": "The first violation, for people.",
            "examples": ["/lines/0/quantity: must be above 0"],
        },
        "code": {
            "type": "string",
            "description": "The first violation's code.",
            "examples": ["out-of-range"],
        },
        "errors": {
            "type": "array",
            "description": "Everything that is wrong.",
            "items": {"$ref": REF.format(name="Violation")},
        },
        "errors_truncated": {
            "type": "boolean",
            "description": "true: more is wrong than `errors` names.",
            "examples": [True],
        },
    },
}

COMPONENTS: Final = {"Problem": _PROBLEM, "Violation": _VIOLATION}


def _header(description: str, example: str) -> dict[str, Any]:
    return {"description": description, "schema": {"type": "string"}, "example": example}


HEADERS: Final = {
    "ETag": _header("The resource's version in quotes; send it as If-Match or If-None-Match.", '"7"'),
    "Location": _header("The address of what was created, or of the operation.", "/v1/sales-orders/S-1001"),
    "Koppel-Seen": _header(
        "What the act changed: kind/number@version, separated by commas. Send it as Koppel-After to another service.",
        "sales-order/S-1001@7",
    ),
    "Koppel-Parked": _header(
        "What Koppel-After names and this service could not apply: the request did not wait for it.",
        "purchase-order/P-1001@3;reason=error",
    ),
    "Idempotency-Replayed": _header("true: the request was answered before under the same key.", "true"),
    "Link": _header('rel="next": the address of the next page.', '</v1/sales-orders?cursor=WyJ>; rel="next"'),
    "Retry-After": _header("Seconds after which to ask again.", "1"),
    "WWW-Authenticate": _header("What kind of token is missing.", 'Bearer realm="koppel"'),
}

_TITLES: Final = {
    400: "Malformed: no JSON, no Idempotency-Key, or a header that cannot be read",
    401: "No valid token",
    403: "The token, or the worker, lacks a permission",
    404: "Unknown",
    406: "The document does not come in a format that the caller accepts",
    409: "The state of a document forbids this, or the same key is being worked on",
    410: "Made by this request, and deleted since",
    412: "If-Match names another version",
    413: "The body is too large: in bytes, or in the number of its values",
    415: "The body is not JSON in UTF-8, or it is compressed",
    422: "Something in the request is wrong; `errors` names all of it",
    428: "If-Match is missing",
    429: "Too many requests of this caller, or too many tries; ask again after Retry-After",
    503: "Not now: ask again after Retry-After, with the same key",
}
_HEADERS_OF: Final = {
    401: ("WWW-Authenticate",),
    409: ("Retry-After",),
    429: ("Retry-After",),
    503: ("Retry-After",),
}


def response(status: int) -> dict[str, Any]:
    """The response of a status that refuses."""
    found: dict[str, Any] = {
        "description": _TITLES[status],
        "content": {"application/problem+json": {"schema": {"$ref": REF.format(name="Problem")}}},
    }
    names = _HEADERS_OF.get(status, ())
    if names:
        found["headers"] = {name: HEADERS[name] for name in names}
    return found
