"""What the services' integration tests share."""

from __future__ import annotations

import pytest

from tests.support.tokens import Issuer, make_issuer


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """Whose tokens the services in this process accept."""
    return make_issuer(tmp_path_factory.mktemp("issuer"))
