"""Settings of services that send mail."""

from __future__ import annotations

from typing import Literal

from pydantic import SecretStr

from servicekit.settings import ServiceSettings


class MailingSettings(ServiceSettings):
    """Where mail is handed over. Without a host nothing can be mailed (409 `mail-not-configured`)."""

    smtp_host: str = ""
    """The company's mail server."""
    smtp_port: int = 25
    """Its port."""
    smtp_security: Literal["none", "starttls", "tls"] = "none"
    """How the connection is secured: not at all, after the greeting, from the start."""
    smtp_user: str = ""
    """Name to sign on with; without one there is no sign-on."""
    smtp_password: SecretStr = SecretStr("")
    """Password of that name."""
    mail_from: str = ""
    """Address of the sender; without one `koppel@` and the host's name."""
    mail_interval_s: float = 2.0
    """How often the queue is looked at; 0: never."""

    @property
    def mail_is_configured(self) -> bool:
        """Whether there is a mail server."""
        return bool(self.smtp_host)

    @property
    def sender(self) -> str:
        """The address that mails are sent from."""
        return self.mail_from or f"koppel@{self.smtp_host}"
