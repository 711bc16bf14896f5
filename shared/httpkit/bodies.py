"""Structs as bodies and as query parameters of routes.

    async def create_vendor(body: Body[NewVendor], …)
    async def list_vendors(page: Filters[VendorFilters], …)

They are dependencies, so they are read after the token was checked: the body of an unknown caller is not read at all.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Final, TypeVar

from fastapi import Depends
from msgspec import inspect
from msgspec.structs import replace
from starlette.datastructures import QueryParams
from starlette.requests import Request

from contracts.refusals import Refusal, Violation, invalid
from httpkit import jsonbody, mentions, problems
from httpkit.pointers import pointer
from httpkit.reader import read
from recordkit.kinds import RecordKinds

T = TypeVar("T")

_TIMES: Final = frozenset({"created_at", "updated_at"})
_PLUS_READ_AS_SPACE: Final = re.compile(r" (?=\d{2}:\d{2}$)")
"""In a URL "+" means a space; people write offsets of times with it all the same."""


SMALL_BODY_BYTES: Final = 4096


class BodyReader:
    """Reads a struct from the request's body.

    `optional`: an empty body is a struct of defaults. `max_bytes`: less than what the edge takes (413).
    """

    def __init__(self, model: type[Any], *, optional: bool = False, max_bytes: int | None = None) -> None:
        self.model = model
        self.optional = optional
        self.max_bytes = max_bytes

    async def __call__(self, request: Request) -> Any:
        """The struct; raises a refusal with all violations of the body."""
        body = await (request.body() if self.max_bytes is None else _bounded(request, self.max_bytes))
        if not body:
            if self.optional:
                return self.model()
            raise invalid("required", "the request needs a body")
        value = _written_back(request, self.decode(body))
        try:
            return read(self.model, value)
        except Refusal as refusal:
            # Only now, so that a body of right shape costs no look at the database before its act.
            raise Refusal(*refusal.violations, *await self._unknown(request, value)) from None

    def decode(self, body: bytes) -> Any:
        """The document that the bytes are; malformed JSON is refused (400)."""
        return jsonbody.decode(body)

    async def _unknown(self, request: Request, value: Any) -> tuple[Violation, ...]:
        kinds: RecordKinds | None = request.app.state.records
        if kinds is None:
            return ()
        return await mentions.unknown(request.app.state.commands.database, kinds, self.model, value)


async def _bounded(request: Request, max_bytes: int) -> bytes:
    """The body; a larger one is refused as soon as that is seen, the rest of it is not read."""
    announced = request.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced[:20]) > max_bytes:
        raise problems.too_large(max_bytes)
    parts: list[bytes] = []
    size = 0
    async for part in request.stream():
        size += len(part)
        if size > max_bytes:
            raise problems.too_large(max_bytes)
        parts.append(part)
    return b"".join(parts)


class SnapshotReader(BodyReader):
    """Reads a struct of the contracts, as another service sends it: a newer one may send members not known here."""

    def __init__(self, model: type[Any]) -> None:
        super().__init__(model)
        self._type = inspect.type_info(model)

    async def __call__(self, request: Request) -> Any:
        """The struct; raises a refusal with all violations of the members that are known here."""
        value = jsonbody.decode(await request.body())
        return read(self.model, _without_unknown(self._type, value))


def _is_list(type_: inspect.Type) -> bool:
    return isinstance(type_.type if isinstance(type_, inspect.Metadata) else type_, inspect.VarTupleType)


def _without_unknown(type_: inspect.Type, value: Any) -> Any:
    """The value without members that its type does not know, also inside."""
    if isinstance(type_, inspect.Metadata):
        return _without_unknown(type_.type, value)
    if isinstance(type_, inspect.UnionType):
        kinds = [t for t in type_.types if not isinstance(t, inspect.NoneType)]
        return _without_unknown(kinds[0], value) if len(kinds) == 1 else value
    if isinstance(type_, inspect.VarTupleType | inspect.ListType) and isinstance(value, list):
        if type_.max_length is not None and len(value) > type_.max_length:
            return value  # is refused for its length, without a look at its members
        return [_without_unknown(type_.item_type, member) for member in value]
    if isinstance(type_, inspect.StructType) and isinstance(value, dict):
        members = ((f.encode_name, f.type) for f in type_.fields if f.encode_name in value)
        return {name: _without_unknown(member, value[name]) for name, member in members}
    return value


def _written_back(request: Request, value: Any) -> Any:
    """A PUT may send what GET answered: the times are the service's own, and are left out."""
    if request.method == "PUT" and isinstance(value, dict):
        return {name: member for name, member in value.items() if name not in _TIMES}
    return value


_COMMA: Final = re.compile(r"(?<!\\),")


class FilterReader:
    """Reads a struct from the query parameters. Unknown ones are refused: a misspelt filter would filter nothing.

    A parameter of several values takes them separated by commas or repeated; a backslash before a comma keeps it.
    """

    def __init__(self, model: type[Any]) -> None:
        self.model = model
        fields = inspect.type_info(model).fields  # type: ignore[attr-defined] # filters are structs
        self._several = frozenset(f.encode_name for f in fields if _is_list(f.type))

    def _given(self, parameters: QueryParams) -> dict[str, Any]:
        given: dict[str, Any] = {}
        repeated = []
        for name, value in parameters.multi_items():
            if name in self._several:
                values = [part.replace("\\,", ",") for part in _COMMA.split(value)] if value else []
                given[name] = [*given.get(name, ()), *values]
            elif name in given:
                repeated.append(name)
            else:
                given[name] = _PLUS_READ_AS_SPACE.sub("+", value)
        if repeated:
            names = dict.fromkeys(repeated)
            raise Refusal(
                *(Violation("repeated-field", f"{n} stands here twice", pointer([n])) for n in names)
            )
        return given

    async def __call__(self, request: Request) -> Any:
        """The struct; raises a refusal with all violations of the parameters."""
        try:
            return read(self.model, self._given(request.query_params), from_text=True)
        except Refusal as refusal:
            # In a query the name alone says where.
            in_query = (
                replace(v, detail=v.detail.removeprefix("/"), members={**v.members, "in": "query"})
                for v in refusal.violations
            )
            raise Refusal(*in_query) from None


def body_of(model: type[Any]) -> Any:
    """`Body[model]` where several routes are made by one function, which is given the model."""
    return Annotated[Any, Depends(BodyReader(model))]


def filters_of(model: type[Any]) -> Any:
    """`Filters[model]` in the same way."""
    return Annotated[Any, Depends(FilterReader(model))]


if TYPE_CHECKING:
    Body = Annotated[T, ...]
    OptionalBody = Annotated[T, ...]
    SnapshotBody = Annotated[T, ...]
    Filters = Annotated[T, ...]
else:

    class Body:
        """`Body[Model]`: a parameter that is the request's body."""

        def __class_getitem__(cls, model: type[Any]) -> Any:
            return Annotated[model, Depends(BodyReader(model))]

    class OptionalBody:
        """`OptionalBody[Model]`: the same; the body may be left out."""

        def __class_getitem__(cls, model: type[Any]) -> Any:
            return Annotated[model, Depends(BodyReader(model, optional=True))]

    class SnapshotBody:
        """`SnapshotBody[Model]`: a body that is a struct of the contracts, sent by another service."""

        def __class_getitem__(cls, model: type[Any]) -> Any:
            return Annotated[model, Depends(SnapshotReader(model))]

    class Filters:
        """`Filters[Model]`: a parameter that holds all query parameters."""

        def __class_getitem__(cls, model: type[Any]) -> Any:
            return Annotated[model, Depends(FilterReader(model))]
