"""When the certificate of our own address ends: asked in the background, so that no page waits for it."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from datetime import UTC, datetime
from urllib.parse import urlsplit

_PATIENCE_S = 3.0
_KEPT_S = 6 * 3600.0


class CertificateWatch:
    """Remembers what was seen last, and looks again in a thread when that is six hours old."""

    def __init__(self, base_url: str) -> None:
        parts = urlsplit(base_url)
        self.host = parts.hostname if parts.scheme == "https" else None
        self.port = parts.port or 443
        self._ends: datetime | None = None
        self._looked_at = -_KEPT_S
        self._lock = threading.Lock()

    def ends(self) -> datetime | None:
        """When it ends, as last seen; None without TLS, before the first look, and when nobody answers."""
        if self.host and time.monotonic() - self._looked_at >= _KEPT_S and self._lock.acquire(blocking=False):
            self._looked_at = time.monotonic()
            threading.Thread(target=self._look, name="certificate", daemon=True).start()
        return self._ends

    def _look(self) -> None:
        try:
            assert self.host
            self._ends = end_of_certificate(self.host, self.port)
        except OSError:
            self._ends = None  # unreachable from here, which is another matter than its age
        finally:
            self._lock.release()


def end_of_certificate(host: str, port: int) -> datetime:
    """When the certificate at that address ends, valid or not; raises ``OSError`` when there is none."""
    from cryptography import x509  # slow import: wanted a few times a day

    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # an expired one is what we look for
    with (
        socket.create_connection((host, port), timeout=_PATIENCE_S) as line,
        context.wrap_socket(line, server_hostname=host) as secured,
    ):
        shown = secured.getpeercert(binary_form=True)
    if shown is None:
        raise OSError("no certificate")
    return x509.load_der_x509_certificate(shown).not_valid_after_utc.astimezone(UTC)
