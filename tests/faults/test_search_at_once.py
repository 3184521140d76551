"""What readers see at once: lessons taken down while the indexer stands still, and an index deleted under a server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests import journey
from tests.e2e.site import Site, running_site
from tests.journey import Person

from tongke.db import open_database
from tongke_indexer import lease

pytestmark = [pytest.mark.fault, pytest.mark.slow]
LESSONS = 45


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with running_site(tmp_path_factory.mktemp("site"), demo=False) as site:
        yield site


@pytest.fixture(scope="module")
def admin(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Person:
    """Somebody whose forty-five lessons are published and in the index."""
    admin = journey.person(site, "admin", "platform_admin")
    path = tmp_path_factory.mktemp("import") / "lessons.jsonl"
    subjects = ("数学", "语文", "英语")
    path.write_text(
        "".join(
            json.dumps({"external_id": f"x{n}", "title": f"分数第{n}讲", "subject": subjects[n % 3], "published": True})
            + "\n"
            for n in range(LESSONS)
        ),
        encoding="utf-8",
    )
    site.command("import", "resources", str(path), "--as", admin.email)
    journey.wait_for(lambda: journey.search(site.base_url, q="分数")["total"] == LESSONS)
    return admin


def suggested(site: Site, text: str) -> list[str]:
    return httpx2.get(f"{site.base_url}/resources/suggestions", params={"q": text}, timeout=30).json()


def test_what_is_taken_down_leaves_everything_at_once_with_the_indexer_stopped(site: Site, admin: Person) -> None:
    office = journey.person(site, "office", "platform_admin")  # an owner withdraws; only another takes down
    engine = open_database(f"sqlite:///{site.data_dir / 'tongke.sqlite3'}")
    before = journey.search(site.base_url, q="分数", page_size=20)
    titles = {line["id"]: line["title"] for line in before["items"]}
    withdrawn, taken_down = journey.ids(before)[:3], journey.ids(before)[10:12]
    subjects = [line["subject"] for line in before["items"] if line["id"] in {*withdrawn, *taken_down}]
    with lease.held(engine) as held:  # whoever holds the lease is the only indexer, and this one does nothing
        assert held is not None
        for lesson in withdrawn:
            admin.post(site.base_url, f"/resources/{lesson}/withdrawal", {"reason": "教材已更新"})
        for lesson in taken_down:
            answer = office.ask(site.base_url, "POST", f"/resources/{lesson}/take-down", data={"reason": "侵权"})
            assert answer.status_code == 303, answer.text
        gone = {*withdrawn, *taken_down}
        pages = [journey.search(site.base_url, q="分数", page_size=20, page=n) for n in (1, 2, 3)]

        assert [len(page["items"]) for page in pages] == [20, 20, 0]
        assert {page["total"] for page in pages} == {LESSONS - len(gone)}
        assert not gone & {each for page in pages for each in journey.ids(page)}
        assert all(page["notice"] is None for page in pages)  # the engine answered, not its stand-in
        expected = {s: n - subjects.count(s) for s, n in before["facets"]["subject"].items()}
        assert pages[0]["facets"]["subject"] == expected
        for lesson in gone:
            assert titles[lesson] not in suggested(site, titles[lesson])
        pending = json.loads(site.command("index", "status", "--json"))["pending"]
        assert pending == len(gone)  # the indexer really stood still
    engine.dispose()
    journey.wait_for(lambda: json.loads(site.command("index", "status", "--json"))["pending"] == 0)
    assert journey.search(site.base_url, q="分数")["total"] == LESSONS - len(gone)


@pytest.mark.parametrize("what", ["everything", "the live version", "the pointer"])
def test_an_index_deleted_under_the_server_is_answered_for_and_made_anew(site: Site, admin: Person, what: str) -> None:
    engine = open_database(f"sqlite:///{site.data_dir / 'tongke.sqlite3'}")
    folder = site.data_dir / "search"
    total = journey.search(site.base_url, q="分数")["total"]
    with lease.held(engine) as held:  # nobody can make it anew before we have looked
        assert held is not None
        _delete(folder, what)

        found = journey.search(site.base_url, q="分数")
        assert (found["total"], bool(found["notice"])) == (total, True)
        title = found["items"][0]["title"]
        assert title in suggested(site, title)
    engine.dispose()

    def healed() -> bool:
        found = journey.search(site.base_url, q="分数")
        assert found["total"] == total  # at no moment less
        return found["notice"] is None

    journey.wait_for(healed)
    assert json.loads(site.command("index", "verify", "--json"))["agrees"]


def test_an_index_lost_while_the_server_was_stopped_is_answered_for_and_made_anew(site: Site) -> None:
    engine = open_database(f"sqlite:///{site.data_dir / 'tongke.sqlite3'}")
    total = journey.search(site.base_url, q="分数")["total"]
    site.stop()
    shutil.rmtree(site.data_dir / "search")
    with lease.held(engine) as held:  # nobody can make it anew before we have looked
        assert held is not None
        site.start()

        found = journey.search(site.base_url, q="分数")

        assert (found["total"], bool(found["notice"])) == (total, True)
    engine.dispose()
    journey.wait_for(lambda: journey.search(site.base_url, q="分数")["notice"] is None)
    assert journey.search(site.base_url, q="分数")["total"] == total


def _delete(folder: Path, what: str) -> None:
    if what == "everything":
        shutil.rmtree(folder)
    elif what == "the pointer":
        (folder / "current").unlink()
    else:
        shutil.rmtree(folder / (folder / "current").read_text())
