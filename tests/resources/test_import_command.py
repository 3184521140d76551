"""``tongke import resources`` as an operator runs it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tongke.accounts.models import Role
from tongke.main.cli import app


@pytest.fixture
def command(settings, make_user, monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    make_user("管理员", role=Role.PLATFORM_ADMIN, email="admin@example.org")
    for name in ("data_dir", "base_url", "content_url", "secret_key", "database_url", "storage_url", "search_url"):
        monkeypatch.setenv(f"TONGKE_{name.upper()}", str(getattr(settings, name)))

    def run(*lines: str, options: tuple[str, ...] = ()):
        path = tmp_path / "r.jsonl"
        path.write_text("\n".join(lines), encoding="utf-8")
        return CliRunner().invoke(app, ["import", "resources", str(path), "--as", "admin@example.org", *options])

    return run


def test_import_ends_well_when_every_line_was_taken(command) -> None:
    result = command('{"external_id": "a", "title": "一"}')

    assert (result.exit_code, result.stdout) == (0, "共 1 行：新增 1，更新 0，没有变化 0，未导入 0。\n")


def test_import_names_the_refused_line_and_takes_the_others(command) -> None:
    result = command('{"external_id": "a", "title": "一"}', '{"external_id": "b", "title": "二", "nonsense": 1}')

    assert result.exit_code == 1
    assert "第 2 行" in result.stderr
    assert "nonsense" in result.stderr
    assert "新增 1" in result.stdout


def test_import_reports_to_programs(command) -> None:
    result = command('{"external_id": "a", "title": "一"}', "{", options=("--json",))

    report = json.loads(result.stdout)
    assert (result.exit_code, report["added"], [r["line"] for r in report["refused"]]) == (1, 1, [2])


def test_framework_is_imported_by_the_same_command(command, tmp_path: Path) -> None:
    path = tmp_path / "framework.json"
    path.write_text("{}", encoding="utf-8")

    assert CliRunner().invoke(app, ["import", "framework", str(path)]).exit_code == 1
