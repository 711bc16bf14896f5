"""Bodies of what tills send, or what repairs it: looked through for card numbers before anything else (B14)."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request

from domainkit.cards import may_hold_card_number, refuse_card_numbers
from httpkit import jsonbody
from httpkit.bodies import BodyReader


class TillReader(BodyReader):
    """Reads what a till sends. With a card number in it it is refused for that alone: other reasons could repeat it."""

    async def __call__(self, request: Request) -> Any:
        """The struct; refused with all card numbers in it, else with everything that is wrong."""
        body = await request.body()
        # Escaped digits do not show in the raw bytes: such a body is always decoded.
        if may_hold_card_number(body) or b"\\u" in body:
            refuse_card_numbers(jsonbody.decode(body))
        return await super().__call__(request)
