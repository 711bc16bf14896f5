"""The context of a decision: what rules may not make or look up themselves."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import msgspec

from domainkit.references import ReferenceData

NewId = Callable[[], UUID]


class DecisionContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a decision sees besides the document itself; extended where an act needs more (links, setups …)."""

    references: ReferenceData
    new_id: NewId
    """Makes the ids of what the decision creates."""
    by: str = ""
    """Who asked, as recorded on posted documents."""
