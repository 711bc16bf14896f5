from __future__ import annotations

import re
from urllib.parse import urljoin

import httpx
import pytest
from fastapi import FastAPI
from starlette.applications import Starlette

from httpkit import api_docs

PAGES = ["/docs", "/redoc"]
ORIGIN = "http://service"
BEHIND_A_PROXY = f"{ORIGIN}/koppel/sales"
LOADED = re.compile(r"""(?:(?:src|href|spec-url)=|url: )["']([^"']+)""")
"""What a browser loads: scripts, styles, icons, the document."""


@pytest.fixture
def client() -> httpx.AsyncClient:
    service = FastAPI(title="Test", docs_url=None, redoc_url=None)
    api_docs.install(service)
    proxy = Starlette()
    proxy.mount("/koppel/sales", service)
    proxy.mount("/", service)
    return httpx.AsyncClient(transport=httpx.ASGITransport(proxy))


async def loaded_by(client: httpx.AsyncClient, page: str) -> list[str]:
    html = (await client.get(page)).raise_for_status().text
    return [urljoin(page, address) for address in LOADED.findall(html)]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("root", [ORIGIN, BEHIND_A_PROXY])
async def test_everything_a_page_loads_is_served_by_the_service(
    client: httpx.AsyncClient, page: str, root: str
) -> None:
    addresses = await loaded_by(client, root + page)
    assert f"{root}/openapi.json" in addresses
    assert [a for a in addresses if not a.startswith(root + "/")] == []
    for address in addresses:
        assert (await client.get(address)).status_code == 200, address


@pytest.mark.parametrize("page", PAGES)
async def test_a_page_names_no_other_host(client: httpx.AsyncClient, page: str) -> None:
    html = (await client.get(ORIGIN + page)).text
    assert re.findall(r"(?:https?:)?//[\w.-]+\.\w+", html) == []


@pytest.mark.parametrize("page", PAGES)
async def test_the_scripts_of_a_page_load_nothing_from_a_cdn(client: httpx.AsyncClient, page: str) -> None:
    scripts = [a for a in await loaded_by(client, ORIGIN + page) if a.endswith((".js", ".css"))]
    assert scripts
    for address in scripts:
        text = (await client.get(address)).text
        assert re.findall(r"https?://(?:cdn|fonts|unpkg)[\w.-]*", text) == [], address
