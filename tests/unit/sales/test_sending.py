"""Post and send: where the mail of a posted document goes."""

from __future__ import annotations

from typing import Any

import pytest

from contracts.refusals import Refusal
from contracts.sales.masters import Customer
from domainkit.sending import Sending
from sales.domain.posting.commands import PostingOptions, PostOrder
from sales.domain.posting.sending import address_of
from tests.unit.sales import samples as x

ORDER = x.made(x.sold("STOCK"))
WITH_ADDRESS = x.references(C1=Customer(version=1, no="C1", name="Anna", email="anna@example.com"))


def address(send: Sending | None, *, found: Any = WITH_ADDRESS, configured: bool = True) -> str:
    command = PostOrder("S-1", PostingOptions(send=send), mail_is_configured=configured)
    return address_of(ORDER, command, found)


def test_bc_sd_16_a_mail_goes_to_the_address_that_is_named_else_to_the_customers() -> None:
    assert address(Sending(method="email")) == "anna@example.com"
    assert address(Sending(method="email", to="cy@example.com")) == "cy@example.com"
    assert address(Sending(method="download")) == ""
    assert address(None) == ""


@pytest.mark.parametrize(
    ("found", "configured", "codes"),
    [
        (x.REFERENCES, True, ["email-required"]),
        (WITH_ADDRESS, False, ["mail-not-configured"]),
        (x.REFERENCES, False, ["email-required", "mail-not-configured"]),
    ],
)
def test_bc_sd_16_nothing_is_posted_that_cannot_be_mailed(
    *, found: Any, configured: bool, codes: list[str]
) -> None:
    with pytest.raises(Refusal) as refused:
        address(Sending(method="email"), found=found, configured=configured)
    assert [violation.code for violation in refused.value.violations] == codes
    assert refused.value.violations[0].pointer.startswith("/send/")
