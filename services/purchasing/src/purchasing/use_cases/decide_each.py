"""One result per command: a refusal concerns its command alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from contracts.refusals import Refusal
from recordkit.commands import Command, Done


def decide_each(
    commands: Sequence[Command[Any]], decide: Callable[[Command[Any]], Done]
) -> list[Done | Refusal]:
    """Decide commands in their order, each on what those before left."""
    results: list[Done | Refusal] = []
    for command in commands:
        try:
            results.append(decide(command))
        except Refusal as refusal:
            results.append(refusal)
    return results
