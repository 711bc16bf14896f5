"""Charts: round axes, and texts that are never markup."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest

from paperkit.charts import Bar, Chart, Level, Line, Point, layout, round_bounds
from paperkit.rendering import svg

FIRST, LAST = date(2026, 3, 16), date(2026, 4, 15)


def chart(*values: str, title: str = "Rope", bars: tuple[Bar, ...] = ()) -> Chart:
    points = tuple(Point(date(2026, 3, 16 + i), Decimal(v)) for i, v in enumerate(values))
    line = Line(label="stock", style="projected", points=points)
    level = Level(label="reorder point 6", style="reorder", value=Decimal(6))
    return Chart(title=title, subtitle="", first=FIRST, last=LAST, lines=(line,), levels=(level,), bars=bars)


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        ("0", "20", ("0", "20", "5")),
        ("-7", "28", ("-10", "30", "10")),
        ("0", "0", ("0", "1", "0.2")),
        ("0", "0.003", ("0", "0.003", "0.0005")),
        ("0", "4700000", ("0", "5000000", "1000000")),
    ],
)
def test_axes_begin_and_end_at_round_values(low: str, high: str, expected: tuple[str, str, str]) -> None:
    assert round_bounds(Decimal(low), Decimal(high)) == tuple(map(Decimal, expected))


def test_stock_holds_until_it_changes() -> None:
    (path,) = layout(chart("20", "5")).paths
    assert path.startswith("M70.0,100.0H98.7V")


def test_bars_of_a_day_stand_upon_each_other() -> None:
    bars = tuple(Bar(day=FIRST, value=Decimal(v), style="demand", text="") for v in (-5, -10))
    first, second = layout(chart("20", bars=bars)).bars
    assert first.y + first.height == pytest.approx(second.y, abs=0.2)


def test_texts_are_never_markup() -> None:
    picture = svg(chart("20", title='<script>"&'))
    assert b"<script>" not in picture
    root = ET.fromstring(picture)  # noqa: S314 - our own picture
    assert root.findtext("{http://www.w3.org/2000/svg}title") == '<script>"&. '
