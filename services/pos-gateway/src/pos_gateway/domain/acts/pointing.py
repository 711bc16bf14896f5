"""Where in the till's request a refusal of sales points to."""

from __future__ import annotations

from msgspec.structs import replace

from contracts.refusals import Refusal, Violation
from pos_gateway.domain.acts.commands import NewAct

_LINES = "/lines"


def pointed(refusal: Refusal, new: NewAct) -> Refusal:
    """The refusal with pointers to the lines that the till has sent: sales knows them by their numbers (`line_no`)."""
    removed = {no: f"/remove_line_nos/{i}" for i, no in enumerate(getattr(new, "remove_line_nos", ()))}
    sent = {line.line_no: f"{_LINES}/{i}" for i, line in enumerate(getattr(new, "lines", ()))}
    places = removed | sent

    def in_request(violation: Violation) -> Violation:
        no = violation.members.get("line_no")
        place = places.get(no)
        if no is None or place is None or violation.pointer.startswith(_LINES):
            return violation
        return replace(violation, pointer=place + (violation.pointer if place.startswith(_LINES) else ""))

    return Refusal(
        *(in_request(violation) for violation in refusal.violations), retry_after_s=refusal.retry_after_s
    )
