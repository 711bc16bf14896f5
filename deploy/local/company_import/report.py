"""What an import refused: one entry per row and reason, with file, line and column. Nothing is hidden."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from deploy.local.client import Refused


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its values by our column names."""

    file: str
    line: int
    """Line in the file, the header is line 1."""
    values: dict[str, str]

    def __getitem__(self, column: str) -> str:
        return self.values.get(column, "")


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a row, or a value in it, was not taken."""

    file: str
    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}"
        return f"{where}: {self.column}: {self.reason}" if self.column else f"{where}: {self.reason}"


class RowError(Exception):
    """A value cannot be understood before it is sent."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(f"{column}: {reason}")
        self.column = column
        self.reason = reason


@dataclass
class Report:
    """Everything that an import did."""

    problems: list[Problem] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    """Rows that were taken, by what they are."""
    states: Counter[str] = field(default_factory=Counter)
    """Imported sales lines by sourcing state at the end."""
    unlinked: list[str] = field(default_factory=list)
    """Imported lines that are still not on a purchase order, and why, for people."""

    def refuse(self, row: Row, column: str, reason: str) -> None:
        """One reason against one row."""
        self.problems.append(Problem(row.file, row.line, column, reason))

    def refused(self, row: Row, refusal: Refused, parts: dict[str, list[Row]] | None = None) -> None:
        """Every reason of a service's answer; `parts`: rows that are members of lists in the request."""
        for error in refusal.problem.get("errors") or [{"pointer": "", **refusal.problem}]:
            at, column = _place(row, str(error.get("pointer", "")), parts or {})
            self.refuse(at, column, f"{error.get('code', refusal.status)}: {error.get('detail', refusal)}")


def _place(row: Row, pointer: str, parts: dict[str, list[Row]]) -> tuple[Row, str]:
    """The row and column that a JSON pointer into the request stands for."""
    steps = [step for step in pointer.split("/") if step]
    if len(steps) > 1 and steps[0] in parts and steps[1].isdigit() and int(steps[1]) < len(parts[steps[0]]):
        return parts[steps[0]][int(steps[1])], steps[-1] if len(steps) > 2 else ""  # noqa: PLR2004
    return row, "_".join(steps)


def summary(report: Report) -> list[str]:
    """The report in lines, the refused rows first."""
    lines = [str(problem) for problem in report.problems]
    if report.problems:
        rows = {(problem.file, problem.line) for problem in report.problems}
        lines.append(f"{len(rows)} rows were refused; the others were taken. Mend them and import again.")
    lines += [f"{count} {what}" for what, count in report.taken.items()]
    lines += [f"{count} sales lines are {state}" for state, count in sorted(report.states.items())]
    return lines + report.unlinked
