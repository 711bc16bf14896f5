"""Purchase orders leave the house: as a page, as a file, by e-mail through a real mail server (BC-DS-40)."""

from __future__ import annotations

import pytest

from mailkit.sending import send_due
from mailkit.settings import MailingSettings
from tests.integration.purchasing.rig import Purchasing
from tests.integration.purchasing.test_drop_shipments import bought
from tests.support.mail import MailServer, attached_pdf
from tests.support.pdf import pages_of
from tests.unit.purchasing import examples as x

TO = "orders@compass.example"


async def order(purchasing: Purchasing) -> str:
    made = await purchasing.post(
        "/purchase-orders", {"vendor_no": "V10", "lines": [{"item_no": "1100", "quantity": "2"}]}
    )
    no: str = made["no"]
    return no


def settings_of(purchasing: Purchasing) -> MailingSettings:
    settings = purchasing.service.settings
    assert isinstance(settings, MailingSettings)
    return settings


async def deliver_mails(purchasing: Purchasing) -> int:
    return await send_due(purchasing.database, settings_of(purchasing))


async def make_due(purchasing: Purchasing) -> None:
    """What waits for its next attempt is due now."""
    await purchasing.sql("UPDATE mail SET next_try_at = now() - interval '1 s'")


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/pdf", "application/pdf"),
        ("text/html", "text/html; charset=utf-8"),
        ("text/html;q=0.9, application/xhtml+xml, */*;q=0.1", "text/html; charset=utf-8"),
        ("application/xml", "application/xml"),
        ("*/*", "application/pdf"),
    ],
)
async def test_the_caller_chooses_the_format(purchasing: Purchasing, accept: str, content_type: str) -> None:
    no = await order(purchasing)
    answer = await purchasing.send("GET", f"/purchase-orders/{no}/document", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert f"{no}." in answer.headers["content-disposition"]


async def test_a_format_that_is_not_offered_is_refused(purchasing: Purchasing) -> None:
    no = await order(purchasing)
    headers = {"Accept": "image/png, application/pdf;q=0"}
    refused = await purchasing.refused("GET", f"/purchase-orders/{no}/document", headers=headers)
    assert refused == (406, ["not-acceptable"])
    assert (await purchasing.refused("GET", "/purchase-orders/NONE/document"))[0] == 404


async def test_a_sent_order_arrives_as_pdf_with_its_revision(
    purchasing: Purchasing, mailing: MailServer
) -> None:
    no = await order(purchasing)
    sent = await purchasing.post(f"/purchase-orders/{no}/send", {"method": "email", "to": TO})
    assert (sent["status"], sent["sent_to"], sent["revision"]) == ("released", TO, 1)
    assert sent["sent_version"] == sent["version"]
    assert await deliver_mails(purchasing) == 1
    (mail,) = mailing.mails
    assert (mail["To"], mail["Subject"]) == (TO, f"Purchase order {no}, revision 1")
    assert f"Purchase order {no}" in pages_of(attached_pdf(mail))[0]
    (listed,) = (await purchasing.get("/mails", no=no))["items"]
    assert (listed["status"], listed["attempts"], listed["queued_by"]) == ("sent", 1, "tester")
    assert await deliver_mails(purchasing) == 0


async def test_a_change_after_sending_shows_until_it_is_sent_again(
    purchasing: Purchasing, mailing: MailServer
) -> None:
    no = await order(purchasing)
    await purchasing.post(f"/purchase-orders/{no}/send", {"method": "download"})
    await purchasing.post(f"/purchase-orders/{no}/reopen")
    changed = await purchasing.patch(f"/purchase-orders/{no}/lines/10000", {"quantity": "3"})
    assert (changed["revision"], changed["changed_since_sent"]) == (2, True)
    again = await purchasing.post(f"/purchase-orders/{no}/send", {"method": "email", "to": TO})
    assert (again["revision"], again["changed_since_sent"]) == (2, False)
    await deliver_mails(purchasing)
    assert mailing.mails[-1]["Subject"] == f"Purchase order {no}, revision 2"


async def test_a_mail_that_is_not_taken_is_tried_again_and_shown(
    purchasing: Purchasing, mailing: MailServer
) -> None:
    no = await order(purchasing)
    await purchasing.post(f"/purchase-orders/{no}/send", {"method": "email", "to": TO})
    mailing.refusing = "450 mailbox busy"
    assert await deliver_mails(purchasing) == 1
    assert await deliver_mails(purchasing) == 0, "it waits before the next attempt"
    (listed,) = (await purchasing.get("/mails", status="queued"))["items"]
    assert "mailbox busy" in listed["error"]
    mailing.refusing = ""
    await make_due(purchasing)
    await deliver_mails(purchasing)
    (listed,) = (await purchasing.get("/mails", no=no))["items"]
    assert (listed["status"], listed["attempts"], listed["error"]) == ("sent", 2, "")


async def test_a_mail_that_is_refused_for_good_is_given_up_and_shown(
    purchasing: Purchasing, mailing: MailServer
) -> None:
    no = await order(purchasing)
    await purchasing.post(f"/purchase-orders/{no}/send", {"method": "email", "to": TO})
    mailing.refusing = "550 no such user"
    await deliver_mails(purchasing)
    (listed,) = (await purchasing.get("/mails", status="failed"))["items"]
    assert "no such user" in listed["error"]


async def test_a_mail_that_a_crash_left_is_sent_again_under_the_same_id(
    purchasing: Purchasing, mailing: MailServer
) -> None:
    """The process dies between the mail server's answer and the commit: the row still waits."""
    no = await order(purchasing)
    await purchasing.post(f"/purchase-orders/{no}/send", {"method": "email", "to": TO})
    await deliver_mails(purchasing)
    await purchasing.sql("UPDATE mail SET status = 'queued', sent_at = NULL")
    await make_due(purchasing)
    await deliver_mails(purchasing)
    first, second = mailing.mails
    assert first["Message-ID"] == second["Message-ID"]


async def test_bad_sendings_are_refused(purchasing: Purchasing) -> None:
    no = await order(purchasing)
    path = f"/purchase-orders/{no}/send"
    assert await purchasing.refused("POST", path, {"method": "fax"}) == (422, ["not-allowed"])
    assert await purchasing.refused("POST", path, {"method": "email"}) == (422, ["email-required"])
    assert (await purchasing.refused("POST", path, {"method": "email", "to": "a@b, c@d"}))[0] == 422
    assert (await purchasing.refused("POST", "/purchase-orders/NONE/send", {"method": "download"}))[0] == 404
    empty = (await purchasing.post("/purchase-orders", {"vendor_no": "V10"}))["no"]
    refused = await purchasing.refused("POST", f"/purchase-orders/{empty}/send", {"method": "download"})
    assert refused == (409, ["nothing-to-release"])


async def test_bc_ds_31_an_order_for_a_customer_and_our_stock_is_not_printed(purchasing: Purchasing) -> None:
    await bought(purchasing)
    await purchasing.post("/purchase-orders/P-1001/lines", {"item_no": "1100", "quantity": 1})
    for method, path, body in (("GET", "document", None), ("POST", "send", {"method": "download"})):
        refused = await purchasing.refused(method, f"/purchase-orders/P-1001/{path}", body)
        assert refused == (409, ["mixed-drop-shipment"])


async def test_the_company_stands_on_the_paper(purchasing: Purchasing) -> None:
    """BC-DS-40: who orders, as purchasing knows from its copy."""
    no = await order(purchasing)
    answer = await purchasing.send("GET", f"/purchase-orders/{no}/document", headers={"Accept": "text/html"})
    assert x.COMPANY.name in answer.text
