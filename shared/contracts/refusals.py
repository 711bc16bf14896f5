"""Refusals and their reasons, for all services. Only the HTTP kit maps them to a status and a problem document."""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import msgspec

from contracts.values import Problem


class Reason(IntEnum):
    """The category of a violation. A refusal with several takes the lowest value."""

    FORBIDDEN = 1
    """The caller may not do this."""
    NOT_FOUND = 2
    """The addressed resource does not exist."""
    STALE = 3
    """The caller saw another version than the current one."""
    INVALID = 4
    """Something in the request itself is wrong."""
    CONFLICT = 5
    """The request is valid; the current state of something forbids it."""


class Violation(msgspec.Struct, frozen=True):
    """One thing that is wrong: where (JSON pointer into the request, "" for the whole), which code, and why."""

    code: str
    detail: str
    pointer: str = ""
    members: dict[str, Any] = {}
    """Further members of the problem document, such as `line_no` or `remaining`."""
    reason: Reason = Reason.INVALID


class Refusal(Exception):  # noqa: N818 - the domain's word: a decision, not a failure
    """An act is refused; nothing of it was done.

    `violations` holds all of them, the most severe reason first: a missing permission, then what is wrong with the
    request, then what conflicts with the current state. `waits_for` lists copies (kind,
    number) a newer version of which could change the answer: the HTTP kit waits `reference_grace_ms` for one before
    it answers. `retry_after_s`: when to ask again, if that helps.
    """

    def __init__(
        self,
        *violations: Violation,
        waits_for: tuple[tuple[str, str], ...] = (),
        retry_after_s: int | None = None,
    ) -> None:
        self.violations = tuple(sorted(violations, key=lambda violation: violation.reason))
        self.waits_for = waits_for
        self.retry_after_s = retry_after_s
        super().__init__(self.violations[0].detail)

    @property
    def reason(self) -> Reason:
        """The most severe reason; it decides the HTTP status."""
        return self.violations[0].reason

    @property
    def code(self) -> str:
        """The first violation's code."""
        return self.violations[0].code

    def problems(self) -> tuple[Problem, ...]:
        """The violations as they travel in events."""
        return tuple(
            Problem(code=v.code, detail=v.detail, pointer=v.pointer, line_no=v.members.get("line_no"))
            for v in self.violations
        )


class Violations:
    """Collects everything that is wrong with one request, so that one answer reports all of it."""

    __slots__ = ("_found", "_waits_for")

    def __init__(self) -> None:
        self._found: list[Violation] = []
        self._waits_for: list[tuple[str, str]] = []

    def __len__(self) -> int:
        return len(self._found)

    def add(self, *violations: Violation) -> None:
        """Violations that were made elsewhere."""
        self._found.extend(violations)

    def invalid(self, code: str, detail: str, pointer: str = "", **members: Any) -> None:
        """The request itself is wrong."""
        self._found.append(Violation(code, detail, pointer, members, Reason.INVALID))

    def conflict(self, code: str, detail: str, pointer: str = "", **members: Any) -> None:
        """The state of something forbids it."""
        self._found.append(Violation(code, detail, pointer, members, Reason.CONFLICT))

    def forbidden(self, code: str, detail: str, pointer: str = "", **members: Any) -> None:
        """The caller lacks a permission."""
        self._found.append(Violation(code, detail, pointer, members, Reason.FORBIDDEN))

    def unknown(self, thing: str, no: str, pointer: str = "", *, copy_of: str = "", **members: Any) -> None:
        """A number in the request names nothing (`unknown-<thing>`).

        `copy_of`: the kind, if what is missing is a copy of another service's record, which may still come.
        """
        self._found.append(_unknown(thing, no, pointer, Reason.INVALID, members))
        if copy_of:
            self._waits_for.append((copy_of, no))

    def may_change_with(self, kind: str, no: str) -> None:
        """A newer copy of this could change the answer."""
        self._waits_for.append((kind, no))

    def include(self, refusal: Refusal, at: str = "") -> None:
        """Add all violations of another refusal; `at` is put before its pointers."""
        self._found.extend(
            msgspec.structs.replace(v, pointer=at + v.pointer) if at else v for v in refusal.violations
        )
        self._waits_for.extend(refusal.waits_for)

    def refusal(self) -> Refusal | None:
        """The refusal with everything that was found; None if nothing was."""
        return Refusal(*self._found, waits_for=tuple(self._waits_for)) if self._found else None

    def refuse_if_any(self) -> None:
        """Raise the refusal, if anything was found."""
        if refusal := self.refusal():
            raise refusal


def conflict(code: str, detail: str, *, pointer: str = "", **members: Any) -> Refusal:
    """The state of something forbids the act."""
    return Refusal(Violation(code, detail, pointer, members, Reason.CONFLICT))


def invalid(code: str, detail: str, *, pointer: str = "", **members: Any) -> Refusal:
    """The request is understood and wrong."""
    return Refusal(Violation(code, detail, pointer, members, Reason.INVALID))


def forbidden(code: str, detail: str, *, pointer: str = "", **members: Any) -> Refusal:
    """The caller lacks a permission."""
    return Refusal(Violation(code, detail, pointer, members, Reason.FORBIDDEN))


def unknown(thing: str, no: str, *, pointer: str = "", copy_of: str = "") -> Refusal:
    """A number in the request names nothing (`unknown-<thing>`); `copy_of` as in `Violations.unknown`."""
    waits_for = ((copy_of, no),) if copy_of else ()
    return Refusal(_unknown(thing, no, pointer, Reason.INVALID, {}), waits_for=waits_for)


def not_found(thing: str, no: str) -> Refusal:
    """The addressed resource does not exist (`unknown-<thing>`)."""
    return Refusal(_unknown(thing, no, "", Reason.NOT_FOUND, {}))


def stale(no: str, version: int) -> Refusal:
    """The caller's version is not the current one."""
    return Refusal(Violation("stale-version", f"{no} is at version {version} now", reason=Reason.STALE))


def _unknown(thing: str, no: str, pointer: str, reason: Reason, members: dict[str, Any]) -> Violation:
    return Violation(f"unknown-{thing}", f"{thing} {no} does not exist", pointer, members, reason)
