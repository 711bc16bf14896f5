"""A paper as HTML or PDF, a chart as SVG. Texts are never read as markup."""

from __future__ import annotations

import asyncio
from functools import cache
from pathlib import Path
from typing import Final

import jinja2
import msgspec
import typst

from paperkit.charts import Chart, layout
from paperkit.paper import Paper

_TEMPLATES: Final = Path(__file__).parent / "templates"
_encode: Final = msgspec.json.Encoder().encode


def html(paper: Paper) -> bytes:
    """A page that needs nothing else: no script, no style sheet, no picture from elsewhere."""
    return _template("paper.html").render(paper=paper).encode()


def pdf(paper: Paper) -> bytes:
    """A PDF of A4 pages, the heads of the table on each. Takes about a millisecond per line: see `pdf_of`."""
    made = typst.compile(
        str(_TEMPLATES / "paper.typ"), format="pdf", sys_inputs={"paper": _encode(paper).decode()}
    )
    if not isinstance(
        made, bytes
    ):  # pragma: no cover - the library's type allows pages, which PDF never gives
        raise TypeError("a PDF is one file")
    return made


async def pdf_of(paper: Paper) -> bytes:
    """The PDF, made beside the event loop: typesetting a long order takes a second, and holds no lock of Python."""
    return await asyncio.to_thread(pdf, paper)


def svg(chart: Chart) -> bytes:
    """A picture that needs nothing else; its texts stay texts, which are searched and read aloud."""
    return _template("chart.svg").render(chart=chart, at=layout(chart)).encode()


@cache
def _template(name: str) -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
    )
    return environment.get_template(name)
