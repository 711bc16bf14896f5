"""Collects everything that is wrong with a wish, so that the till hears all of it at once (POS section 2)."""

from __future__ import annotations

from typing import Any

from contracts.refusals import Refusal, Violation

INVALID, CONFLICT, FORBIDDEN = 422, 409, 403
_STATUS = {
    "customer-blocked": CONFLICT,
    "item-blocked": CONFLICT,
    "manager-approval-required": FORBIDDEN,
    "permission-missing": FORBIDDEN,
}
_GRAVITY = (FORBIDDEN, INVALID, CONFLICT)


class Findings:
    """What was found so far. A missing right names the refusal before what is invalid, that before what conflicts."""

    __slots__ = ("violations", "waits_for")

    def __init__(self) -> None:
        self.violations: list[Violation] = []
        self.waits_for: list[tuple[str, str]] = []

    def add(self, code: str, detail: str, pointer: str = "", **members: Any) -> None:
        """Something is wrong."""
        self.violations.append(Violation(code, detail, pointer, members))

    def unknown(self, kind: str, no: str, pointer: str) -> None:
        """A number names nothing of which this service has a copy; it may still come."""
        self.add(f"unknown-{kind}", f"{kind} {no} does not exist", pointer)
        self.waits_for.append((kind, no))

    def refuse_if_any(self) -> None:
        """Raise the refusal with all reasons, if there are any."""
        if not self.violations:
            return
        statuses = [_STATUS.get(v.code, INVALID) for v in self.violations]
        status = min(statuses, key=_GRAVITY.index)
        ordered = sorted(zip(statuses, self.violations, strict=True), key=lambda found: found[0] != status)
        raise Refusal(status, tuple(v for _, v in ordered), waits_for=tuple(self.waits_for))
