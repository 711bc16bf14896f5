"""`docs/problems.md`: every problem code with its meaning, its statuses, what to do, and where the code raises it.

Meanings are written in `shared/httpkit/problems.toml`, which the services serve too; where a code stands is read from
the code.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

from deploy.local.settings import ROOT
from httpkit import catalogue

DOCUMENT: Final = ROOT / "docs" / "problems.md"
_RAISES: Final = frozenset(
    {"invalid", "conflict", "forbidden", "refusal", "unavailable", "Violation", "WrongValue", "_violation", "Notice"}
    | {"Unauthorized"}
)  # fmt: skip
"""The functions and classes whose texts of this form are codes."""
_NAMES_A_THING: Final = frozenset({"unknown", "not_found"})
_KITS: Final = "all services"

_HEAD: Final = """\
# Problem codes

Every refusal is a problem document (RFC 9457). Its `code` is stable and means the same in all services; its `type` is
the address of the entry below in the documentation of the service that answered, for example
`http://localhost:8001/problems/out-of-range`. `errors` names everything that is wrong, each with its own code and a
pointer. A code that begins with `unknown-` names the thing that does not exist; all of them share one entry.

Written by `make docs` from the catalogue that the services serve and from the code.
"""


def document() -> str:
    """The page of all problem codes in Markdown."""
    return "\n".join([_HEAD, *(line for group in catalogue.groups() for line in _group(group))])


def _group(group: catalogue.Group) -> Iterator[str]:
    yield f"## {group.title}\n"
    yield "| code | status | meaning | what to do | raised by |\n|---|---|---|---|---|"
    for code, entry in group.codes.items():
        shown = ", ".join(map(str, entry.status)) or "none"
        raised = ", ".join(sorted(raised_codes().get(code, ())))
        yield f'| <a id="{code}"></a>`{code}` | {shown} | {entry.means} | {entry.do} | {raised} |'
    yield ""


@cache
def raised_codes() -> dict[str, frozenset[str]]:
    """Code → who raises it; what a kit raises comes from all services."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for path in _sources():
        where = path.relative_to(ROOT).parts
        owner = where[1] if where[0] == "services" else _KITS
        for code in _codes(path):
            found[code].add(owner)
    return {code: frozenset(owners) for code, owners in found.items()}


def _sources() -> Iterator[Path]:
    yield from (ROOT / "shared").rglob("*.py")
    yield from (ROOT / "services").glob("*/src/**/*.py")


def _codes(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in _NAMES_A_THING and node.args and _is_code(node.args[0]):
            yield f"unknown-{_text(node.args[0])}"
        elif name in _RAISES:
            given = [*node.args[:2], *(k.value for k in node.keywords if k.arg == "code")]
            yield from (_text(each) for each in given if _is_code(each))


def _is_code(node: ast.expr) -> bool:
    text = _text(node)
    return text.replace("-", "").isalnum() and text == text.lower() and not text.startswith("-")


def _text(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
