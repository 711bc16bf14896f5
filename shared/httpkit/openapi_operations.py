"""One operation of the API document: its headers, parameters and problems, from what its route depends on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext

from httpkit import acts, problem_schema, reads, schemas
from httpkit.auth import Requires
from httpkit.bodies import BodyReader, FilterReader
from httpkit.papers import Formats

REFUSES: Final = "x-koppel-refuses"

_KEYED: Final = frozenset(
    {
        acts.create_act,
        acts.document_act,
        acts.operation_act,
        acts.rehearsable_act,
        acts.exact_act,
        acts.rehearsable_create_act,
        acts.rehearsable_operation_act,
        acts.patch_act,
        acts.patch_operation_act,
    }
)
_VERSIONED: Final = frozenset(
    {
        acts.change_act,
        acts.patch_act,
        acts.patch_operation_act,
        acts.document_act,
        acts.operation_act,
        acts.rehearsable_act,
        acts.exact_act,
        acts.rehearsable_operation_act,
    }
)
_ACTS: Final = _KEYED | _VERSIONED | {acts.unversioned_act}
_READS: Final = frozenset({reads.read_one, reads.read_many})


class DocumentedOperation:
    """One operation of the document, completed from its route's dependencies."""

    def __init__(self, operation: dict[str, Any], route: RouteContext, method: str) -> None:
        self._operation = operation
        self._route = route
        self._method = method
        self._calls = list(calls_of(route.dependant))
        self._responses: dict[str, Any] = operation["responses"]

    def complete(self) -> None:
        # Before markers are removed: `_refused` reads them.
        refused = self._refused()
        for status in list(self._responses):
            if REFUSES in self._responses[status] or (status == "422" and 422 not in refused):  # noqa: PLR2004
                del self._responses[status]
        self._add_success_headers()
        for refusal in sorted(refused):
            self._responses[str(refusal)] = problem_schema.response(refusal)
        self._add_parameters()
        self._add_security()

    def _has(self, kinds: Any) -> bool:
        return any(
            call in kinds for call in self._calls if callable(call) and not isinstance(call, _READER_TYPES)
        )

    def _requires(self) -> list[Requires]:
        return [call for call in self._calls if isinstance(call, Requires)]

    def _refused(self) -> set[int]:
        """The statuses by which this operation can refuse."""
        named = {int(s) for s, response in self._responses.items() if REFUSES in response}
        has_body = any(isinstance(call, BodyReader) for call in self._calls)
        reads_filters = any(isinstance(call, FilterReader) for call in self._calls)
        found = set(named)
        if self._requires():
            found |= {401, 429, 503}  # too many requests of the caller; the issuer's keys cannot be read
        if any(require.scopes for require in self._requires()):
            found |= {403}
        if has_body:
            found |= {400, 413, 415, 422}
        if self._has(_KEYED):
            found |= {400, 409, 422}  # the key is unusable, in use, or was used for another body
        found |= self._refused_for_version()
        if any(isinstance(call, Formats) for call in self._calls):
            found |= {406}
        if self._has(_ACTS) or self._has(_READS):
            found |= {400, 503}  # a malformed header; copies or the database are not there in time
        if reads_filters or self._route.param_convertors:
            found |= {422}
        # A resource of which there is one is always there, unless its route says otherwise.
        if self._route.param_convertors and (
            self._has({reads.read_one}) or self._method in {"PATCH", "DELETE"}
        ):
            found |= {404}
        return found

    def _refused_for_version(self) -> set[int]:
        if self._has({acts.exact_act}):
            return {412, 428}
        return {412} if self._has(_VERSIONED) else set()

    def _add_success_headers(self) -> None:
        for status, response in self._responses.items():
            headers = response.setdefault("headers", {}) if status.startswith("2") else {}
            if self._has(_KEYED | _VERSIONED) and self._method != "GET":
                headers["Koppel-Seen"] = problem_schema.HEADERS["Koppel-Seen"]
            if self._has(_KEYED):
                headers["Idempotency-Replayed"] = problem_schema.HEADERS["Idempotency-Replayed"]
            if status in {"201", "202"}:
                headers["Location"] = problem_schema.HEADERS["Location"]
            if status in {"200", "201", "204"} and self._has({reads.read_one} | _KEYED | _VERSIONED):
                headers["ETag"] = problem_schema.HEADERS["ETag"]
            if self._has(_ACTS) or self._has(_READS):
                headers["Koppel-Parked"] = problem_schema.HEADERS["Koppel-Parked"]
            if _is_page(response):
                headers["Link"] = problem_schema.HEADERS["Link"]
            if not headers:
                response.pop("headers", None)
        if self._has({reads.read_one}):
            self._responses["304"] = {
                "description": "Not modified: the caller has this version",
                "headers": {"ETag": problem_schema.HEADERS["ETag"]},
            }

    def _add_parameters(self) -> None:
        filters = [call for call in self._calls if isinstance(call, FilterReader)]
        found = [parameter for reader in filters for parameter in schemas.parameters_of(reader.model)]
        if found:
            self._operation.setdefault("parameters", []).extend(found)

    def _add_security(self) -> None:
        scopes = sorted({scope for require in self._requires() for scope in require.scopes})
        # An open route says so: tools take a missing `security` for a mistake.
        self._operation["security"] = [{"bearer": scopes}] if self._requires() else []
        if scopes:
            needed = " or ".join(f"`{scope}`" for scope in scopes)
            text = self._operation.get("description", "")
            self._operation["description"] = f"{text}\n\nScope: {needed}.".lstrip()


_READER_TYPES: Final = (BodyReader, FilterReader, Requires)


def calls_of(dependant: Dependant) -> Iterator[Any]:
    """What a route depends on, directly or through others."""
    for inner in dependant.dependencies:
        yield inner.call
        yield from calls_of(inner)


def _is_page(response: dict[str, Any]) -> bool:
    schema = response.get("content", {}).get("application/json", {}).get("schema", {})
    return "next_cursor" in schema.get("properties", {})
