"""Answers about batches: one result per transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from contracts.fields import Count, choice
from contracts.pos import ConfirmationNo
from contracts.refusals import Reason, Refusal, Violation
from httpkit import problems
from httpkit.schemas import REF
from pos_gateway.use_cases.take_batches import BatchResult


class BatchItemAnswer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of one transaction."""

    index: Annotated[Count, Meta(description="Its place in the batch, from 0.", examples=[0])]
    status: Annotated[
        str,
        choice("created", "duplicate", "failed", "conflict", "rejected"),
        Meta(description="Whether it is kept, and whether a person has to look at it.", examples=["created"]),
    ]
    confirmation_no: ConfirmationNo | None = None
    flags: Annotated[
        tuple[Annotated[str, choice("unverified", "clock_skew", "config_stale")], ...],
        Meta(description="What is strange about it.", examples=[["clock_skew"]]),
    ] = ()
    problem: Annotated[
        Annotated[msgspec.Raw, Meta(extra_json_schema={"$ref": REF.format(name="Problem")})] | None,
        Meta(description="The problem document, if something is wrong with it.", examples=[None]),
    ] = None


class BatchAnswer(msgspec.Struct, frozen=True):
    """The results in the order of the batch."""

    results: Annotated[tuple[BatchItemAnswer, ...], Meta(description="One result per transaction.")]


def present_batch(results: Sequence[BatchResult]) -> BatchAnswer:
    """The results of a batch, each with its place in it."""
    return BatchAnswer(tuple(_item(i, result) for i, result in enumerate(results)))


def status_of(results: Sequence[BatchResult]) -> int:
    """207 if the transactions ended differently."""
    return 200 if len({result.status for result in results}) == 1 else 207


def _item(index: int, result: BatchResult) -> BatchItemAnswer:
    return BatchItemAnswer(
        index=index,
        status=result.status,
        confirmation_no=result.confirmation_no,
        flags=result.flags,
        problem=_problem(result),
    )


def _problem(result: BatchResult) -> msgspec.Raw | None:
    refusal = result.refusal or _of_kept(result)
    if refusal is None:
        return None
    document = problems.document(problems.status_of(refusal), refusal.violations)
    return msgspec.Raw(msgspec.json.encode(document))


def _of_kept(result: BatchResult) -> Refusal | None:
    """Why an order or a return that is kept waits; of a repetition the first answer has said it."""
    kept = result.act or result.order
    if kept is None or not kept.errors or result.status == "duplicate":
        return None
    first, *others = (Violation(e.code, e.detail, e.pointer, reason=Reason.CONFLICT) for e in kept.errors)
    named = {"confirmation_no": kept.conflicts_with} if kept.conflicts_with else {}
    return Refusal(msgspec.structs.replace(first, members=named), *others)
