"""One run of the benchmark on a stack: floor, Koppel, floor."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from typing import Final

from deploy.local.client import Koppel
from deploy.local.settings import ROOT, SERVICES
from deploy.local.stack import LocalStack
from tests.performance import company, ingest, profiling, w1, w2, w3, w6, w7
from tests.performance.harness import drop_databases
from tests.performance.load import Till
from tests.performance.report import Report
from tests.performance.screen import console, shown_count, shown_seconds
from tests.performance.throughput import Throughput

PROFILES: Final = ROOT / ".koppel" / "profiles"
INTERVAL_S: Final = "0.2"
PARTS: Final = frozenset({"w1", "w2", "w3", "w4", "w5", "w6", "w7"})
SUBJECTS: Final = frozenset({"floor", "koppel"})


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure, of whom, and how long."""

    parts: AbstractSet[str]
    subjects: AbstractSet[str]
    seconds: float
    orders: int
    tills: int
    profiled: bool
    items: tuple[int, ...]
    """Of the runs of W7."""
    pairs: int = w6.PAIRS


class Bench:
    """Measures what the plan says and puts it into the report."""

    def __init__(self, stack: LocalStack, plan: Plan, report: Report) -> None:
        self.stack = stack
        self.plan = plan
        self.report = report

    async def run(self) -> None:
        """Floor, Koppel, floor: what changes on the machine meanwhile shows in the two floors."""
        await profiling.track_statements(self.stack, on=self.plan.profiled)
        if "floor" in self.plan.subjects:
            await self._floor("a")
        if "koppel" in self.plan.subjects:
            await self._koppel()
        if self.plan.subjects == SUBJECTS:
            await self._floor("b")

    async def _floor(self, run: str) -> None:
        """The load first: it warms the JVM, which would show in the latency."""
        plan = self.plan
        if "w1" in plan.parts:
            with shown_seconds(f"W1 floor {run}", plan.seconds) as show:
                measure = partial(w1.measure_floor, tills=plan.tills, seconds=plan.seconds, show=show)
                self._add_w1(await measure(self.stack, run))
        if "w3" in plan.parts:
            with shown_count(f"W3 floor {run}", w3.WARM_UP + plan.orders) as shown:
                self._add_w3(
                    await w3.measure_floor(self.stack, f"{run}_hops", orders=plan.orders, show=shown)
                )

        if "w2" in plan.parts:
            with shown_count(f"W2 floor {run}", 0) as shown:
                self._add(
                    "W2", await w2.measure_floor(self.stack, f"{run}_w2", seconds=plan.seconds, show=shown)
                )
        if "w6" in plan.parts:
            with shown_count(f"W6 floor {run}", plan.pairs) as shown:
                self._add("W6", await w6.measure_floor(self.stack, f"{run}_w6", pairs=plan.pairs, show=shown))

        if "w4" in plan.parts:
            with shown_count(f"W4 floor {run}", 0) as shown:
                floor = partial(ingest.measure_floor, seconds=plan.seconds, tills=plan.tills, show=shown)
                self._add("W4", await floor(self.stack, f"{run}_w4"))

    async def _koppel(self) -> None:
        """The idle latency first, then the load; every link is read back over HTTP afterwards."""
        await self.stack.start_services()
        urls = {service: self.stack.url(service) for service in SERVICES}
        async with Koppel(urls, self.stack.token()) as koppel:
            console.print("Setting up the company and its tills")
            tills = await company.set_up(koppel, tills=self.plan.tills)
            if "w3" in self.plan.parts:
                with shown_count("W3 Koppel", w3.WARM_UP + self.plan.orders) as shown:
                    self._add_w3(await w3.measure_koppel(self.stack, orders=self.plan.orders, show=shown))
            if self.plan.parts & {"w2", "w6"}:
                await self._koppel_sales()
            if "w1" in self.plan.parts:
                await company.run_jobs_every(koppel, INTERVAL_S)
                await self._koppel_w1(koppel, tills)
            if self.plan.parts & {"w4", "w5"}:
                await self._koppel_tills(koppel, tills)
            if "w7" in self.plan.parts:
                await self._koppel_plans(koppel)
        await self.stack.stop_services()
        await drop_databases(self.stack, SERVICES)

    async def _koppel_sales(self) -> None:
        """W6 posts the drop shipments that W2 has sold."""
        plan = self.plan
        with shown_count("W2 Koppel", 0) as shown:
            sold = await w2.measure_koppel(self.stack, seconds=plan.seconds, show=shown)
        if "w2" in plan.parts:
            self._add("W2", sold.figures)
        if "w6" in plan.parts:
            with shown_count("W6 Koppel", plan.pairs) as shown:
                posted = await w6.measure_koppel(self.stack, sold.shippable, pairs=plan.pairs, show=shown)
            self._add("W6", posted)

    async def _koppel_tills(self, koppel: Koppel, tills: list[Till]) -> None:
        """After W1: what W4 leaves waiting would be pulled by it. The pull job stands still here."""
        await company.run_jobs_every(koppel, "0")
        seconds = self.plan.seconds
        if "w5" in self.plan.parts:
            waiting = await company.open_store(
                koppel, company.WAITING_STORE, company.WAITING_TILLS, asynchronous=False
            )
            with shown_count("W5 Koppel", round(seconds * ingest.RATE_PER_S)) as shown:
                self._add(
                    "W5", await ingest.measure_waiting(self.stack, waiting, seconds=seconds, show=shown)
                )
        if "w4" in self.plan.parts:
            with shown_count("W4 Koppel", 0) as shown:
                self._add("W4", await ingest.measure_ingest(self.stack, tills, seconds=seconds, show=shown))

    async def _koppel_plans(self, koppel: Koppel) -> None:
        """Last: it puts its own data in the place of planning's."""
        for items in self.plan.items:
            console.print(f"W7: planning {items} items")
            run = await w7.measure_koppel(self.stack, koppel, items=items)
            self.report.w7.append(run)
            console.print(
                f"W7 {run.items} items: {run.seconds:.1f} s, {run.cpu_s:.1f} s CPU, {run.peak_mib:.0f} MiB, "
                f"late p99 {run.late_ms('work', 99):.0f} ms"
            )

    async def _koppel_w1(self, koppel: Koppel, tills: list[Till]) -> None:
        seconds = self.plan.seconds
        observer = (
            partial(profiling.profile, self.stack, PROFILES, seconds) if self.plan.profiled else nullcontext
        )
        with shown_seconds("W1 Koppel", seconds) as show:
            figures = await w1.measure_koppel(
                self.stack, tills, seconds=seconds, show=show, observer=observer
            )
        self._add_w1(figures)
        linked = await w1.verify_links(koppel, figures.outcome.linked)
        console.print(f"Read over HTTP: {linked} sales orders with a purchase order on each flagged line")

    def _add_w1(self, run: w1.W1) -> None:
        self.report.w1.append(run)
        console.print(
            f"W1 {run.name}: {run.orders_per_s:.0f} orders/s, {run.cpu_us_total:.0f} µs CPU per order, "
            f"POST p50 {run.post_ms(50):.1f} ms, p99 {run.post_ms(99):.1f} ms, "
            f"all linked {run.outcome.drain_s:.2f} s after the last POST"
        )

    def _add(self, work: str, run: Throughput) -> None:
        self.report.throughputs.setdefault(work, []).append(run)
        console.print(
            f"{work} {run.name}: {run.per_s:.0f}/s of {run.finished}, {run.cpu_us_total:.0f} µs CPU each, "
            f"p50 {run.ms(50):.1f} ms, p99 {run.ms(99):.1f} ms"
        )

    def _add_w3(self, run: w3.W3) -> None:
        self.report.w3.append(run)
        console.print(f"W3 {run.name}: p50 {run.ms(50):.1f} ms, p99 {run.ms(99):.1f} ms")
