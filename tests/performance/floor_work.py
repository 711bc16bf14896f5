"""What the floor's processes are told, and what one of their transactions stores and sends."""

from __future__ import annotations

from typing import Any

import msgspec


class Settings(msgspec.Struct, kw_only=True):
    """The argument of a process, as JSON. With `hops`, sales measures so many orders on the idle system."""

    role: str
    database: str
    bootstrap: str
    port: int
    partitions: int
    hops: int = 0


class Work(msgspec.Struct):
    """What one transaction stores and sends."""

    entries: list[tuple[str, bytes]] = []
    lines: list[tuple[str, bytes]] = []
    marks: dict[str, str] = {}
    messages: list[tuple[str, str, bytes]] = []
    offsets: list[tuple[str, int, int, int]] = []

    def mark(self, key: str, mark: str) -> None:
        self.marks[key] = max(mark, self.marks.get(key, ""))


def columns(rows: list[Any], width: int) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)] or [[] for _ in range(width)]
