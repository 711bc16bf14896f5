from __future__ import annotations

import pytest

from tests.support.no_sockets import forbid_connections


@pytest.fixture(autouse=True)
def no_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    forbid_connections(monkeypatch)
