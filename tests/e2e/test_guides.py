"""The commands of a guide work as they are printed, pasted one block after the other."""

from __future__ import annotations

import asyncio
import json
import re
from pathlib import Path

import pytest

from deploy.local import SERVICES, LocalStack
from deploy.local.client import Koppel, until
from deploy.local.settings import ROOT, StackSettings
from tests.reliability.checkers import drained

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
DEADLINE_S = 120


SLEEP = "sleep() { : > asleep; while [ -e asleep ]; do command sleep 0.05; done; }"
"""The guide waits a second for what flows between the services; a test waits for its end, long or short."""

TO_FILL_IN = re.compile(r"\bID\b")
"""What a reader puts in is what an answer before it names."""


def blocks_of(guide: str) -> list[str]:
    """The guide's blocks of commands."""
    return BLOCK.findall((ROOT / "docs" / guide).read_text())


def commands_of(guide: str, stack: LocalStack) -> str:
    """The guide's commands for this stack: only its ports and its token differ."""
    return for_stack("\n".join(blocks_of(guide)), stack)


def for_stack(text: str, stack: LocalStack) -> str:
    usual = StackSettings()
    for service in SERVICES:
        text = text.replace(f"localhost:{usual.serve_port(service)}", stack.url(service))
    return text.replace("$(make -s token)", stack.token()).replace("curl -sS", "curl -sS --fail-with-body")


def test_the_till_s_guide_has_no_comments_in_commands() -> None:
    """zsh takes a comment that is pasted for arguments."""
    commands = "\n".join(BLOCK.findall((ROOT / "docs" / "tills.md").read_text()))
    assert [line for line in commands.splitlines() if re.search(r"(^|\s)#", line)] == []


async def woken(asleep: Path, stack: LocalStack) -> None:
    """End each sleep of the shell when all events have arrived."""
    while True:
        await until(lambda: asyncio.to_thread(asleep.exists), bool, deadline_s=DEADLINE_S)
        await drained(stack)
        await asyncio.to_thread(asleep.unlink)


async def pasted(shell: str, commands: str, tmp_path: Path, stack: LocalStack) -> str:
    """What the commands print; fails at the first that fails. Skips the test where the shell is missing."""
    try:
        running = await asyncio.create_subprocess_exec(
            shell,
            "-ec",
            f"{SLEEP}\n{commands}",
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except FileNotFoundError:
        pytest.skip(f"{shell} is not installed")
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as group:
        waking = group.create_task(woken(tmp_path / "asleep", stack))
        try:
            output = (await running.communicate())[0].decode()
        finally:
            waking.cancel()
            if running.returncode is None:
                running.kill()
    assert running.returncode == 0, output
    return output


@pytest.mark.parametrize("shell", ["bash", "zsh"])
async def test_the_till_s_guide_leads_to_a_sales_order_and_plays_each_act(
    stack: LocalStack, koppel: Koppel, tmp_path: Path, shell: str
) -> None:
    """POS-30, POS-61, POS-87: it shows the order's invoice, and plays each act once; the last one was a return."""
    output = await pasted(shell, commands_of("tills.md", stack) + "\necho NO=$NO", tmp_path, stack)
    no = output.rsplit("NO=", 1)[1].strip()
    order = (await koppel.pos.get("/customer-orders", order_no=no))["items"][0]
    assert order["status"] == "partly_fulfilled"
    assert order["lines"][0]["quantity_returned"] == "1"
    assert order["settlement"]["due"] == "-14.88"
    assert '"due": "31.83"' in output.replace("'", '"')


async def next_numbers(stack: LocalStack, koppel: Koppel, customer_no: str) -> dict[str, str]:
    """The guide's document numbers, and those that its documents get on this stack, which is not new.

    Orders of tills that other tests left on their way are made first: they take numbers as well.
    """
    await until(
        lambda: koppel.pos.get("/pull-jobs/P-0001"), lambda job: not job["pending"], deadline_s=DEADLINE_S
    )
    await until(
        lambda: koppel.sales.get("/channel-transactions", status="pulled"),
        lambda found: not found["items"],
        deadline_s=DEADLINE_S,
    )
    await drained(stack)
    sale = await koppel.sales.post("/sales-orders", {"customer_no": customer_no})
    purchase = await koppel.purchasing.post("/purchase-orders", {"vendor_no": "V10"})
    sold, bought = (int(document["no"].rsplit("-", 1)[1]) for document in (sale, purchase))
    return {"S-1002": f"S-{sold + 2}", "S-1001": f"S-{sold + 1}", "P-1001": f"P-{bought + 1}"}


@pytest.mark.parametrize("shell", ["bash", "zsh"])
async def test_the_first_special_order_is_bought_received_shipped_and_invoiced(
    stack: LocalStack, koppel: Koppel, tmp_path: Path, shell: str
) -> None:
    """BC-SO-18: and a second one is carried out by hand."""
    own = {each: f"{each}-{shell[0]}".upper() for each in ("C100", "NORTH", "SPECIAL", "V10", "1100")}
    numbers = await next_numbers(stack, koppel, "C100")
    renamed = re.compile("|".join(rf"\b{each}\b" for each in own | numbers))
    blocks = [
        for_stack(renamed.sub(lambda found: (own | numbers)[found[0]], block), stack)
        for block in blocks_of("getting-started.md")
    ]
    commands = [block for block in blocks if not TO_FILL_IN.search(block)]
    carry_out = next(block for block in blocks if "carry-out" in block)
    output = await pasted(shell, "\n".join(commands), tmp_path, stack)
    order = await koppel.sales.get(f"/sales-orders/{numbers['S-1001']}")
    purchase = await koppel.purchasing.get(f"/purchase-orders/{numbers['P-1001']}")
    assert (order["status"], purchase["status"]) == ("closed", "closed"), output
    assert order["lines"][0]["sourcing"]["purchase_order_no"] == purchase["no"]
    listed = await koppel.planning.get("/requisition-lines", sales_order_no=numbers["S-1002"])
    (waiting,) = listed["items"]
    carry_out = TO_FILL_IN.sub(waiting["id"], carry_out)
    output = await pasted(shell, "\n".join([commands[0], carry_out]), tmp_path, stack)
    (carried_out,) = [json.loads(line) for line in output.splitlines() if line]
    assert [each["vendor_no"] for each in carried_out["purchase_orders"]] == [own["V10"]]
