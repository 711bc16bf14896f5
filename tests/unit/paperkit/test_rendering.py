"""A paper as HTML and PDF."""

from __future__ import annotations

import pytest

from paperkit.paper import Column, Paper, Party, Row, facts
from paperkit.rendering import html, pdf
from tests.support.pdf import pages_of

COLUMNS = (Column("Line", is_number=True), Column("Description"), Column("Amount", is_number=True))


def paper(*descriptions: str, notes: tuple[str, ...] = ()) -> Paper:
    return Paper(
        title="Purchase order P-1001",
        sender=Party(heading="From", lines=("Northsea",)),
        recipient=Party(heading="To", lines=("Compass Works",)),
        facts=facts(("Revision", "2"), ("Reference", "")),
        columns=COLUMNS,
        description_column=1,
        rows=tuple(
            Row(cells=(str(n), text, "7.00"), notes=notes) for n, text in enumerate(descriptions, start=1)
        ),
        totals=facts(("Total", "7.00 EUR")),
    )


def test_both_formats_show_the_same_texts() -> None:
    one = paper("Brass compass", notes=("Your item BC-9",))
    (page,) = pages_of(pdf(one))
    for text in ("Purchase order P-1001", "Compass Works", "Brass compass", "Your item BC-9", "7.00 EUR"):
        assert text in page
        assert text in html(one).decode()


def test_what_is_empty_is_left_out() -> None:
    (page,) = pages_of(pdf(paper("Rope")))
    assert "Revision" in page
    assert "Reference" not in page


@pytest.mark.parametrize(
    "text", ["#let x = 1", "*bold* _it_ $x$", "= Title", "#panic()", "<b>&amp;</b>", "\\"]
)
def test_texts_are_never_read_as_markup(text: str) -> None:
    (page,) = pages_of(pdf(paper(text)))
    assert text in page
    assert text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in html(paper(text)).decode()


@pytest.mark.parametrize("text", ["العربية", "日本語", "😀", "é" * 100, "W" * 400, "\u200b", "𝔄"])
def test_no_text_stops_a_document(text: str) -> None:
    assert pages_of(pdf(paper(text)))


def test_a_long_order_goes_over_pages_and_each_has_the_heads_of_the_table() -> None:
    pages = pages_of(pdf(paper(*(f"Item number {n}" for n in range(200)))))
    assert len(pages) > 1
    assert all("Description" in page for page in pages)
    assert sum(page.count("Item number") for page in pages) == 200
