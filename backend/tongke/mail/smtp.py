"""Letters by SMTP: ``smtp://`` with STARTTLS where the server offers it, ``smtps://`` with TLS from the start."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid, parseaddr
from ipaddress import ip_address
from urllib.parse import parse_qs, unquote, urlsplit

from tongke.config import SettingsError
from tongke.i18n import say
from tongke.mail.base import Letter, LetterRefused, MailUnavailable

PATIENCE_S = 15.0
_FOR_GOOD = 500


class SmtpMailer:
    """One connection for each letter: few are sent, and a kept connection would have to be watched."""

    def __init__(self, url: str, *, sender: str) -> None:
        parts = urlsplit(url)
        if not parts.hostname:
            raise SettingsError("TONGKE_MAIL_URL: smtp://user:password@host:port")
        if "@" not in parseaddr(sender)[1]:
            raise SettingsError("TONGKE_MAIL_SENDER: an address, or “name <address>”, is required with TONGKE_MAIL_URL")
        self._sender, self._host, self._is_tls = sender, parts.hostname, parts.scheme == "smtps"
        self._port = parts.port or (465 if self._is_tls else 587)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._trusted = ssl.create_default_context(cafile=parse_qs(parts.query).get("ca", [None])[0])

    def send(self, letter: Letter) -> None:
        """Hand one letter over."""
        with self._connection() as server:
            server.send_message(self._message(letter), to_addrs=[letter.to])

    def check(self) -> None:
        """Reach the server and sign in."""
        with self._connection() as server:
            server.noop()

    @contextmanager
    def _connection(self) -> Iterator[smtplib.SMTP]:
        try:
            with self._opened() as server:
                if self._user:
                    self._refuse_to_tell_everybody(server)
                    server.login(self._user, self._password)
                yield server
        except smtplib.SMTPRecipientsRefused as error:
            status, said = next(iter(error.recipients.values()))
            raise _told(status, said) from error
        except smtplib.SMTPAuthenticationError as error:
            # An operator puts this right, and then the letter goes: it is not the letter's fault.
            raise MailUnavailable(say("邮件服务器不接受这个用户名或密码。")) from error
        except smtplib.SMTPResponseException as error:
            raise _told(error.smtp_code, error.smtp_error) from error
        except (smtplib.SMTPException, OSError) as error:
            raise MailUnavailable(say("邮件服务器没有应答：{reason}", reason=type(error).__name__)) from error

    def _opened(self) -> smtplib.SMTP:
        if self._is_tls:
            return smtplib.SMTP_SSL(self._host, self._port, timeout=PATIENCE_S, context=self._trusted)
        server = smtplib.SMTP(self._host, self._port, timeout=PATIENCE_S)
        try:
            server.ehlo()
            if server.has_extn("starttls"):
                server.starttls(context=self._trusted)
                server.ehlo()
        except BaseException:
            server.close()
            raise
        return server

    def _refuse_to_tell_everybody(self, server: smtplib.SMTP) -> None:
        if isinstance(server.sock, ssl.SSLSocket) or _is_here(self._host):
            return
        raise MailUnavailable(say("邮件服务器不支持加密连接，密码不会明文发送。请改用 smtps:// 或别的服务器。"))

    def _message(self, letter: Letter) -> EmailMessage:
        message = EmailMessage()
        message["From"], message["To"] = self._sender, letter.to
        message["Subject"] = " ".join(letter.subject.split())  # a line break would begin a header of its own
        message["Date"] = formatdate()
        message["Message-ID"] = make_msgid(domain=parseaddr(self._sender)[1].rpartition("@")[2])
        message["Auto-Submitted"] = "auto-generated"
        if letter.unsubscribe_url:
            message["List-Unsubscribe"] = f"<{letter.unsubscribe_url}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(letter.text)
        if letter.html:
            message.add_alternative(letter.html, subtype="html")
        return message


def _told(status: int, said: bytes | str) -> MailUnavailable | LetterRefused:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    sentence = say("邮件服务器回答：{status} {words}", status=status, words=words[:200])
    return LetterRefused(sentence) if status >= _FOR_GOOD else MailUnavailable(sentence)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
