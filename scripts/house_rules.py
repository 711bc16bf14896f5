"""Rules of the house that no linter knows, checked over the syntax trees: `python scripts/house_rules.py`.

- `domain/` and `domainkit/` know no HTTP: no status of an error stands there.
- `use_cases/` begin and commit no transactions: whoever calls them does (the command runner, the consumer, a job).
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
ERROR_STATUSES: Final = frozenset(
    {400, 401, 403, 404, 405, 409, 410, 412, 413, 415, 422, 428, 429, 500, 502, 503}
)
HTTP_WORDS: Final = frozenset({"status_code", "HTTPException", "Response", "status_of"})
TRANSACTION_VERBS: Final = frozenset({"begin", "read", "commit", "rollback"})
DATABASE_NAMES: Final = frozenset({"db", "database", "_database", "_db"})

Check = Callable[[ast.AST], Iterator[tuple[int, str]]]


def http_in_the_domain(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Statuses of errors, and names of HTTP's types."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and type(node.value) is int and node.value in ERROR_STATUSES:
            yield node.lineno, f"{node.value} looks like an HTTP status: a refusal has a reason"
        elif isinstance(node, ast.Name | ast.Attribute):
            name = node.id if isinstance(node, ast.Name) else node.attr
            if name in HTTP_WORDS:
                yield node.lineno, f"{name} belongs to HTTP"


def transactions_in_use_cases(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Calls such as `database.begin()`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        owner = node.func.value
        name = (
            owner.attr
            if isinstance(owner, ast.Attribute)
            else owner.id
            if isinstance(owner, ast.Name)
            else ""
        )
        if node.func.attr in TRANSACTION_VERBS and name in DATABASE_NAMES:
            yield node.lineno, f"{name}.{node.func.attr}(): transactions belong to the caller, or to a job"


RULES: Final[tuple[tuple[str, Check], ...]] = (
    ("services/*/src/*/domain", http_in_the_domain),
    ("shared/domainkit", http_in_the_domain),
    ("services/*/src/*/use_cases", transactions_in_use_cases),
)


def findings(root: Path = ROOT) -> list[str]:
    """Everything that breaks a rule, as `file:line: why`."""
    found = []
    for pattern, check in RULES:
        for folder in sorted(root.glob(pattern)):
            for file in sorted(folder.rglob("*.py")):
                tree = ast.parse(file.read_text())
                found += [f"{file.relative_to(root)}:{line}: {why}" for line, why in check(tree)]
    return found


if __name__ == "__main__":
    broken = findings()
    sys.stdout.write("".join(f"{line}\n" for line in broken) or "no rule of the house is broken\n")
    sys.exit(bool(broken))
