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
IMPORTED = re.compile(r'(?:from|import)\s*"\./([^"]+)"')
FETCHED = re.compile(r"""["']([^:;{]*\[[^:;{]+\][^:;{]*)["']:\(\)=>import\("\./([^"]+)"\)""")
"""What app.js fetches by itself where the selector before it finds something."""


def sent(address: str, headers: dict[str, str] | None = None) -> tuple[bytes, int]:
    """A body and what it weighs on the wire."""
    request = urllib.request.Request(address, headers={"Accept-Encoding": "gzip", **(headers or {})})
    with urllib.request.urlopen(request, timeout=60) as answer:
        raw = answer.read()
        is_packed = answer.headers.get("Content-Encoding") == "gzip"
    return (gzip.decompress(raw) if is_packed else raw), len(raw)


def parts_of(script: str, page: str) -> list[str]:
    """What a module loads by itself on this page: what it imports, and what it fetches for what stands there."""
    fetched = [
        name for where, name in FETCHED.findall(script) if any(a in page for a in re.findall(r"\[(.+?)\]", where))
    ]
    return [*IMPORTED.findall(script), *fetched]


def imports(base: str, script: str, page: str, seen: set[str]) -> int:
    """A module and what it loads by itself."""
    address = urljoin(base, script)
    if address in seen:
        return 0
    seen.add(address)
    body, weight = sent(address)
    if not address.endswith(".js"):
        return weight
    return weight + sum(imports(address, part, page, seen) for part in parts_of(body.decode(), page))


def weigh(base: str, path: str) -> dict[str, int]:
    body, html = sent(urljoin(base, path))
    page, seen = body.decode(), set[str]()
    loaded = sum(imports(base, address, page, seen) for address in {*LOADED.findall(page), *SPRITE.findall(page)})
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
