"""What the gateway refuses is shown; the screen stays as it is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from textual.app import App

from deploy.local.client import Refused


@contextmanager
def refusals_shown(app: App[Any]) -> Iterator[None]:
    """Show a refusal or a gateway that does not answer, and go on after the block."""
    try:
        yield
    except Refused as refusal:
        found = refusal.problem.get("errors") or [refusal.problem]
        reasons = "\n".join(f"{each.get('code', '')}: {each.get('detail', '')}" for each in found)
        app.notify(reasons, title=f"Refused ({refusal.status})", severity="error", markup=False)
    except httpx.HTTPError as error:
        app.notify(repr(error), title="The gateway does not answer", severity="error", markup=False)
