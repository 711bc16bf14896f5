"""Why purchasing refused a request, as the operation that waits for it shows it."""

from __future__ import annotations

from typing import Any

from contracts.purchasing.outcomes import RequestOutcome


def problem_of(outcome: RequestOutcome) -> dict[str, Any]:
    """Every reason of a refusal, the first one names it."""
    errors = [
        {"pointer": p.pointer, "code": p.code, "detail": p.detail, "line_no": p.line_no}
        for p in outcome.errors
    ]
    first = outcome.errors[0] if outcome.errors else None
    return {
        "code": first.code if first else "refused",
        "detail": first.detail if first else "purchasing refused the request",
        "errors": errors,
    }
