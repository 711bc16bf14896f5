"""Whether the tests met what the API documents promise, and nothing else."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator
from itertools import groupby
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
    return _lines({*documented()} - _as_documented(seen))


def undocumented(seen: Collection[Met]) -> list[str]:
    """The statuses seen that the documents of their operations do not name."""
    known = {*documented()}
    operations = {each[:3] for each in known}
    return _lines(each for each in _as_documented(seen) - known if each[:3] in operations)


def _as_documented(seen: Collection[Met]) -> set[Met]:
    return {each._replace(path=_CONVERTOR.sub("}", each.path)) for each in seen}


def _lines(found: Collection[Met] | Iterator[Met]) -> list[str]:
    grouped = groupby(sorted(found), key=lambda each: each[:3])
    return [
        f"{service}: {method} {path}: {', '.join(str(each.status) for each in group)}"
        for (service, method, path), group in grouped
    ]


class DocumentedStatuses:
    """Compares at the end of a run of all integration tests; a run of some says nothing about the rest."""

    def __init__(self, *, fails: bool) -> None:
        """`fails`: whether a difference fails the run; else it is only reported."""
        self._fails = fails
        self._deselected = False
        self._found: dict[str, list[str]] = {}

    def pytest_deselected(self) -> None:
        self._deselected = True

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if self._deselected or session.testsfailed or not _ran_everything(session):
            return
        self._found = {
            "documented statuses that no test met": unmet(met()),
            "statuses that tests met and no document names": undocumented(met()),
        }
        if self._fails and any(self._found.values()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        for title, lines in self._found.items():
            if lines:
                terminalreporter.section(title)
                terminalreporter.write_line("\n".join(lines))


def _ran_everything(session: pytest.Session) -> bool:
    """Whether all integration tests ran: they alone have services in the process that notes what is answered."""
    config = session.config
    started_in = config.invocation_params.dir
    everything = any(INTEGRATION_TESTS.is_relative_to((started_in / arg).resolve()) for arg in config.args)
    return everything and not session.shouldstop and not config.option.collectonly
