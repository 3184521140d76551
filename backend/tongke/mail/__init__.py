"""Letters to people: a protocol of one method, an adapter for SMTP, and an outbox in the job table."""

from __future__ import annotations

from urllib.parse import urlsplit

from tongke.config import Settings, SettingsError
from tongke.mail.base import Mailer


def open_mail(settings: Settings) -> Mailer | None:
    """The mailer that ``TONGKE_MAIL_URL`` names; None where no letter can be sent."""
    if not settings.mail_url:
        return None
    match urlsplit(settings.mail_url).scheme:
        case "smtp" | "smtps":
            from tongke.mail.smtp import SmtpMailer  # slow import: smtplib and ssl, wanted where letters are sent

            return SmtpMailer(settings.mail_url, sender=settings.mail_sender)
        case other:
            raise SettingsError(f"TONGKE_MAIL_URL: {other} is neither smtp nor smtps")
