"""A real mail server (aiosmtpd) on a free port of this machine."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from functools import partial
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session


class MailServer:
    """Keeps what it takes; `refusing` is what it replies to every recipient instead of taking the mail."""

    def __init__(self) -> None:
        self.port = 0
        self.mails: list[EmailMessage] = []
        self.refusing = ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.refusing:
            return self.refusing
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content: Any = envelope.content
        mail = message_from_bytes(content, _class=EmailMessage, policy=policy.default)
        self.mails.append(mail)
        return "250 OK"

    @property
    def host(self) -> str:
        """Where it listens."""
        return "127.0.0.1"


@asynccontextmanager
async def mail_server() -> AsyncIterator[MailServer]:
    """A running mail server; it ends with the block."""
    server = MailServer()
    loop = asyncio.get_running_loop()
    listening = await loop.create_server(partial(SMTP, server, loop=loop), server.host, 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()
        await listening.wait_closed()


def attached_pdf(mail: EmailMessage) -> bytes:
    """The document of a mail."""
    (part,) = mail.iter_attachments()
    content: bytes = part.get_content()
    return content
