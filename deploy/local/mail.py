"""The stack's mail server: it takes every mail and keeps it as a file, and delivers none."""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress
from typing import Final

from deploy.local.children import Program
from deploy.local.settings import StackSettings

NAME: Final = "mail"


def program(settings: StackSettings) -> Program:
    """Aiosmtpd with its own mailbox: a file per mail in `mails/new` of the data directory."""

    async def ready() -> bool:
        with suppress(OSError):
            _, writer = await asyncio.open_connection(settings.host, settings.smtp_port)
            writer.close()
            await writer.wait_closed()
            return True
        return False

    listen = f"{settings.host}:{settings.smtp_port}"
    mailbox = ("--class", "aiosmtpd.handlers.Mailbox", str(settings.data_dir / "mails"))
    return Program(
        name=NAME,
        command=(sys.executable, "-m", "aiosmtpd", "--nosetuid", "--listen", listen, *mailbox),
        log=settings.logs / f"{NAME}.log",
        ready=ready,
        directory=settings.data_dir,
    )
