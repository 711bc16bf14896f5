"""Which problem codes the services answered to the tests of this process, and which of them have no entry."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec
import pytest

from httpkit import catalogue

PROBLEM: Final = b"application/problem+json"


class MetCode(NamedTuple):
    """A code that a service answered; the status if it was the only reason."""

    code: str
    status: int | None


_met: Final[set[MetCode]] = set()


def note(status: int, body: bytes) -> None:
    """Keep the codes of a problem document."""
    problem = msgspec.json.decode(body)
    errors = problem.get("errors") or [problem]
    alone = len({error["code"] for error in errors}) == 1
    _met.update(MetCode(error["code"], status if alone else None) for error in errors)


def uncatalogued() -> list[str]:
    """Codes without an entry, and codes that were answered with a status that their entry does not name."""
    lines = []
    for code, status in sorted(_met, key=lambda met: (met.code, met.status or 0)):
        entry = catalogue.find(code)
        if entry is None:
            lines.append(f"{code}: is not in the catalogue")
        elif status is not None and status not in entry.status:
            lines.append(f"{code}: was answered with {status}")
    return lines


class CataloguedCodes:
    """Fails the run if a test met a code that the catalogue does not explain."""

    def __init__(self) -> None:
        self._found: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        self._found = uncatalogued()
        if self._found and not session.testsfailed:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self._found:
            terminalreporter.section("problem codes that shared/httpkit/problems.toml does not explain")
            terminalreporter.write_line("\n".join(self._found))
