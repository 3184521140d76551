"""The restore drill, by the commands alone: a county's demo content, backed up while it is served, comes back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest
from tests.backups.conftest import Machine
from tests.backups.test_round_trip import everything
from tests.e2e.site import ROOT, Site, neighbouring_ports, running_site
from tests.postgres import new_database

from tongke.db import open_database
from tongke.storage import open_storage

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory):
    with running_site(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture(scope="module")
def backup(site: Site, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("usb") / "yunping.tongke"
    made = json.loads(site.command("backup", str(path), "--json"))
    assert made["missing"] == []
    return path


def test_the_backup_verifies(site: Site, backup: Path) -> None:
    assert json.loads(site.command("backup", str(backup), "--verify", "--json"))["members"] > 100


def test_it_comes_back_and_is_served_as_before(site: Site, backup: Path, tmp_path: Path) -> None:
    home = tmp_path / "new"
    port = neighbouring_ports()
    environment = site.environment | {"TONGKE_DATA_DIR": str(home), "TONGKE_BASE_URL": f"http://127.0.0.1:{port}"}
    other = Site(f"http://127.0.0.1:{port}", home, environment)
    other.command("restore", str(backup))
    other.start()
    try:
        before, after = (_found(base) for base in (site.base_url, other.base_url))
        page = httpx2.get(f"{other.base_url}/resources/{after['items'][0]['id']}", timeout=30)
    finally:
        other.kill()

    assert [item["id"] for item in after["items"]] == [item["id"] for item in before["items"]]
    assert after["facets"] == before["facets"]
    assert page.status_code == 200


@pytest.mark.postgres
def test_it_comes_back_on_postgresql(site: Site, backup: Path, tmp_path: Path, postgres: str, settings) -> None:
    database, objects = new_database(postgres, "drill"), f"file://{tmp_path / 'objects'}"
    environment = site.environment | {
        "TONGKE_DATABASE_URL": database,
        "TONGKE_STORAGE_URL": objects,
        "TONGKE_SEARCH_URL": f"embedded://{tmp_path / 'search'}",
        "TONGKE_SECRET_KEY": "a key of the new place, long enough",
        "TONGKE_CONTENT_URL": "http://127.0.0.1:9",
        "PATH": os.environ["PATH"],
    }
    done = subprocess.run(
        [sys.executable, "-m", "tongke", "restore", str(backup)], env=environment, cwd=ROOT, capture_output=True,
        timeout=250, check=False, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr

    old, new = open_database(f"sqlite:///{site.data_dir / 'tongke.sqlite3'}"), open_database(database)
    before, after = everything(old), everything(new)
    for engine in (old, new):
        engine.dispose()
    for worked_on in ("job", "rendition", "asset"):  # the server that was backed up goes on with these
        assert len(before.pop(worked_on)) == len(after.pop(worked_on))
    assert after == before
    kept = Machine(new, open_storage(f"file://{site.data_dir / 'objects'}"))
    assert {s.key for s in open_storage(objects).keys("sha256/")} == {s.key for s in kept.store.keys("sha256/")}


def test_a_second_restore_is_refused(site: Site, backup: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tongke", "restore", str(backup)], env=site.environment, cwd=ROOT, capture_output=True,
        timeout=100, check=False, text=True,
    )  # fmt: skip

    assert done.returncode == 1
    assert "已经有用户" in done.stderr


def _found(base: str) -> dict:
    return httpx2.get(f"{base}/api/v1/resources", params={"page_size": 100, "sort": "newest"}, timeout=30).json()
