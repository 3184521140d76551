"""Print a fresh .env for docker-compose.yml: ``python3 deploy/new_env.py BASE_URL CONTENT_URL > .env``.

Needs nothing but Python. Keep the output: without TONGKE_SECRET_KEY and the passwords the data cannot be reached.
"""

from __future__ import annotations

import secrets
import sys
from urllib.parse import urlsplit


def environment(base_url: str, content_url: str) -> dict[str, str]:
    """Every variable docker-compose.yml asks for; each secret is new."""
    base, content = urlsplit(base_url), urlsplit(content_url)
    if base.scheme not in {"http", "https"} or content.scheme != base.scheme:
        raise ValueError("both addresses begin with https://, or both with http://")
    if (base.hostname, base.port) == (content.hostname, content.port) or not base.hostname or not content.hostname:
        raise ValueError("the content address needs a host name or a port of its own")
    variables = {
        "TONGKE_BASE_URL": base_url.rstrip("/"),
        "TONGKE_CONTENT_URL": content_url.rstrip("/"),
        "TONGKE_HOST": base.hostname,
        "TONGKE_CONTENT_HOST": content.hostname,
        "TONGKE_SECRET_KEY": secrets.token_urlsafe(48),
        "POSTGRES_PASSWORD": secrets.token_hex(24),
        "S3_ACCESS_KEY": secrets.token_hex(10),
        "S3_SECRET_KEY": secrets.token_hex(24),
        "MEILI_MASTER_KEY": secrets.token_urlsafe(32),
    }
    return variables | _ports(base.scheme, base.port, content.port)


def _ports(scheme: str, base_port: int | None, content_port: int | None) -> dict[str, str]:
    """With TLS two host names share one port; without, two ports share one host name."""
    if scheme == "https":
        return {"TONGKE_PROXY": "tls", "TONGKE_HTTP_PORT": "80", "TONGKE_SECOND_PORT": str(base_port or 443)}
    ports = {"TONGKE_HTTP_PORT": str(base_port or 80), "TONGKE_SECOND_PORT": str(content_port or 80)}
    if len(set(ports.values())) == 1:
        raise ValueError("without TLS the content address needs a port of its own, for example http://host:81")
    return {"TONGKE_PROXY": "plain", **ports}


def main() -> int:
    if len(sys.argv) != 3:  # noqa: PLR2004 - two addresses
        print(__doc__, file=sys.stderr)
        return 2
    try:
        variables = environment(*sys.argv[1:])
    except ValueError as error:
        print(f"new_env.py: {error}", file=sys.stderr)
        return 2
    for name, value in variables.items():
        print(f"{name}={value}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
