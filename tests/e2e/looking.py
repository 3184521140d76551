"""What a page looks like to axe and to the browser: barriers, requests that failed, what the policy blocked."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import BrowserContext, Page

RULES = {
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
TOLD = """document.addEventListener('securitypolicyviolation', event =>
  console.error(`Content Security Policy: ${event.violatedDirective} ${event.blockedURI} on ${location.href}`))"""


@lru_cache
def _axe() -> str:
    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")


def barriers(page: Page) -> list[str]:
    """What axe finds, each with the places where it is."""
    page.evaluate("document.fonts.ready.then(() => 0)")
    if not page.evaluate("'axe' in window"):
        page.evaluate(_axe())
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [f"{v['id']}: {node['html'][:200]} {node['failureSummary'][:300]}" for v in found for node in v["nodes"]]


SAMPLES = "/content/lesson."
"""Addresses of the style guide's player, behind which nothing is."""


def refusals(context: BrowserContext) -> list[str]:
    """What pages of ``context`` asked for in vain from now on, pages themselves aside."""
    found: list[str] = []

    def note(response) -> None:
        is_page = response.request.is_navigation_request()
        if response.status >= 400 and not is_page and SAMPLES not in response.url:
            found.append(f"{response.status} {response.url}")

    context.on("response", note)
    return found
