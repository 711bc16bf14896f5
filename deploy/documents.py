"""`make docs`: writes what the services promise, from the code that keeps the promise.

`docs/openapi/<service>.json` per service, `docs/asyncapi.json` for the events, the pages of rules, problem codes and
settings, and the rights at the broker. Nothing is started: the applications are only built, with keys in a temporary
directory and addresses that are never used.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

from contracts import asyncapi
from deploy import access, problems, rules, settings_page
from deploy.local import tokens
from deploy.local.settings import ROOT, SERVICES, StackSettings
from eventkit.transaction import Database

NOWHERE: Final = "postgresql://nobody:nothing@localhost:1/none"


def main() -> None:
    for path, document in documents().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(rendered(document))
        print(path.relative_to(ROOT))
    for page in (rules, problems, settings_page, access):
        page.DOCUMENT.write_text(page.document())
        print(page.DOCUMENT.relative_to(ROOT))


def documents() -> dict[Path, dict[str, Any]]:
    """Every document by the file that it belongs in."""
    found = {ROOT / "docs" / "asyncapi.json": asyncapi.document()}
    with environment():
        for service in SERVICES:
            found[ROOT / "docs" / "openapi" / f"{service}.json"] = openapi(service)
    return found


def openapi(service: str) -> dict[str, Any]:
    built = import_module(f"{service}.app").build()
    document: dict[str, Any] = built.http(Database(NOWHERE)).openapi()
    return document


@contextmanager
def environment() -> Iterator[None]:
    """What the settings of a service insist on."""
    with tempfile.TemporaryDirectory() as directory:
        settings = StackSettings(data_dir=Path(directory))
        tokens.ensure_keys(settings)
        values = {
            "KOPPEL_DATABASE_URL": NOWHERE,
            "KOPPEL_KAFKA_BOOTSTRAP": "localhost:1",
            "KOPPEL_ISSUERS": tokens.trusted_issuers(settings),
            "KOPPEL_SIGNING_KEY_FILE": str(tokens.gateway_key_file(settings)),
        }
        with patch.dict(os.environ, values):
            yield


def rendered(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    main()
