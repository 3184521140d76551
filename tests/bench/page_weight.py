"""What the first view of each page weighs, gzip, without pictures: HTML, fragment and everything it loads.

    python -m tests.bench.page_weight http://127.0.0.1:8000

Asks a running platform (``tongke demo`` gives it content) as nobody signed in; the first resource found stands for
all. Prints a line a page; exit status 1 above a limit: 8 kB of HTML, 6 kB of fragment, 35 kB in all.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import urllib.request
from urllib.parse import urljoin

HTML_LIMIT, FRAGMENT_LIMIT, VIEW_LIMIT = (kib * 1024 for kib in (8, 6, 35))
PATHS = ("/", "/resources", "/curriculum", "/collections", "/help", "/about", "/sign-in")
FRAGMENTS = {"/resources"}
LOADED = re.compile(r'<(?:link rel="(?:stylesheet|icon)" href|script type="module" src)="([^"]+)"')
SPRITE = re.compile(r'<use href="([^"#]+)#')


def sent(address: str, headers: dict[str, str] | None = None) -> tuple[bytes, int]:
    """A body and what it weighs on the wire."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip", **(headers or {})})
    with urllib.request.urlopen(request, timeout=60) as answer:
        raw = answer.read()
        is_packed = answer.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(raw) if is_packed else raw), len(raw)


def imports(base: str, script: str, seen: set[str]) -> int:
    """A module and what it imports at once."""
    address = urljoin(base, script)
    if address in seen:
        return 0
    seen.add(address)
    body, weight = sent(address)
    if not address.endswith(".js"):
        return weight
    parts = re.findall(r'(?:from|import)\s*"(\./[^"]+)"', body.decode())
    return weight + sum(imports(address, part, seen) for part in parts)


def weigh(base: str, path: str) -> dict[str, int]:
    body, html = sent(urljoin(base, path))
    page, seen = body.decode(), set[str]()
    loaded = sum(imports(base, address, seen) for address in {*LOADED.findall(page), *SPRITE.findall(page)})
    told = {"html": html, "all": html + loaded}
    if path in FRAGMENTS:
        told["fragment"] = sent(urljoin(base, path), {"HX-Request": "true", "HX-Request-Type": "partial"})[1]
    return told


def main() -> int:
    base = sys.argv[1]
    first = json.loads(sent(f"{base}/api/v1/resources?page_size=1&type=lesson-video")[0])["items"]
    paths = [*PATHS, *(f"/resources/{item['id']}{tail}" for item in first for tail in ("", "/sheet", "/share"))]
    limits = {"html": HTML_LIMIT, "fragment": FRAGMENT_LIMIT, "all": VIEW_LIMIT}
    too_heavy = False
    for path in paths:
        told = weigh(base, path)
        over = [name for name, weight in told.items() if weight > limits[name]]
        too_heavy |= bool(over)
        sys.stdout.write(json.dumps({"page": path, **told, "over": over}) + "\n")
    return int(too_heavy)


if __name__ == "__main__":
    sys.exit(main())
