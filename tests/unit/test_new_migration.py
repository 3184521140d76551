"""The draft of the next migration: numbered after the last, and empty when the models say what the schema says."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tongke.migrations import runner
from tongke.migrations.write import write


def test_draft_has_the_next_number_and_finds_no_difference(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = int(runner.head())
    copy = tmp_path / "migrations"
    shutil.copytree(runner.FOLDER, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(runner, "FOLDER", copy)

    path = write("say more")

    text = path.read_text(encoding="utf-8")
    assert path == copy / "versions" / f"{before + 1:04}_say_more.py"
    assert f'revision = "{before + 1:04}"' in text.replace("'", '"')
    assert "op." not in text.split("def upgrade()")[1]
