"""Collecting all violations of one request before it is refused."""

from __future__ import annotations

from typing import Any

from contracts.refusals import Refusal, Violation

CONFLICT = 409
INVALID = 422


class Faults:
    """What is wrong with one request, so far. `at` prefixes the JSON pointers of a part of it."""

    def __init__(self) -> None:
        self._found: list[tuple[int, Violation]] = []
        self._waits_for: list[tuple[str, str]] = []

    def __bool__(self) -> bool:
        return bool(self._found)

    def invalid(self, code: str, detail: str, pointer: str = "", **members: Any) -> None:
        """The input is understood and wrong (422)."""
        self._found.append((INVALID, Violation(code, detail, pointer, members)))

    def conflict(self, code: str, detail: str, pointer: str = "", **members: Any) -> None:
        """The state of something forbids it (409)."""
        self._found.append((CONFLICT, Violation(code, detail, pointer, members)))

    def unknown(self, thing: str, no: str, pointer: str = "", *, kind: str = "") -> None:
        """A number names nothing; `kind` if it is a copy of another service's that may still come."""
        self._found.append((INVALID, Violation(f"unknown-{thing}", f"{thing} {no} does not exist", pointer)))
        if kind:
            self.may_change_with(kind, no)

    def may_change_with(self, kind: str, no: str) -> None:
        """A newer copy of this could change the answer: the HTTP edge waits a moment for one."""
        self._waits_for.append((kind, no))

    def refuse_if_any(self) -> None:
        """Raise one refusal with every reason; wrong input weighs more than a conflicting state."""
        if not self._found:
            return
        status = max(status for status, _ in self._found)
        first = next(v for s, v in self._found if s == status)
        rest = tuple(v for _, v in self._found if v is not first)
        raise Refusal(status, (first, *rest), waits_for=tuple(self._waits_for))
