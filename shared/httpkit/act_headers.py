"""Headers and parameters of acts, as FastAPI reads and documents them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Header, Query

from httpkit.act_requests import _SAME_AGAIN


def _key_header(description: str) -> Any:
    return Header(
        alias="Idempotency-Key",
        description=description,
        examples=["9f1c7f0e-6a55-4a6e-9d0c-5d2f3b1f6a01"],
    )


RequiredKey = Annotated[str, _key_header(f"{_SAME_AGAIN}: 1 to 255 printable characters.")]
OptionalKey = Annotated[str | None, _key_header(f"{_SAME_AGAIN}.")]
RehearsalKey = Annotated[
    str | None, _key_header(f"{_SAME_AGAIN}. Required unless `dry_run=true`, which changes nothing.")
]
IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="Act only if the resource still has this version (its ETag), or one of several.",
        examples=['"7"'],
    ),
]
RequiredMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The version (ETag) that the caller has seen, or `*` for any. Required unless `dry_run=true`.",
        examples=['"7"'],
    ),
]
KoppelAfter = Annotated[
    str | None,
    Header(
        alias="Koppel-After",
        description="Wait until this service's copies are as new as these values of Koppel-Seen.",
        examples=["sales-order/S-1001@7"],
    ),
]
Prefer = Annotated[
    str | None,
    Header(
        alias="Prefer",
        description="wait=N: answer the end result of the operation if it comes within N seconds.",
        examples=["wait=5"],
    ),
]
DryRun = Annotated[
    bool,
    Query(description="Decide and answer, and change nothing.", examples=[True]),
]
