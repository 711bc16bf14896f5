"""The gateway in this process, on one database for all its tests."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from pos_gateway.app import build
from pos_gateway.settings import GatewaySettings
from tests.integration.pos_gateway.shop import Gateway, Till, open_shop, supply_copies
from tests.integration.pos_gateway.standin import StandIn, stand_in
from tests.support.baseline import Baseline
from tests.support.databases import Databases
from tests.support.service import serving, settings_on
from tests.support.tokens import Issuer, make_issuer, write_key_set

NO_SALES = "http://127.0.0.1:9"
"""An address where no server listens: sales is down."""


@pytest.fixture(scope="session")
def signing_key() -> Ed25519PrivateKey:
    """The gateway signs the tokens of terminals and workers with it."""
    return Ed25519PrivateKey.generate()


@pytest.fixture(scope="session")
def signing_key_file(signing_key: Ed25519PrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("signing") / "pos-gateway.pem"
    path.write_bytes(signing_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return path


@pytest.fixture(scope="session")
def issuer(tmp_path_factory: pytest.TempPathFactory) -> Issuer:
    """An administrator's identity provider."""
    return make_issuer(tmp_path_factory.mktemp("issuer"))


@pytest.fixture(scope="session")
def gateway_jwks(signing_key: Ed25519PrivateKey, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The public half of the gateway's key."""
    return write_key_set(
        tmp_path_factory.mktemp("gateway") / "pos-gateway.json", {"pos-gateway": signing_key}
    )


def settings_with(url: str, issuer: Issuer, signing_key_file: Path, gateway_jwks: Path) -> GatewaySettings:
    """A gateway on this database that trusts the tests' issuer and itself; sales is down."""
    return settings_on(
        GatewaySettings,
        url,
        issuer,
        gateway_jwks=str(gateway_jwks),
        signing_key_file=signing_key_file,
        sales_url=NO_SALES,
    )


@pytest.fixture(scope="session")
async def running_gateway(
    databases: Databases, issuer: Issuer, signing_key_file: Path, gateway_jwks: Path
) -> AsyncIterator[Gateway]:
    """A process of the gateway that knows some customers and items; sales is down."""
    url = await databases.fresh("pos_gateway")
    settings = settings_with(url, issuer, signing_key_file, gateway_jwks)
    async with serving(Gateway, build(settings), issuer) as made:
        await supply_copies(made)
        yield made
    await databases.drop(url)


@pytest.fixture(scope="session")
async def baseline(running_gateway: Gateway) -> AsyncIterator[Baseline]:
    async with Baseline.of(running_gateway.settings.database_url, except_for={"configuration"}) as made:
        yield made


@pytest.fixture
async def gateway(running_gateway: Gateway, baseline: Baseline) -> AsyncIterator[Gateway]:
    """A gateway that knows some customers and items; sales is down."""
    yield running_gateway
    await baseline.restore()
    # Processes keep what is configured as long as its revision is the same.
    await running_gateway.sql("UPDATE configuration SET revision = revision + 1")


Start = Callable[..., Awaitable[Gateway]]


@pytest.fixture
async def start(gateway: Gateway) -> AsyncIterator[Start]:
    """`await start(sales_url=…)`: another process of the gateway on the same database, with other settings."""
    async with AsyncExitStack() as running:

        async def one(**changes: Any) -> Gateway:
            service = build(gateway.settings.model_copy(update=changes))
            return await running.enter_async_context(serving(Gateway, service, gateway.issuer))

        yield one


@pytest.fixture
async def sales() -> AsyncIterator[StandIn]:
    """Sales, which does what it is asked for."""
    async with stand_in() as running:
        yield running


@pytest.fixture
async def waiting(start: Start, sales: StandIn) -> Till:
    """A till of store S1 whose orders are made at once."""
    gateway = await start(sales_url=sales.url, submission_patience_s=0, sales_deadline_s=5)
    return await open_shop(gateway, asynchronous=False)


@pytest.fixture
async def till(gateway: Gateway) -> Till:
    """A till of store S1, whose orders are asynchronous."""
    return await open_shop(gateway)
