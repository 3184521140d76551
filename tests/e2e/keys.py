"""Going through pages by keyboard alone; at every stop the focus can be seen and lies open."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Locator, Page

SCRIPT = (Path(__file__).parent / "room.js").read_text(encoding="utf-8")
HERE = """node => { const at = document.activeElement;
  return { there: at === node, ringed: room.ringed(at), open: room.uncovered(at), what: at.outerHTML.slice(0, 140) } }"""


def tab_to(page: Page, wanted: str | Locator, *, most: int = 60, back: bool = False) -> None:
    """Press Tab until the focus is on ``wanted``."""
    target = page.locator(wanted) if isinstance(wanted, str) else wanted
    handle = target.first.element_handle()
    assert handle
    if not page.evaluate("'room' in globalThis"):
        page.evaluate(SCRIPT)
    passed = []
    for _ in range(most):
        now = handle.evaluate(HERE)
        if now["there"]:
            assert now["ringed"], f"the focus cannot be seen on {now['what']}"
            return
        if not now["what"].startswith(("<body", "<main")):
            assert now["ringed"], f"the focus cannot be seen on {now['what']}"
            assert now["open"], f"the focus is on what lies under something: {now['what']}"
        passed.append(now["what"][:60])
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{wanted} is not reached by {most} tabs, only {passed[-8:]}")


def focused(page: Page, selector: str) -> bool:
    return bool(page.evaluate("selector => document.activeElement.matches(selector)", selector))
