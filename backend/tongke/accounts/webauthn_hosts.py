"""Where browsers give passkeys at all; apart from the passkeys themselves, whose library is slow to load."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from tongke.config import Settings


def passkeys_are_possible(settings: Settings) -> bool:
    """Browsers give passkeys to named hosts alone, with TLS or on the very machine."""
    host = relying_party(settings)
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return settings.is_https or host == "localhost" or host.endswith(".localhost")
    return False


def relying_party(settings: Settings) -> str:
    return urlsplit(settings.base_url).hostname or ""
