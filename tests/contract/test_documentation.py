"""What the documents for people name exists: files, directories, functions (`file.py::name`), links, `make` targets."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.settings import ROOT

DOCUMENTS = sorted(
    path
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    if path.name != "rules.md"  # generated from files that exist
)
NAMED_PATH = re.compile(r"(?<![\w./-])((?:\w[\w-]*/)+[\w.-]*\w/?)")
NAMED_DEFINITION = re.compile(r"([\w/-]+\.py)::(\w+)")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")
TARGET = re.compile(r"`make (?:-s )?([a-z-]+)|^make ([a-z-]+)", re.MULTILINE)
CODE = re.compile(r"```.*?```|`([^`\n]+)`", re.DOTALL)
FILES = (".py", ".md", ".toml", ".json", ".sql", ".yml")
DIRECTORIES = frozenset({"services", "shared", "deploy", "tests", "docs", "scripts"})
PLACES = [ROOT, ROOT / "docs", ROOT / "shared", ROOT / "tests", *(ROOT / "services").glob("*/src")]
"""Where a short name such as `sales/domain/lines.py` starts."""
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def named_files(text: str) -> Iterator[str]:
    """Files and directories of the repository that code names; patterns and addresses are none."""
    for span in CODE.finditer(text):
        if span[1] is None:
            yield from (name for name in NAMED_PATH.findall(span[0]) if name.split("/")[0] in DIRECTORIES)
        elif not re.search(r"[<>*{}…$]|://|\s/", span[1]):
            for name in NAMED_PATH.findall(span[1]):
                if name.endswith(FILES) or name.split("/")[0] in DIRECTORIES:
                    yield name


def found(name: str) -> Path | None:
    """The file or directory of a short or a whole name."""
    return next((place / name for place in PLACES if (place / name).exists()), None)


def is_defined(name: str, file: str) -> bool:
    """Whether the file defines a function, a class or a constant of this name."""
    path = found(file)
    definition = rf"^\s*(?:(?:async )?def |class )?{name}\b(?:[(:\[]| =|: )"
    return path is not None and re.search(definition, path.read_text(), re.MULTILINE) is not None


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_document_names_exists(path: Path) -> None:
    text = path.read_text()
    missing = [name for name in named_files(text) if found(name) is None]
    missing += [
        f"{file}::{name}" for file, name in NAMED_DEFINITION.findall(text) if not is_defined(name, file)
    ]
    missing += [link for link in LINK.findall(text) if not (path.parent / link).exists()]
    missing += [f"make {a or b}" for a, b in TARGET.findall(text) if (a or b) not in TARGETS]
    assert missing == []
