"""Which documented statuses no test met: what an API document promises, some test has seen."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Final

import pytest

from tests.support.met_statuses import Met, met

DOCUMENTS: Final = Path(__file__).parents[2] / "docs" / "openapi"
INTEGRATION_TESTS: Final = Path(__file__).parents[1] / "integration"
_CONVERTOR: Final = re.compile(r":\w+}")
"""What a route says of a path parameter besides its name: `{no:path}`."""


def documented() -> Iterator[Met]:
    """Every status of every operation in the published documents."""
    for file in sorted(DOCUMENTS.glob("*.json")):
        for path, operations in json.loads(file.read_text())["paths"].items():
            for method, operation in operations.items():
                for status in operation["responses"]:
                    yield Met(file.stem.replace("_", "-"), method.upper(), path, int(status))


def unmet(seen: Collection[Met]) -> list[str]:
    """The documented statuses that are not among those seen, a line for each operation that has any."""
    known = {each._replace(path=_CONVERTOR.sub("}", each.path)) for each in seen}
    missing: dict[tuple[str, str, str], list[str]] = {}
    for each in documented():
        if each not in known:
            missing.setdefault((each.service, each.method, each.path), []).append(str(each.status))
    return [f"{service}: {method} {path}: {', '.join(s)}" for (service, method, path), s in missing.items()]


class UnmetStatuses:
    """Looks at the end of a run of all integration tests; a run of some says nothing about the rest."""

    def __init__(self, *, fails: bool) -> None:
        """`fails`: whether an unmet status fails the run; else it is only reported."""
        self._fails = fails
        self._deselected = False
        self._found: list[str] = []

    def pytest_deselected(self) -> None:
        self._deselected = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._deselected or session.testsfailed or not _ran_everything(session):
            return
        self._found = unmet(met())
        if self._found and self._fails:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._found:
            return
        terminalreporter.section("documented statuses that no test met")
        for line in self._found:
            terminalreporter.write_line(line)


def _ran_everything(session: pytest.Session) -> bool:
    """Whether all integration tests ran: they alone have services in the process that notes what is answered."""
    config = session.config
    started_in = config.invocation_params.dir
    everything = any(INTEGRATION_TESTS.is_relative_to((started_in / arg).resolve()) for arg in config.args)
    return everything and not session.shouldstop and not config.option.collectonly
