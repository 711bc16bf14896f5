"""A document as it is stored: with the times at which it was created and changed, which its row keeps."""

from __future__ import annotations

from datetime import datetime
from typing import Generic, TypeVar

import msgspec

D = TypeVar("D")


class StoredDocument(msgspec.Struct, Generic[D], frozen=True):
    """A document and the times of its row (aware, UTC)."""

    document: D
    created_at: datetime
    updated_at: datetime
