"""A chart of quantities over days: step lines, levels and bars, as plain values; `rendering.svg` draws it.

A template draws it: libraries for charts bring numpy or scripts, and none stacks these two panels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from math import ceil
from typing import Final

import msgspec

WIDTH: Final = 960
HEIGHT: Final = 540
# Pixels of the picture: both panels from left to right, the lines above the bars.
_LEFT: Final = 70
_RIGHT: Final = 930
_TOP: Final = 100
_BOTTOM: Final = 370
_BARS_TOP: Final = 412
_BARS_BOTTOM: Final = 492
_STEPS: Final = (1, 2, 5, 10)
_TICKS: Final = 6
_DATES: Final = 8
_BAR_WIDTH_MAX: Final = 14.0


class Point(msgspec.Struct, frozen=True):
    """The value from this day on."""

    day: date
    value: Decimal


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A value over time, drawn as steps. `style`: its class in the template."""

    label: str
    style: str
    points: tuple[Point, ...]


class Level(msgspec.Struct, frozen=True, kw_only=True):
    """A value that holds on all days."""

    label: str
    style: str
    value: Decimal


class Bar(msgspec.Struct, frozen=True, kw_only=True):
    """What comes (above 0) or goes on a day; `text` is shown under the pointer."""

    day: date
    value: Decimal
    style: str
    text: str


class Key(msgspec.Struct, frozen=True):
    """An entry of the legend for bars."""

    label: str
    style: str


class Chart(msgspec.Struct, frozen=True, kw_only=True):
    """Lines and levels above, bars below, on the same days."""

    title: str
    subtitle: str
    first: date
    last: date
    lines: tuple[Line, ...]
    levels: tuple[Level, ...] = ()
    bars: tuple[Bar, ...] = ()
    keys: tuple[Key, ...] = ()
    notes: tuple[str, ...] = ()


class Tick(msgspec.Struct, frozen=True):
    """A mark at an axis, and its text."""

    at: float
    text: str


class Shape(msgspec.Struct, frozen=True, kw_only=True):
    """A rectangle of the picture and what the pointer shows."""

    x: float
    y: float
    width: float
    height: float
    style: str
    text: str


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything stands, in pixels."""

    width: int = WIDTH
    height: int = HEIGHT
    left: int = _LEFT
    right: int = _RIGHT
    top: int = _TOP
    bottom: int = _BOTTOM
    zero: float
    bars_top: int = _BARS_TOP
    bars_bottom: int = _BARS_BOTTOM
    bars_zero: float
    bar_values: tuple[Tick, ...]
    values: tuple[Tick, ...]
    days: tuple[Tick, ...]
    paths: tuple[str, ...]
    levels: tuple[float, ...]
    bars: tuple[Shape, ...]


def layout(chart: Chart) -> Layout:
    """The chart in pixels: both axes begin and end at round values, and zero is always in sight."""
    values = [p.value for line in chart.lines for p in line.points] + [x.value for x in chart.levels]
    low, high, step = round_bounds(min([*values, Decimal(0)]), max([*values, Decimal(0)]))
    y = _Scale(low, high, _BOTTOM, _TOP)
    across = Decimal(max((chart.last - chart.first).days, 1))
    x = _Scale(Decimal(0), across, _LEFT, _RIGHT)

    def at(day: date) -> float:
        return x(Decimal((day - chart.first).days))

    amounts = _stacks(chart.bars)
    out, into = min([*amounts, Decimal(0)]), max([*amounts, Decimal(0)])
    below = _Scale(out, into, _BARS_BOTTOM, _BARS_TOP)
    width = min(float(_RIGHT - _LEFT) / float(across), _BAR_WIDTH_MAX)
    return Layout(
        zero=y(Decimal(0)),
        bars_zero=below(Decimal(0)),
        bar_values=tuple(Tick(below(value), plain(value)) for value in (out, into) if value),
        values=tuple(Tick(y(value), plain(value)) for value in _from_to(low, high, step)),
        days=tuple(Tick(at(day), day.isoformat()) for day in _dates(chart.first, chart.last)),
        paths=tuple(_path([(at(p.day), y(p.value)) for p in line.points]) for line in chart.lines),
        levels=tuple(y(level.value) for level in chart.levels),
        bars=tuple(_shapes(chart.bars, at, below, width)),
    )


def round_bounds(low: Decimal, high: Decimal) -> tuple[Decimal, Decimal, Decimal]:
    """(lowest, highest, step) of an axis that holds both values: steps of 1, 2 or 5 times a power of ten."""
    high = high if high > low else low + 1
    span = high - low
    power = Decimal(1).scaleb((span / _TICKS).adjusted())
    step = next(power * factor for factor in _STEPS if power * factor * _TICKS >= span)
    lowest = (low / step).to_integral_value(ROUND_FLOOR) * step
    highest = (high / step).to_integral_value(ROUND_CEILING) * step
    return lowest, highest, step


def plain(value: Decimal) -> str:
    """A number without an exponent and without zeros at its end."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class _Scale:
    """A linear scale from values to pixels."""

    def __init__(self, low: Decimal, high: Decimal, start: float, end: float) -> None:
        self._low, self._span = low, (high - low) or Decimal(1)
        self._start, self._length = start, end - start

    def __call__(self, value: Decimal) -> float:
        return round(self._start + float((value - self._low) / self._span) * self._length, 1)


def _from_to(low: Decimal, high: Decimal, step: Decimal) -> Iterator[Decimal]:
    value = low
    while value <= high:
        yield value
        value += step


def _dates(first: date, last: date) -> Iterator[date]:
    step = max(ceil((last - first).days / _DATES), 1)
    for days in range(0, (last - first).days + 1, step):
        yield first + timedelta(days=days)


def _path(points: Sequence[tuple[float, float]]) -> str:
    """Steps: each value holds until the next point."""
    if not points:
        return ""
    start_x, start_y = points[0]
    return f"M{start_x},{start_y}" + "".join(f"H{x}V{y}" for x, y in points[1:])


def _stacks(bars: Sequence[Bar]) -> list[Decimal]:
    """How far the bars of a day reach, upwards and downwards."""
    found: dict[tuple[date, bool], Decimal] = {}
    for bar in bars:
        key = bar.day, bar.value > 0
        found[key] = found.get(key, Decimal(0)) + bar.value
    return list(found.values())


def _shapes(bars: Sequence[Bar], at: Callable[[date], float], scale: _Scale, width: float) -> Iterator[Shape]:
    """The bars of a day stand upon each other, on both sides of zero."""
    reached: dict[tuple[date, bool], Decimal] = {}
    for bar in bars:
        key = bar.day, bar.value > 0
        begin = reached.get(key, Decimal(0))
        end = reached[key] = begin + bar.value
        top, bottom = scale(max(begin, end)), scale(min(begin, end))
        yield Shape(
            x=round(min(max(at(bar.day) - width / 2, _LEFT), _RIGHT - width), 1),
            y=top,
            width=round(width, 1),
            height=round(max(bottom - top, 1.0), 1),
            style=bar.style,
            text=bar.text,
        )
