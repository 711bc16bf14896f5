"""The one way to say no: a refusal with a stable code, which the HTTP edge turns into problem+json."""

from __future__ import annotations

from typing import Any

import msgspec

from contracts.values import Problem


class Violation(msgspec.Struct, frozen=True):
    """One thing that is wrong: where (JSON pointer into the request, "" for the whole), which code, and why."""

    code: str
    detail: str
    pointer: str = ""
    members: dict[str, Any] = {}
    """Further members of the problem document, such as `line_no` or `remaining`."""


class Refusal(Exception):  # noqa: N818 - the domain's word: a decision, not a failure
    """An act is refused; nothing of it was done.

    `status` is the HTTP meaning (404, 409, 412, 422, 403 …). `violations` holds all reasons at once, the first one
    names the refusal. `waits_for` lists copies (kind, number) a newer version of which could change the answer: the
    HTTP edge waits `reference_grace_ms` for one before it answers.
    """

    def __init__(
        self,
        status: int,
        violations: tuple[Violation, ...],
        *,
        waits_for: tuple[tuple[str, str], ...] = (),
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(violations[0].detail)
        self.status = status
        self.violations = violations
        self.waits_for = waits_for
        self.retry_after_s = retry_after_s

    @property
    def code(self) -> str:
        """The first reason's code."""
        return self.violations[0].code

    def problems(self) -> tuple[Problem, ...]:
        """The reasons as they travel in events."""
        return tuple(
            Problem(code=v.code, detail=v.detail, pointer=v.pointer, line_no=v.members.get("line_no"))
            for v in self.violations
        )


def conflict(code: str, detail: str, *, pointer: str = "", **members: Any) -> Refusal:
    """The state of a document forbids the act (409)."""
    return Refusal(409, (Violation(code, detail, pointer, members),))


def invalid(code: str, detail: str, *, pointer: str = "", **members: Any) -> Refusal:
    """The input is understood and wrong (422)."""
    return Refusal(422, (Violation(code, detail, pointer, members),))


def unknown(thing: str, no: str, *, pointer: str = "", kind: str | None = None) -> Refusal:
    """A number in the input names nothing (422, `unknown-<thing>`); `kind` if it is a copy that may still come."""
    return Refusal(
        422,
        (Violation(f"unknown-{thing}", f"{thing} {no} does not exist", pointer),),
        waits_for=((kind, no),) if kind else (),
    )


def not_found(thing: str, no: str) -> Refusal:
    """The addressed resource does not exist (404, `unknown-<thing>`)."""
    return Refusal(404, (Violation(f"unknown-{thing}", f"{thing} {no} does not exist"),))


def stale(no: str, version: int) -> Refusal:
    """The caller's version is not the current one (412)."""
    return Refusal(412, (Violation("stale-version", f"{no} is at version {version} now"),))


def all_of(refusals: list[Refusal]) -> Refusal | None:
    """One refusal with every reason of several; the gravest status of 409 over 422 does not matter: the first wins."""
    if not refusals:
        return None
    return Refusal(
        refusals[0].status,
        tuple(v for r in refusals for v in r.violations),
        waits_for=tuple(w for r in refusals for w in r.waits_for),
    )
