"""The doctor: each kind of trouble is brought about and must be named."""

from __future__ import annotations

import json
import socket
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import col, select
from tests.servers import free_port
from typer.testing import CliRunner

from tongke.config import Settings
from tongke.db import new_id, now, open_database, reading, transaction
from tongke.jobs.models import Job, JobState
from tongke.jobs.worker import Worker
from tongke.main.cli import app
from tongke.main.doctor import work
from tongke.main.doctor.examination import CHECKS, examine
from tongke.main.doctor.finding import Level
from tongke.main.doctor.work import answer_ping
from tongke.migrations.runner import migrate
from tongke.search.models import ReindexRequest


def levels(settings: Settings, *only: str) -> dict[str, Level]:
    return {finding.check: finding.level for finding in examine(settings, only)}


def test_data_of_a_sound_platform_is_well(settings: Settings) -> None:
    found = levels(settings, "disk", "secret", "database", "storage", "search", "clock", "jobs", "clamav", "mail")

    assert set(found.values()) == {Level.OK}
    assert set(found) == {"disk", "secret", "database", "storage", "search", "index", "clock", "jobs", "clamav", "mail"}


def test_storage_check_leaves_nothing_behind(settings: Settings, platform) -> None:
    list(examine(settings, ["storage"]))

    assert list(platform.store.keys("health/")) == []


def test_damaged_database_is_named(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, base_url="http://127.0.0.1:1")
    engine = open_database(settings.database)
    migrate(engine)
    with transaction(engine) as session:
        session.add_all(ReindexRequest(resource_id=new_id()) for _ in range(2_000))
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        page = connection.exec_driver_sql(
            "SELECT rootpage FROM sqlite_master WHERE name='reindex_request'"
        ).scalar_one()
    engine.dispose()
    with (tmp_path / "tongke.sqlite3").open("r+b") as file:
        file.seek((page - 1) * 4096 + 8)
        file.write(b"\xff" * 1_000)

    assert levels(settings, "database") == {"database": Level.FAILED}


def test_database_that_does_not_answer_is_a_finding_not_the_end(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        base_url="http://127.0.0.1:1",
        secret_key="long enough to be a secret, for tests only",
        database_url=f"postgresql://nobody@127.0.0.1:{free_port()}/none",
    )

    found = levels(settings, "database", "migrations", "people", "secret")

    assert found == {"secret": Level.OK, "database": Level.FAILED, "migrations": Level.FAILED}


def test_schema_that_is_not_current_is_named(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, base_url="http://127.0.0.1:1")
    before = levels(settings, "migrations")
    engine = open_database(settings.database)
    migrate(engine)
    engine.dispose()

    assert (before, levels(settings, "migrations")) == ({"migrations": Level.FAILED}, {"migrations": Level.OK})


def test_store_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "objects").write_text("a file where the folder should be")
    settings = Settings(data_dir=tmp_path, base_url="http://127.0.0.1:1")

    assert levels(settings, "storage") == {"storage": Level.FAILED}


def test_full_disk_is_named(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, base_url="http://127.0.0.1:1", free_space_reserve_bytes=10**18)

    assert levels(settings, "disk") == {"disk": Level.FAILED}


def test_key_that_others_can_read_is_named(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, base_url="http://127.0.0.1:1")
    before = levels(settings, "secret")
    (tmp_path / "secret-key").chmod(0o644)

    assert (before, levels(settings, "secret")) == ({"secret": Level.OK}, {"secret": Level.FAILED})


def test_index_that_stays_behind_is_named(settings: Settings, engine: Engine) -> None:
    with transaction(engine) as session:
        session.add(ReindexRequest(resource_id=new_id(), created_at=now() - timedelta(minutes=5)))

    assert levels(settings, "search") == {"search": Level.OK, "index": Level.WARNING}


def test_failed_jobs_are_named_by_kind(settings: Settings, engine: Engine) -> None:
    ended = {"state": JobState.FAILED, "finished_at": now()}
    with transaction(engine) as session:
        session.add_all(Job(kind="media.hls", dedupe_key=str(n), **ended) for n in range(2))
        session.add(Job(kind="media.text", dedupe_key="old", **ended | {"finished_at": now() - timedelta(days=30)}))

    [finding] = examine(settings, ["jobs"])

    assert finding.level is Level.WARNING
    assert finding.sentence.values == {"kinds": "media.hls × 2"}


def test_job_that_nobody_takes_is_named(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path, base_url="http://127.0.0.1:1")
    engine = open_database(settings.database)
    migrate(engine)
    with transaction(engine) as session:
        session.add(Job(kind="media.hls", dedupe_key="1", not_before=now() - timedelta(minutes=10)))
    engine.dispose()

    assert levels(settings, "worker") == {"worker": Level.WARNING}


def test_worker_that_lives_answers_and_leaves_no_trace(engine: Engine) -> None:
    worker = Worker(engine, answer_ping(), poll_s=0.05)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        answered = work._answers(engine)
    finally:
        worker.stop()
        thread.join()

    with reading(engine) as session:
        left = session.exec(select(col(Job.kind))).all()
    assert answered
    assert left == []


def test_no_worker_is_named(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "_PATIENCE_S", 0.3)

    assert not work._answers(engine)


def test_port_held_by_another_program_is_named(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("0.0.0.0", 0))
        other.listen()
        port = other.getsockname()[1]
        other.settimeout(0.1)
        threading.Thread(target=_hang_up, args=(other,), daemon=True).start()
        settings = Settings(data_dir=tmp_path, base_url=f"http://127.0.0.1:{port}", content_url="http://127.0.0.1:9")

        found = levels(settings, "ports")

    assert found["ports.pages"] is Level.FAILED


def _hang_up(server: socket.socket) -> None:
    for _ in range(20):
        try:
            server.accept()[0].close()
        except OSError:
            continue


def test_virus_scanner_is_asked(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as scanner:
        threading.Thread(target=_pong, args=(scanner,), daemon=True).start()
        address = f"127.0.0.1:{scanner.getsockname()[1]}"
        settings = Settings(data_dir=tmp_path, base_url="http://127.0.0.1:1", clamav_address=address)
        there = levels(settings, "clamav")
    gone = levels(settings, "clamav")

    assert (there, gone) == ({"clamav": Level.OK}, {"clamav": Level.FAILED})


def _pong(scanner: socket.socket) -> None:
    line, _ = scanner.accept()
    with line:
        assert line.recv(16) == b"zPING\0"
        line.sendall(b"PONG\0")


def test_command_prints_sentences_and_its_status_tells(tmp_path: Path) -> None:
    environment = {"TONGKE_DATA_DIR": str(tmp_path), "TONGKE_BASE_URL": "http://127.0.0.1:1", "LANG": "zh_CN.UTF-8"}
    run = CliRunner(env=environment).invoke

    bad = run(app, ["doctor", "--only", "migrations"])
    well = run(app, ["doctor", "--only", "disk", "--only", "secret", "--json"])
    unknown = run(app, ["doctor", "--only", "liver"])

    assert (bad.exit_code, bad.stdout) == (1, "✗ 数据库结构不是最新的。请运行 tongke migrate。\n")
    assert well.exit_code == 0
    assert [(f["check"], f["level"]) for f in json.loads(well.stdout)["findings"]] == [("disk", "ok"), ("secret", "ok")]
    assert unknown.exit_code == 2


def test_every_check_says_something(settings: Settings) -> None:
    silent = [name for name in CHECKS if not list(examine(settings, [name]))]

    assert silent == []
