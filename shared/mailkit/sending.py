"""The job that hands queued mails to the company's mail server."""

from __future__ import annotations

from email.message import EmailMessage
from typing import Final

import aiosmtplib
import structlog
from prometheus_client import Counter

from eventkit.transaction import Database
from mailkit import mails
from mailkit.mails import DueMail
from mailkit.settings import MailingSettings
from paperkit.rendering import pdf_of
from servicekit.jobs import Job

BATCH_MAILS: Final = 10
TIMEOUT_S: Final = 30.0
PERMANENT_FROM: Final = 500
"""Replies of a mail server from here on refuse for good (RFC 5321, 4.2.1)."""
ATTEMPTS: Final = Counter("koppel_mail_attempts_total", "Mails tried, by outcome", ["outcome"])
_log = structlog.get_logger(__name__)


def send_mails(settings: MailingSettings) -> Job:
    """The job of a service that mails documents. Without a mail server it does not run."""

    async def run(database: Database) -> None:
        while await send_due(database, settings) == BATCH_MAILS:
            pass

    return Job("send-mails", run, settings.mail_interval_s if settings.mail_is_configured else 0)


async def send_due(database: Database, settings: MailingSettings) -> int:
    """Try the mails that are due; how many there were.

    A mail is sent at least once: a crash between the server's answer and the commit sends it again, under the same
    Message-ID, by which mail programs recognise it.
    """
    async with database.begin() as tx:
        due = await mails.take(tx, BATCH_MAILS)
    for mail in due:
        await _try(database, settings, mail)
    return len(due)


async def _try(database: Database, settings: MailingSettings, mail: DueMail) -> None:
    try:
        await _hand_over(settings, await message_of(mail, settings.sender))
    except (aiosmtplib.SMTPException, OSError, ValueError) as error:
        given_up = _is_final(error) or mail.attempts >= mails.ATTEMPTS_MAX
        async with database.begin() as tx:
            await mails.mark_tried(tx, mail.id, str(error)[:1000], given_up=given_up)
        ATTEMPTS.labels("failed" if given_up else "postponed").inc()
        _log.warning(
            "a mail was not taken",
            document=mail.no,
            attempts=mail.attempts,
            error=str(error),
            given_up=given_up,
        )
    else:
        async with database.begin() as tx:
            await mails.mark_sent(tx, mail.id)
        ATTEMPTS.labels("sent").inc()


async def message_of(mail: DueMail, sender: str) -> EmailMessage:
    """The mail with the document as PDF; ValueError if an address cannot stand in a header."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.recipient
    message["Subject"] = mail.subject
    message["Message-ID"] = f"<{mail.id}@koppel>"
    message.set_content(f"{mail.subject}: the document is attached.\n")
    message.add_attachment(
        await pdf_of(mail.paper),
        maintype="application",
        subtype="pdf",
        filename=f"{mail.no.replace('/', '-')}.pdf",
    )
    return message


async def _hand_over(settings: MailingSettings, message: EmailMessage) -> None:
    await aiosmtplib.send(
        message,
        hostname=settings.smtp_host,
        port=settings.smtp_port,
        username=settings.smtp_user or None,
        password=settings.smtp_password.get_secret_value() or None,
        use_tls=settings.smtp_security == "tls",
        start_tls=settings.smtp_security == "starttls",
        timeout=TIMEOUT_S,
    )


def _is_final(error: Exception) -> bool:
    """Whether another attempt would end the same way."""
    if isinstance(error, aiosmtplib.SMTPRecipientsRefused):
        return all(_is_final(each) for each in error.recipients)
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return False  # a wrong password is mended in the settings
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return error.code >= PERMANENT_FROM
    return isinstance(error, ValueError)
