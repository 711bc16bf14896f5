"""The API documents as the code makes them now."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from deploy.documents import documents
from deploy.local import SERVICES
from tests.contract.findings.document import Document


@cache
def published() -> dict[Path, dict[str, Any]]:
    """All documents by the file that each belongs in, as their readers get them: plain JSON."""
    return {path: json.loads(json.dumps(document)) for path, document in documents().items()}


def openapi_of(service: str) -> Document:
    (found,) = [d for p, d in published().items() if p.stem == service and p.parent.name == "openapi"]
    return Document(found)


def asyncapi() -> dict[str, Any]:
    (found,) = [d for p, d in published().items() if p.stem == "asyncapi"]
    return found


__all__ = ["SERVICES", "asyncapi", "openapi_of", "published"]
