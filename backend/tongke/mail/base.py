"""What can be sent, and what a mailer must do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tongke.errors import TongkeError, Unavailable
from tongke.i18n import say


@dataclass(frozen=True, slots=True)
class Letter:
    """One message to one person, in the reader's language already; ``html`` stands beside ``text``, never alone.

    ``unsubscribe_url`` becomes a one-click List-Unsubscribe header: for digests, not for what was asked for.
    """

    to: str
    subject: str
    text: str
    html: str = ""
    unsubscribe_url: str = ""


class Mailer(Protocol):
    """Hands letters to a mail server."""

    def send(self, letter: Letter) -> None:
        """Return when the server took the letter; raises ``MailUnavailable`` or ``LetterRefused``."""

    def check(self) -> None:
        """Reach the server and sign in, sending nothing; raises ``MailUnavailable``."""


class MailUnavailable(Unavailable):
    """The mail server does not answer or asks to come back later."""

    code = "mail-unavailable"


class LetterRefused(TongkeError):
    """The server will never take this letter: the address does not exist, or we may not write to it."""

    status, code, title = 422, "letter-refused", say("邮件被拒收")


def is_address(text: str) -> bool:
    """Whether ``text`` is an e-mail address rather than a school-issued name; no line break can hide in it."""
    name, at, domain = text.partition("@")
    return bool(at and name and "." in domain and text.isprintable() and not any(c in text for c in " <>,;\"'"))
