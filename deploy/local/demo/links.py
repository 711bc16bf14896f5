"""What the demo shows at its end: which sales line was linked to which purchase, in 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from deploy.local.demo.steps import Story

_HEAD = ("sales line", "item", "qty", "bought by", "vendor", "state", "shipped", "billed")
_METHODS = {"special_order": "special order", "drop_shipment": "drop shipment", "stock": "from stock"}


def linked_lines(stories: Iterable[Story]) -> Iterator[str]:
    """A paragraph per flow: what it is, its lines, its documents."""
    yield ""
    yield "What was linked to what"
    for story in stories:
        took = story.release_to_link_ms
        when = "" if took is None else f" (linked {took:.0f} ms after its release)"
        yield ""
        yield f"{story.title}{when}"
        yield _row(*_HEAD)
        for link in story.links:
            yield _row(
                f"{link['sales_order_no']}/{link['line_no']}",
                link["item_no"],
                link["quantity"],
                link["purchase_order_no"] or _METHODS.get(link["method"], link["method"]),
                link["vendor_no"],
                link["state"],
                link["shipped"],
                link["invoiced"],
            )
        yield from _documents(story)


def _row(*cells: Any) -> str:
    line, item, quantity, purchase, vendor, state, shipped, billed = (str(cell or "") for cell in cells)
    return (
        f"  {line:<14}{item:<8}{quantity:>4}  {purchase:<11}{vendor:<8}{state:<16}{shipped:>7}{billed:>7}"
    ).rstrip()


def _documents(story: Story) -> Iterator[str]:
    """Each document once, those that lines were linked to first; as many to a line as fit."""
    linked = [("purchase order", str(link["purchase_order_no"] or "")) for link in story.links]
    shown = [f"{kind} {no}" for kind, no in dict.fromkeys([*linked, *story.documents]) if no]
    line = " "
    for name in shown:
        if len(line) + len(name) > 77:  # noqa: PLR2004 - with blank and comma 80
            yield f"{line},"
            line = " "
        line += f" {name}" if line == " " else f", {name}"
    yield line
