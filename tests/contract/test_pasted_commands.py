"""Commands of the guides work when they are pasted into bash or zsh.

An interactive zsh knows no comments, and takes brackets, stars and question marks outside quotes for patterns that must
match a file.
"""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from deploy.local.settings import ROOT

GUIDES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"""'[^']*'|"(?:\\.|[^"\\])*"|\$\{[^}]*\}""", re.DOTALL)
PATTERN = re.compile(r"[\[\]*?#~^]")
HERE_DOCUMENT = re.compile(r"<<(\w+)\n.*?\n\1$", re.MULTILINE | re.DOTALL)
TEST = re.compile(r"\[ [^\]]* \]")
"""The command `[`, which both shells have."""


def blocks() -> list[tuple[str, str]]:
    return [
        (str(path.relative_to(ROOT)), block) for path in GUIDES for block in BLOCK.findall(path.read_text())
    ]


@pytest.mark.parametrize(("guide", "block"), blocks())
def test_nothing_outside_quotes_is_a_comment_or_a_pattern(guide: str, block: str) -> None:
    bare = TEST.sub("", QUOTED.sub("", HERE_DOCUMENT.sub("", block)))
    found = [line for line in bare.splitlines() if PATTERN.search(line.replace("$#", ""))]
    assert not found, guide


@pytest.mark.parametrize("shell", ["bash", "zsh"])
@pytest.mark.parametrize(("guide", "block"), blocks())
def test_the_shell_understands_it(shell: str, guide: str, block: str) -> None:
    program = shutil.which(shell)
    if program is None:
        pytest.skip(f"{shell} is not installed")
    checked = subprocess.run(
        [program, "-n"], input=block, capture_output=True, text=True, timeout=20, check=False
    )
    assert checked.returncode == 0, (guide, checked.stderr)
