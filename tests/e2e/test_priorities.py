"""Who comes first where CPU time is short."""

from __future__ import annotations

import os

from deploy.local import SERVICES, LocalStack


async def test_a_worker_yields_to_those_that_answer(stack: LocalStack) -> None:
    for service in SERVICES:
        niceness = {role: _niceness(stack, f"{service}-{role}") for role in ("serve", "work")}
        assert niceness["work"] > niceness["serve"]


def _niceness(stack: LocalStack, name: str) -> int:
    pid = stack.children[name].pid
    assert pid is not None
    return os.getpriority(os.PRIO_PROCESS, pid)
