"""Who asked for a change and what caused it; travels with every act into its events."""

from __future__ import annotations

import os

import msgspec

from eventkit.ids import new_id

_TRACEPARENT_PARTS = 4
_TRACE_ID_DIGITS = 32


class Context(msgspec.Struct, frozen=True):
    """Origin of an act.

    `correlation_id` is the same for all that follows from one request, `causation_id` names the request or event that
    caused this act directly, `traceparent` is the W3C trace context, `by` the token's subject or `system:<job>`.
    """

    correlation_id: str
    causation_id: str
    traceparent: str
    by: str

    @classmethod
    def new(cls, by: str, traceparent: str = "", correlation_id: str = "") -> Context:
        """The start of a chain of causes; an unusable `traceparent` is replaced by a new trace."""
        correlation = correlation_id or str(new_id())
        return cls(correlation, correlation, child_span(traceparent), by)

    def caused_by(self, event_id: str) -> Context:
        """The context of what an event with this context causes."""
        return Context(self.correlation_id, event_id, child_span(self.traceparent), self.by)


def child_span(traceparent: str) -> str:
    """The same trace with a new span; a new sampled trace if `traceparent` is empty or malformed."""
    parts = traceparent.split("-")
    if len(parts) != _TRACEPARENT_PARTS or len(parts[1]) != _TRACE_ID_DIGITS:
        return f"00-{os.urandom(16).hex()}-{os.urandom(8).hex()}-01"
    return f"00-{parts[1]}-{os.urandom(8).hex()}-{parts[3]}"


def trace_id(traceparent: str) -> str:
    """The trace's id for logs, "" if there is none."""
    parts = traceparent.split("-")
    return parts[1] if len(parts) == _TRACEPARENT_PARTS else ""
