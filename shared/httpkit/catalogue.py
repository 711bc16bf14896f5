"""The catalogue of problem codes, and the pages on which every service shows it without internet."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from html import escape
from http import HTTPStatus
from importlib.resources import files
from typing import Final

import msgspec
from fastapi import FastAPI
from starlette.responses import HTMLResponse

PATH: Final = "/problems"
GENERIC: Final = "unknown-thing"
"""The entry of all codes that name a thing that does not exist."""
_UNKNOWN: Final = "unknown-"


class Entry(msgspec.Struct, frozen=True):
    """What a code means, the statuses of a refusal for it alone, and what to do."""

    status: tuple[int, ...]
    means: str
    do: str


class Group(msgspec.Struct, frozen=True):
    """Problem codes about one subject, under one heading."""

    title: str
    codes: dict[str, Entry]


def type_of(code: str) -> str:
    """The `type` of a problem: a URI reference that leads to its entry in the service's own documentation."""
    return f"{PATH}/{code}"


@cache
def groups() -> tuple[Group, ...]:
    """All problem codes, in the order of `problems.toml`."""
    text = files("httpkit").joinpath("problems.toml").read_text()
    return tuple(msgspec.convert(tomllib.loads(text), dict[str, Group]).values())


def find(code: str) -> Entry | None:
    """The entry of a code; codes that begin with `unknown-` and have no entry of their own share one."""
    own = next((group.codes[code] for group in groups() if code in group.codes), None)
    if own is None and code.startswith(_UNKNOWN):
        return find(GENERIC)
    return own


def install(app: FastAPI) -> None:
    """Add the pages: all codes, and one of them."""
    title = f"Problems of {app.title}"  # not in the route: a route that holds the application keeps it alive

    @app.get(PATH, include_in_schema=False)
    async def show_problems() -> HTMLResponse:
        return _page(title, "".join(_list()))

    @app.get(PATH + "/{code}", include_in_schema=False)
    async def show_problem(code: str) -> HTMLResponse:
        entry = find(code)
        if entry is None:
            return _page("Unknown problem", f"<p>There is no problem <code>{escape(code)}</code>.</p>", 404)
        answered = f"<p>Status: {statuses(entry)}</p>"
        text = f"<p>{_marked(entry.means)}</p><h2>What to do</h2><p>{_marked(entry.do)}</p>{answered}"
        return _page(code, text + f'<p><a href="../{PATH[1:]}">All problems</a></p>')


def statuses(entry: Entry) -> str:
    """The statuses in words: `409 Conflict`."""
    if not entry.status:
        return "refuses nothing; shown on documents, in events or as a warning"
    return ", ".join(f"{status} {HTTPStatus(status).phrase}" for status in entry.status)


def _list() -> Iterator[str]:
    for group in groups():
        yield f"<h2>{escape(group.title)}</h2><dl>"
        for code, entry in group.codes.items():
            yield f'<dt><a href="{PATH[1:]}/{code}"><code>{code}</code></a></dt><dd>{_marked(entry.means)}</dd>'
        yield "</dl>"


def _marked(text: str) -> str:
    """Text as HTML: what stands in backticks becomes code."""
    parts = escape(text, quote=False).split("`")
    return "".join(f"<code>{part}</code>" if i % 2 else part for i, part in enumerate(parts))


def _page(title: str, body: str, status: int = 200) -> HTMLResponse:
    head = f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
    style = "<style>body{font:16px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em}</style>"
    return HTMLResponse(f"{head}{style}<h1>{escape(title)}</h1>{body}</html>", status)
