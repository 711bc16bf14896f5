"""Operations: what they are called and who may use them."""

from __future__ import annotations

import re
from collections import Counter
from typing import Final

from tests.contract.findings.document import Document, Operation

READING: Final = frozenset({"get", "list", "search", "check"})
VERBS: Final = {
    "get": READING,
    "put": frozenset({"put"}),
    "patch": frozenset({"change"}),
    "delete": frozenset({"delete"}),
}
"""One word for one thing in all services. A POST is an act and is called what the field calls it."""
ACTS: Final = frozenset(
    {
        "accept", "add", "calculate", "cancel", "carry", "close", "confirm", "convert", "correct", "create", "discard",
        "distribute", "edit", "get", "hold", "issue", "make", "pick", "post", "reallocate", "redrive", "refuse",
        "register", "release", "reopen", "resolve", "resubmit", "return", "run", "send", "sign", "submit", "undo",
        "void",
    }
)  # fmt: skip
_SCOPE: Final = re.compile(r"^Scope: .*$", re.MULTILINE)
_PHRASE: Final = re.compile(r"[a-z]+(?:_[a-z]+)+")


def without_description(document: Document) -> list[str]:
    """The sentence about scopes is added to every operation and says nothing of what it does."""
    return [
        str(o) for o in document.operations() if not _SCOPE.sub("", o.content.get("description", "")).strip()
    ]


def ids_that_are_no_verb_phrase(document: Document) -> list[str]:
    return [f"{o}: {_id(o)}" for o in document.operations() if not _is_verb_phrase(o)]


def _is_verb_phrase(operation: Operation) -> bool:
    name = _id(operation)
    verbs = VERBS.get(operation.method, ACTS)
    return bool(_PHRASE.fullmatch(name)) and name.partition("_")[0] in verbs and "_v1_" not in name


def ids_used_twice(document: Document) -> list[str]:
    count = Counter(_id(o) for o in document.operations())
    return [f"{name}: {times} times" for name, times in count.items() if times > 1]


def without_described_tag(document: Document) -> list[str]:
    described = {tag["name"] for tag in document.content.get("tags", ()) if tag.get("description")}
    return [
        f"{o}: {', '.join(o.content.get('tags', ())) or 'no tag'}"
        for o in document.operations()
        if not o.content.get("tags") or not described.issuperset(o.content["tags"])
    ]


def incomplete_security(document: Document) -> list[str]:
    """Operations that any valid token may use name no scopes, and then never answer 403."""
    found = []
    for operation in document.operations():
        if not operation.secured:
            continue
        if "401" not in operation.responses:
            found.append(f"{operation}: 401 is not documented")
        if bool(operation.scopes) != ("403" in operation.responses):
            named = ", ".join(operation.scopes) or "none"
            documented = "is" if "403" in operation.responses else "is not"
            found.append(f"{operation}: scopes named: {named}, but 403 {documented} documented")
    return found


def _id(operation: Operation) -> str:
    return str(operation.content.get("operationId", ""))
