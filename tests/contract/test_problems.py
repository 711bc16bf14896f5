"""Every problem code has an entry in the catalogue, in docs/problems.md and on a page of each service."""

from __future__ import annotations

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient

from contracts.refusals import not_found
from deploy import problems
from httpkit import catalogue
from httpkit.problems import document


def test_the_page_is_up_to_date() -> None:
    assert problems.DOCUMENT.read_text() == problems.document(), "run `make docs` and look at the difference"


def test_every_code_that_the_code_raises_is_explained() -> None:
    unexplained = sorted(code for code in problems.raised_codes() if catalogue.find(code) is None)
    assert not unexplained, "give them a meaning in shared/httpkit/problems.toml"


def test_no_code_is_explained_twice() -> None:
    codes = [code for group in catalogue.groups() for code in group.codes]
    assert len(codes) == len(set(codes))


async def test_the_type_of_a_problem_leads_to_its_entry() -> None:
    app = FastAPI(title="Koppel sales")
    catalogue.install(app)
    problem = document(404, not_found("sales-order", "S-1").violations)
    async with AsyncClient(transport=ASGITransport(app), base_url="http://sales") as client:
        page = await client.get(problem["type"])
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
        assert "does not exist" in page.text
        listed = (await client.get("/problems")).text
        assert all(f">{code}<" in listed for group in catalogue.groups() for code in group.codes)
        assert "://" not in listed  # nothing of the page comes from elsewhere
        assert (await client.get("/problems/no-such-code")).status_code == 404
