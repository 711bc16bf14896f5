"""Sending a printed document by e-mail: to which address, and why not (BC-DS-40, BC-SD-16)."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from contracts.fields import EmailAddress, choice
from contracts.refusals import Violations
from contracts.values import Model

EMAIL: Final = "email"
DOWNLOAD: Final = "download"


class Sending(Model, frozen=True, kw_only=True):
    """How a document goes to the customer or vendor."""

    method: Annotated[
        str,
        choice(EMAIL, DOWNLOAD),
        Meta(
            description="`email`: mailed as PDF; `download`: the caller passes the document on.",
            examples=["email"],
        ),
    ]
    to: Annotated[EmailAddress, Meta(description="Address; empty: the customer's or vendor's.")] = ""


def address_to_mail(
    sending: Sending | None, by_default: str, party: str, *, mail_is_configured: bool, at: str = ""
) -> str:
    """Where the mail goes; "" if nothing shall be mailed.

    Refused with `mail-not-configured` where no mail server is set, and with `email-required` where neither the request
    nor the party, such as `vendor V10`, has an address.
    """
    if sending is None or sending.method != EMAIL:
        return ""
    found = Violations()
    to = sending.to or by_default
    if not to:
        found.invalid("email-required", f"{party} has no e-mail address; name one", f"{at}/to")
    if not mail_is_configured:
        detail = "no mail server is set; download the document instead"
        found.conflict("mail-not-configured", detail, f"{at}/method")
    found.refuse_if_any()
    return to
