"""A broken database file: refused after the machine went down, found soon after any other start, and never opened again."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.e2e.site import Site, running_site

from tongke.db import open_database
from tongke.main import soundness

pytestmark = pytest.mark.fault


@pytest.fixture
def stopped(tmp_path: Path) -> Iterator[Site]:
    """A platform that ran and was stopped."""
    with running_site(tmp_path / "data", demo=False) as site:
        assert (site.data_dir / soundness.MARK).exists()
        site.stop()
        yield site


def damage(site: Site) -> None:
    """Nothing reads this table at the start; the file is replaced, for a mapped one must not change in place."""
    path = site.data_dir / "tongke.sqlite3"
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (page,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'favourite'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    connection.close()
    whole = bytearray(path.read_bytes())
    whole[(page - 1) * size : page * size] = b"\xff" * size
    draft = path.with_suffix(".draft")
    draft.write_bytes(whole)
    draft.replace(path)


def served(site: Site) -> tuple[int, str]:
    """How ``tongke serve`` ended by itself, and what it said."""
    port = site.base_url.rsplit(":", 1)[1]
    done = subprocess.run(
        [sys.executable, "-m", "tongke", "serve", "--port", port],
        env=site.environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


def test_damage_found_beside_the_running_platform_ends_it_and_no_start_follows(stopped: Site) -> None:
    damage(stopped)

    status, words = served(stopped)
    assert (status, "同课已启动" in words, "数据库文件损坏" in words) == (1, True, True)

    status, words = served(stopped)
    assert (status, "同课已启动" in words, "数据库文件损坏" in words) == (1, False, True)


def test_damaged_database_is_not_opened_after_the_machine_went_down(stopped: Site) -> None:
    damage(stopped)
    (stopped.data_dir / soundness.MARK).write_text("another run of the machine")

    status, words = served(stopped)

    assert (status, "同课已启动" in words, "数据库文件损坏" in words) == (1, False, True)


def test_file_that_is_no_database_is_said_to_be_damaged(stopped: Site) -> None:
    (stopped.data_dir / "tongke.sqlite3").write_bytes(b"\xff" * 8192)

    status, words = served(stopped)

    assert (status, "Traceback" in words, "数据库文件损坏" in words) == (1, False, True)


def test_mark_tells_a_killed_process_from_a_machine_that_went_down(tmp_path: Path) -> None:
    assert not soundness.machine_went_down(tmp_path)
    soundness.mark_running(tmp_path)
    assert not soundness.machine_went_down(tmp_path)  # killed: what it wrote is with the system
    (tmp_path / soundness.MARK).write_text("another run of the machine")
    assert soundness.machine_went_down(tmp_path)
    soundness.mark_running(tmp_path, damaged=True)
    assert soundness.machine_went_down(tmp_path)
    soundness.mark_stopped(tmp_path)
    assert not soundness.machine_went_down(tmp_path)


def test_a_look_through_a_large_database_ends_with_the_platform(tmp_path: Path) -> None:
    engine = open_database(f"sqlite:///{tmp_path / 'large.sqlite3'}")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        rows = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300000) SELECT i FROM n"
        connection.exec_driver_sql(f"INSERT INTO t {rows}")
    found: list[str] = []
    lookout = soundness.Lookout(engine, found.append, first_look_s=0)

    lookout.start()
    lookout.stop()

    assert not lookout.is_alive()
    assert found == []
    engine.dispose()
