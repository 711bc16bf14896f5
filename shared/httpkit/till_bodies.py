"""Bodies of what tills send, what sets tills up, and what repairs it: looked through for card numbers first (B14).

    async def put_store(body: TillBody[StoreSettings], …)

Every route of the gateway that has a body takes it by one of these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from fastapi import Depends
from starlette.requests import Request

from domainkit.cards import may_hold_card_number, refuse_card_numbers
from httpkit import jsonbody
from httpkit.bodies import SMALL_BODY_BYTES, BodyReader

T = TypeVar("T")


class TillReader(BodyReader):
    """Reads what a till sends. With a card number in it it is refused for that alone: other reasons could repeat it."""

    async def __call__(self, request: Request) -> Any:
        """The struct; refused for a card number in the address too: what a PUT makes is named there."""
        refuse_card_numbers(request.path_params)
        return await super().__call__(request)

    def decode(self, body: bytes) -> Any:
        """The document; refused with all card numbers in it."""
        value = jsonbody.decode(body)
        # Escaped digits do not show in the raw bytes: such a body is always searched.
        if may_hold_card_number(body) or b"\\u" in body:
            refuse_card_numbers(value)
        return value


if TYPE_CHECKING:
    TillBody = Annotated[T, ...]
    SmallTillBody = Annotated[T, ...]
    OptionalTillBody = Annotated[T, ...]
else:

    class TillBody:
        """`TillBody[Model]`: a parameter that is the request's body."""

        def __class_getitem__(cls, model: type[Any]) -> Any:
            return Annotated[model, Depends(TillReader(model))]

    class SmallTillBody:
        """`SmallTillBody[Model]`: the same, of at most 4 KB."""

        def __class_getitem__(cls, model: type[Any]) -> Any:
            return Annotated[model, Depends(TillReader(model, max_bytes=SMALL_BODY_BYTES))]

    class OptionalTillBody:
        """`OptionalTillBody[Model]`: the same; the body may be left out."""

        def __class_getitem__(cls, model: type[Any]) -> Any:
            return Annotated[model, Depends(TillReader(model, optional=True))]
