"""Printable documents and pictures: the caller chooses the format by `Accept`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final
from urllib.parse import quote

from fastapi import Depends, Header
from starlette.requests import Request
from starlette.responses import Response

from contracts.refusals import Violation
from httpkit import problems
from httpkit.slashes import put_back
from paperkit import rendering
from paperkit.charts import Chart
from paperkit.paper import Paper

PDF: Final = "application/pdf"
HTML: Final = "text/html"
XML: Final = "application/xml"
SVG: Final = "image/svg+xml"
JSON: Final = "application/json"
_SUFFIXES: Final = {PDF: "pdf", HTML: "html", XML: "xml", SVG: "svg"}
_ANY: Final = "*/*"

Accept = Annotated[
    str,
    Header(
        description="The format: one of those that the answer names; without one the first of them.",
        examples=[_ANY],
    ),
]


class Formats:
    """Dependency of a route that prints: the media type of its answer, the first offered one that suits best.

    406 `not-acceptable` if the caller accepts none of them.
    """

    def __init__(self, *offered: str) -> None:
        self.offered = offered

    async def __call__(self, accept: Accept = _ANY) -> str:
        """The media type to answer in."""
        weights = _weights(accept)
        best = max(self.offered, key=lambda offered: _weight(weights, offered))
        if not _weight(weights, best):
            detail = f"this document comes as {' or '.join(self.offered)}"
            raise problems.HttpRefusal(406, Violation("not-acceptable", detail))
        return best


PaperFormat = Annotated[str, Depends(Formats(PDF, HTML))]
PictureFormat = Annotated[str, Depends(Formats(JSON, SVG))]


def media(*media_types: str) -> dict[str, Any]:
    """The content of an answer that is a document, as the API document describes it."""
    binary = {"type": "string", "format": "binary"}
    return {each: {"schema": binary if each == PDF else {"type": "string"}} for each in media_types}


async def paper_response(request: Request, paper: Paper, media_type: str) -> Response:
    """The paper in this format; a browser shows it under the document's name."""
    body = await rendering.pdf_of(paper) if media_type == PDF else rendering.html(paper)
    return document_response(request, body, media_type)


def picture_response(request: Request, chart: Chart) -> Response:
    """The chart as SVG; a browser shows it under the number in the path."""
    return document_response(request, rendering.svg(chart), SVG)


def document_response(request: Request, body: bytes, media_type: str) -> Response:
    """A finished document; its file is named after the number in the path."""
    name = quote(f"{put_back(request.path_params['no'])}.{_SUFFIXES[media_type]}", safe="")
    # Shared caches must not keep a customer's address, nor give HTML to a caller who asked for PDF.
    headers = {
        "Content-Disposition": f"inline; filename*=UTF-8''{name}",
        "Cache-Control": "private, no-cache",
        "Vary": "Accept",
    }
    charset = "; charset=utf-8" if media_type == HTML else ""
    return Response(body, headers=headers, media_type=f"{media_type}{charset}")


def _weights(accept: str) -> Mapping[str, float]:
    """The media ranges of an Accept header with their weights (RFC 9110, 12.5.1)."""
    found: dict[str, float] = {}
    for part in accept.lower().split(","):
        range_, *parameters = (piece.strip() for piece in part.split(";"))
        weight = 1.0
        for parameter in parameters:
            if parameter.startswith("q="):
                try:
                    weight = min(max(float(parameter[2:]), 0.0), 1.0)
                except ValueError:
                    weight = 0.0
        if range_:
            found[range_] = weight
    return found


def _weight(weights: Mapping[str, float], offered: str) -> float:
    """How much the caller wants a media type: the most specific range counts."""
    main = offered.partition("/")[0]
    for range_ in (offered, f"{main}/*", "*/*"):
        if range_ in weights:
            return weights[range_]
    return 0.0
