"""`docs/performance/latest.md`: the figures of one run, with everything needed to make them again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from tests.performance.harness import LOAD_GENERATOR, Machine
from tests.performance.throughput import Throughput
from tests.performance.w1 import W1
from tests.performance.w3 import W3
from tests.performance.w7 import PlannedRun

WRITES: Final = {
    "inserted": "rows inserted",
    "updated": "rows updated",
    "deleted": "rows deleted",
    "commits": "transactions",
    "log_bytes": "PostgreSQL log, bytes",
}
THROUGHPUTS: Final = {
    "W2": ("the order through POST /v1/sales-orders and release, until both links stand", "orders"),
    "W4": ("tills' orders taken, answered 202 and durable; nothing is pulled", "orders"),
    "W5": ("tills' orders that wait for sales, 201 with its number, 50 a second", "orders"),
    "W6": ("drop shipments posted from the sales side, receipts posted by the other side", "pairs"),
}


@dataclass(slots=True)
class Report:
    """What one run of the benchmark measured, in the order it was measured."""

    machine: Machine
    settings: dict[str, str]
    w1: list[W1] = field(default_factory=list)
    w3: list[W3] = field(default_factory=list)
    throughputs: dict[str, list[Throughput]] = field(default_factory=dict)
    """W2, W4, W5 and W6."""
    w7: list[PlannedRun] = field(default_factory=list)

    def markdown(self) -> str:
        """The whole document."""
        return "\n".join([*self._head(), *self._w1(), *self._throughputs(), *self._w3(), *self._w7()]) + "\n"

    def w1_ratio(self) -> float | None:
        """Koppel's rate as a share of the floor's mean, if both were measured."""
        koppel = [run.orders_per_s for run in self.w1 if run.name == "Koppel"]
        floor = [run.orders_per_s for run in self.w1 if run.name == "floor"]
        return _mean(koppel) / _mean(floor) if koppel and floor else None

    def w3_ratios(self) -> tuple[float, float] | None:
        """Koppel's p50, from sending the release and from its answer, as multiples of the floor's mean p50."""
        koppel = [run for run in self.w3 if run.name == "Koppel"]
        floor = _mean([run.ms(50) for run in self.w3 if run.name == "floor"] or [0.0])
        if not koppel or not floor:
            return None
        return (
            _mean([run.ms(50) for run in koppel]) / floor,
            _mean([run.after_answer_ms(50) for run in koppel]) / floor,
        )

    def _head(self) -> Iterator[str]:
        machine = self.machine
        yield "# Measured last"
        yield ""
        yield f"Written by `make bench` on {datetime.now(UTC):%Y-%m-%d %H:%M} UTC, commit {machine.commit}."
        yield "What the figures mean: [README.md](README.md)."
        yield ""
        versions = ", ".join(f"{name} {version}" for name, version in machine.versions.items())
        yield (
            f"- Machine: {machine.processor}, {machine.cores} cores for everything, {machine.memory_gib:.0f} GiB; "
            f"load average before: {machine.load_before:.2f}"
        )
        yield f"- Versions: {versions}"
        yield f"- Settings: {', '.join(f'{name} {value}' for name, value in self.settings.items())}"

    def _w1(self) -> Iterator[str]:
        if not self.w1:
            return
        yield from ("", "## W1: till's order of three lines, asynchronous, until both links stand", "")
        yield from _row("", *(run.name for run in self.w1))
        yield from _row("---", *("---:" for _ in self.w1))
        yield from _row("**orders/s**", *(f"**{run.orders_per_s:.0f}**" for run in self.w1))
        yield from _row("orders", *(f"{run.outcome.linked}" for run in self.w1))
        yield from _row("linked after the last POST, s", *(f"{run.outcome.drain_s:.2f}" for run in self.w1))
        yield from _row("POST p50, ms", *(f"{run.post_ms(50):.1f}" for run in self.w1))
        yield from _row("POST p99, ms", *(f"{run.post_ms(99):.1f}" for run in self.w1))
        if (ratio := self.w1_ratio()) is not None:
            yield from ("", f"Koppel reaches {ratio:.2f} of the floor (mean of its runs).")
        yield from ("", "Per order:", "")
        yield from _row("", *(run.name for run in self.w1))
        yield from _row("---", *("---:" for _ in self.w1))
        yield from _row("**CPU, all, µs**", *(f"**{run.cpu_us_total:.0f}**" for run in self.w1))
        for process in self._processes():
            yield from _row(process, *(_figure(run.cpu_us.get(process)) for run in self.w1))
        for what, label in WRITES.items():
            digits = 0 if what == "log_bytes" else 2
            yield from _row(label, *(f"{getattr(run.writes, what):.{digits}f}" for run in self.w1))

    def _throughputs(self) -> Iterator[str]:
        for work, runs in self.throughputs.items():
            title, unit = THROUGHPUTS[work]
            yield from ("", f"## {work}: {title}", "")
            yield from _row("", *(run.name for run in runs))
            yield from _row("---", *("---:" for _ in runs))
            yield from _row(f"**{unit}/s**", *(f"**{run.per_s:.0f}**" for run in runs))
            yield from _row(unit, *(f"{run.finished}" for run in runs))
            yield from _row("client's p50, ms", *(f"{run.ms(50):.1f}" for run in runs))
            yield from _row("client's p99, ms", *(f"{run.ms(99):.1f}" for run in runs))
            yield from _row("CPU each, µs", *(f"{run.cpu_us_total:.0f}" for run in runs))
            koppel = [run.per_s for run in runs if run.name == "Koppel"]
            floor = [run.per_s for run in runs if run.name == "floor"]
            if koppel and floor:
                ratio = _mean(koppel) / _mean(floor)
                yield from ("", f"Koppel reaches {ratio:.2f} of the floor (mean of its runs).")

    def _processes(self) -> list[str]:
        names = {name: None for run in self.w1 for name in run.cpu_us}
        last = ["PostgreSQL", "Kafka", LOAD_GENERATOR]
        return [name for name in names if name not in last] + last

    def _w3(self) -> Iterator[str]:
        if not self.w3:
            return
        yield from ("", "## W3: from release to link, idle, one order at a time", "")
        yield from _row("milliseconds", "orders", "p50", "p90", "p99", "max")
        yield from _row("---", *("---:" for _ in range(5)))
        for run in self.w3:
            figures = (f"{run.ms(percent):.1f}" for percent in (50, 90, 99, 100))
            yield from _row(_w3_label(run), f"{len(run.from_release_s)}", *figures)
            if run.from_answer_s:
                figures = (f"{run.after_answer_ms(percent):.1f}" for percent in (50, 90, 99, 100))
                label = "Koppel, from the release's answer"
                yield from _row(label, f"{len(run.from_answer_s)}", *figures)
        if (ratios := self.w3_ratios()) is not None:
            sent, answered = ratios
            text = f"{sent:.2f} times the floor's (mean of its runs), from the release's answer {answered:.2f} times"
            yield from ("", f"Koppel's p50 is {text}.")

    def _w7(self) -> Iterator[str]:
        if not self.w7:
            return
        yield from ("", "## W7: planning runs, through the service with its database", "")
        yield from _row("items", *(f"{run.items:,}" for run in self.w7))
        yield from _row("---", *("---:" for _ in self.w7))
        yield from _row("demand and supply lines", *(f"{run.lines:,}" for run in self.w7))
        yield from _row("action messages", *(f"{run.messages:,}" for run in self.w7))
        yield from _row("**seconds**", *(f"**{run.seconds:.1f}**" for run in self.w7))
        yield from _row("CPU of worker and plan, s", *(f"{run.cpu_s:.1f}" for run in self.w7))
        yield from _row("memory of worker and plan, MiB", *(f"{run.peak_mib:.0f}" for run in self.w7))
        for process, label in (("work", "worker"), ("serve", "HTTP")):
            for percent in (50, 99, 100):
                name = "max" if percent == 100 else f"p{percent}"
                figures = (f"{run.late_ms(process, percent):.1f}" for run in self.w7)
                yield from _row(f"{label} answers within, {name}, ms", *figures)


def _w3_label(run: W3) -> str:
    return "floor's three hops" if run.name == "floor" else "Koppel, from sending the release"


def _row(*cells: str) -> Iterator[str]:
    yield f"| {' | '.join(cells)} |"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
