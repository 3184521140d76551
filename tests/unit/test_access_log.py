"""Every request leaves a line with what the law asks for, and nothing it should not know."""

from __future__ import annotations

import json
import os
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
import time_machine
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from starlette.testclient import TestClient

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.config import Settings
from tongke.db import new_id
from tongke.http.access_log import AccessLog, told_path
from tongke.http.client_address import ClientAddress
from tongke.main.log_files import DailyFiles, open_log


def logged(path: str = "/", actor: Actor | None = None, *, hops: int = 0, **headers: str) -> dict:
    async def app(scope, _receive, send) -> None:
        if actor:
            scope["state"]["actor"] = actor
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"12345"})

    lines: list[str] = []
    client = TestClient(ClientAddress(AccessLog(app, "pages", lines.append), hops), client=("10.0.0.9", 51234))
    client.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    (line,) = lines
    return json.loads(line)


def test_a_line_tells_time_actor_address_and_port() -> None:
    teacher = Actor(user_id=new_id(), role=Role.TEACHER)

    line = logged("/resources", teacher)

    assert line.pop("time").endswith("+00:00")
    assert line.pop("ms") >= 0
    assert line == {
        "event": "http.request", "origin": "pages", "address": "10.0.0.9", "port": 51234, "method": "GET",
        "path": "/resources", "actor": str(teacher.user_id), "role": "teacher", "status": 200, "bytes": 5,
    }  # fmt: skip


def test_of_a_pupil_it_tells_only_that_it_was_one() -> None:
    pupil = Actor(user_id=new_id(), name="5", role=Role.PUPIL)

    line = logged("/", pupil)

    assert (line["actor"], line["role"]) == (None, "pupil")
    assert str(pupil.user_id) not in json.dumps(line)


def test_behind_our_proxy_address_and_port_are_the_clients() -> None:
    line = logged("/", hops=1, X_Forwarded_For="203.0.113.7", X_Client_Port="40001")

    assert (line["address"], line["port"]) == ("203.0.113.7", 40001)


@pytest.mark.parametrize("port", ["0", "x", "-1", "123456", "1 2", "٣"])
def test_a_port_that_is_none_is_not_believed(port: str) -> None:
    assert logged("/", hops=1, X_Forwarded_For="203.0.113.7", X_Client_Port=port.encode())["port"] == 0  # type: ignore[arg-type]


def test_a_strangers_word_on_his_port_does_not_count() -> None:
    assert logged("/", X_Forwarded_For="203.0.113.7", X_Client_Port="40001")["port"] == 51234


def test_what_people_search_for_is_not_logged() -> None:
    assert "张三" not in json.dumps(logged("/resources?q=张三"), ensure_ascii=False)


@given(st.text(st.characters(codec="ascii", categories=("L", "N"), include_characters="-_"), min_size=21))
def test_a_secret_in_an_address_is_left_out(secret: str) -> None:
    assert told_path(f"/reset/{secret}") == "/reset/…" or all(c in "0123456789abcdef-" for c in secret)


def test_ids_stay_in_the_path() -> None:
    name = str(new_id())

    assert told_path(f"/resources/{name}/files") == f"/resources/{name}/files"


def test_a_failed_request_is_logged_as_500() -> None:
    async def app(_scope, _receive, _send) -> None:
        raise RuntimeError

    lines: list[str] = []
    with pytest.raises(RuntimeError):
        TestClient(AccessLog(app, "pages", lines.append)).get("/")
    assert json.loads(lines[0])["status"] == 500


def test_a_day_is_a_file_and_old_days_go(tmp_path: Path) -> None:
    log = DailyFiles(tmp_path, days=180)
    with time_machine.travel("2026-01-01T12:00:00Z", tick=False):
        log.write("a")
    with time_machine.travel("2026-06-30T12:00:00Z", tick=False):
        log.write("b")
        assert [p.name for p in sorted(tmp_path.iterdir())] == ["2026-01-01.jsonl", "2026-06-30.jsonl"]
    with time_machine.travel("2026-07-01T12:00:00Z", tick=False):
        log.write("c")
        log.write("d")

    assert [p.name for p in sorted(tmp_path.iterdir())] == ["2026-06-30.jsonl", "2026-07-01.jsonl"]
    assert (tmp_path / "2026-07-01.jsonl").read_text() == "c\nd\n"


def test_a_foreign_file_in_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    DailyFiles(tmp_path, days=180).write("a")

    assert (tmp_path / "notes.txt").exists()


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
def test_only_its_owner_reads_the_log(tmp_path: Path) -> None:
    DailyFiles(tmp_path, days=180).write("a")

    (path,) = tmp_path.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_less_than_the_law_asks_cannot_be_set() -> None:
    with pytest.raises(ValidationError):
        Settings(log_days=179)


def test_events_of_the_platform_go_to_the_same_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = structlog.get_config()
    try:
        open_log(Settings(data_dir=tmp_path))
        structlog.get_logger().warning("index.behind", requests=3)
    finally:
        structlog.configure(**before)

    line = json.loads((tmp_path / "logs" / f"{datetime.now(UTC).date()}.jsonl").read_text())
    assert (line["event"], line["level"], line["requests"]) == ("index.behind", "warning", 3)
    assert "index.behind" in capsys.readouterr().err
