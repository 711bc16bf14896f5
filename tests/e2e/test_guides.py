"""The commands of a guide work as they are printed, pasted one block after the other."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from deploy.local import SERVICES, LocalStack
from deploy.local.client import Koppel
from deploy.local.settings import ROOT, StackSettings

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.DOTALL | re.MULTILINE)
DEADLINE_S = 90


def commands_of(guide: str, stack: LocalStack) -> str:
    """The guide's commands for this stack: only its ports and its token differ."""
    text = "\n".join(BLOCK.findall((ROOT / "docs" / guide).read_text()))
    usual = StackSettings()
    for service in SERVICES:
        text = text.replace(f"localhost:{usual.serve_port(service)}", stack.url(service))
    return text.replace("$(make -s token)", stack.token()).replace("curl -sS", "curl -sS --fail-with-body")


def test_the_till_s_guide_has_no_comments_in_commands() -> None:
    """zsh takes a comment that is pasted for arguments."""
    commands = "\n".join(BLOCK.findall((ROOT / "docs" / "tills.md").read_text()))
    assert [line for line in commands.splitlines() if re.search(r"(^|\s)#", line)] == []


@pytest.mark.parametrize("shell", ["bash", "zsh"])
async def test_the_till_s_guide_leads_to_a_sales_order(
    stack: LocalStack, koppel: Koppel, tmp_path: Path, shell: str
) -> None:
    """POS-30, POS-87: the guide ends with the order's status and invoice."""
    try:
        running = await asyncio.create_subprocess_exec(
            shell,
            "-ec",
            commands_of("tills.md", stack) + "\necho NO=$NO",
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
    except FileNotFoundError:
        pytest.skip(f"{shell} is not installed")
    async with asyncio.timeout(DEADLINE_S):
        output = (await running.communicate())[0].decode()
    assert running.returncode == 0, output
    no = output.rsplit("NO=", 1)[1].strip()
    order = (await koppel.pos.get("/customer-orders", order_no=no))["items"][0]
    assert order["status"] == "partly_fulfilled"
    assert order["settlement"]["due"] == "31.83"
    assert order["settlement"]["invoice_no"] in output
