"""Every page of the census, in a real browser, for each role: no barrier that axe can see, nothing the policy blocks."""

from __future__ import annotations

import hashlib
import itertools
import re

import pytest
from tests.e2e.census import NO_PAGES, ROLES
from tests.e2e.conftest import DESKTOP, PHONE
from tests.e2e.looking import barriers, refusals
from tests.web.test_route_census import pages_of

LOOKS = [(PHONE, "light"), (DESKTOP, "dark"), (PHONE, "dark"), (DESKTOP, "light")]
IN_ENGLISH = ("newcomer",)


@pytest.fixture(scope="module")
def examined() -> dict[str, set[str]]:
    """The pages that were looked at in every look; and what of them: the same content is not looked at twice."""
    return {"pages": set(), "contents": set()}


def test_no_page_is_left_out(visit, census) -> None:
    """Somebody reaches every page there is, so that the tests below look at it."""
    people = [visit(who).request for who in ("teacher", "reviewer", "admin", "nobody")]

    def is_reached(address: str) -> bool:
        answers = (person.get(address) for person in people)
        return any(a.status == 200 and a.headers["content-type"].startswith("text/html") for a in answers)

    pages = census.pages()
    assert [path for path in pages_of() if path not in pages and not path.endswith(NO_PAGES)] == []
    assert [path for path in pages_of() if path in pages and not is_reached(pages[path])] == []


@pytest.mark.parametrize("who", [*ROLES, "nobody"])
def test_pages_have_no_barriers(visit, census, examined, who) -> None:
    page = visit(who, locale="en" if who in IN_ENGLISH else "zh-CN")
    failed = refusals(page.context)
    looks = itertools.cycle(LOOKS)
    found = {}

    for path, address in census.pages().items():
        answer = page.request.get(address)
        if "text/html" not in answer.headers.get("content-type", "") or is_known(answer, examined):
            continue
        chosen = [next(looks)]
        if answer.ok and path not in examined["pages"]:
            examined["pages"].add(path)
            chosen = LOOKS
        page.goto(address)
        for size, scheme in chosen:
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            if wrong := barriers(page):
                found[f"{path} {size['width']} {scheme}"] = wrong
    assert found == {}
    assert failed == []


def is_known(answer, examined: dict[str, set[str]]) -> bool:
    """Whether the content was looked at before; heads and feet of pages are, for each role, on a dozen others."""
    content = re.search(r"(?s)<main\b.*</main>", answer.text())
    key = hashlib.sha256(content[0].encode()).hexdigest() if content else answer.url
    known = key in examined["contents"]
    examined["contents"].add(key)
    return known
