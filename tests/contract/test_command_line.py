"""The command line as scripts know it: real processes, exit statuses, JSON, plain lines away from a terminal.

One data directory for all of it: the tests use what those above them made, as an operator's first day does.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.e2e.site import ROOT, neighbouring_ports

pytestmark = pytest.mark.slow
ADMIN, PASSWORD = "admin@example.org", "correct horse 同课"


class Shell:
    """A terminal-less shell with ``TONGKE_DATA_DIR`` and ``TONGKE_BASE_URL`` and no other setting."""

    def __init__(self, folder: Path) -> None:
        self.port = neighbouring_ports()
        self.folder = folder
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("TONGKE_")} | {
            "TONGKE_DATA_DIR": str(folder / "var"),
            "TONGKE_BASE_URL": f"http://127.0.0.1:{self.port}",
            "PYTHONPATH": os.pathsep.join(str(ROOT / p) for p in ("backend", "frontend", "indexer")),
            "LANG": "zh_CN.UTF-8",
        }

    def __call__(self, *words: str, status: int = 0, **more: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "tongke", *words], env=self.environment | more, cwd=ROOT, capture_output=True,
            text=True, timeout=120, check=False, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert done.returncode == status, done.stdout + done.stderr
        assert "\x1b" not in done.stdout, "colours and bars are for terminals"
        assert "Traceback" not in done.stderr
        return done

    def json(self, *words: str, status: int = 0) -> dict:
        return json.loads(self(*words, "--json", status=status).stdout)

    def file(self, name: str, *lines: str) -> str:
        path = self.folder / name
        path.write_text("\n".join(lines), encoding="utf-8")
        return str(path)


@pytest.fixture(scope="module")
def tongke(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    shell = Shell(tmp_path_factory.mktemp("line"))
    assert "数据库" in shell("migrate").stdout
    shell("user", "create", "--email", ADMIN, "--name", "管理员", "--password", PASSWORD, "--role", "platform_admin")
    return shell


def test_migrating_again_changes_nothing(tongke: Shell) -> None:
    assert tongke("migrate").stdout == "数据库已经是最新结构。\n"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("nonsense",), 2),
        (("user", "create", "--email", "x@example.org"), 2),
        (("user", "create", "--email", "x@example.org", "--name", "某", "--role", "headmaster"), 2),
        (("serve", "--port", "many"), 2),
        (("import", "resources", "nowhere.jsonl", "--as", ADMIN), 2),
        (("user", "create", "--email", ADMIN, "--name", "又一个", "--password", PASSWORD), 1),
        (("user", "create", "--email", "y@example.org", "--name", "某", "--school", "NONE"), 1),
        (("user", "set-password", "--email", "nobody@example.org", "--password", PASSWORD), 1),
        (("token", "create", "--user", "nobody@example.org"), 1),
    ],
)
def test_wrong_use_is_two_and_failure_is_one_with_a_sentence(tongke: Shell, words, status) -> None:
    done = tongke(*words, status=status)

    assert done.stderr.strip()
    assert done.stdout == ""


def test_settings_that_cannot_be_are_wrong_use_and_secrets_are_not_shown(tongke: Shell) -> None:
    assert "TONGKE_SECRET_KEY" in tongke("settings", status=2, TONGKE_DATABASE_URL="postgresql://u:pw@x/y").stderr
    shown = tongke("settings", TONGKE_DATABASE_URL="postgresql://u:pw@x/y", TONGKE_SECRET_KEY="hush-hush")
    rows = {row["name"]: row for row in json.loads(tongke("settings", "--json").stdout)}

    assert "hush-hush" not in shown.stdout
    assert ":pw@" not in shown.stdout
    assert rows["TONGKE_BASE_URL"]["is_set"]
    assert not rows["TONGKE_SECRET_KEY"]["is_set"]


def test_bulk_import_takes_the_good_lines_names_the_bad_one_and_repeats_as_unchanged(tongke: Shell) -> None:
    good = [json.dumps({"external_id": f"x{n}", "title": f"分数第{n}讲", "published": True}) for n in range(3)]
    mixed = tongke.file("mixed.jsonl", good[0], '{"external_id": "bad", "title": "坏", "nonsense": 1}', *good[1:])
    done = tongke("import", "resources", mixed, "--as", ADMIN, status=1)
    again = tongke.json("import", "resources", tongke.file("good.jsonl", *good), "--as", ADMIN)

    assert "第 2 行" in done.stderr
    assert "nonsense" in done.stderr
    assert (again["lines"], again["added"], again["unchanged"], again["refused"]) == (3, 0, 3, [])


def test_a_framework_is_read_and_a_broken_one_refused(tongke: Shell) -> None:
    own = tongke.file("own.csv", "编码,标题", "1,认识家乡", "1.1,家乡的河")

    assert tongke.json("import", "framework", own)["added"] == 2
    assert tongke("import", "framework", tongke.file("broken.json", "{}"), status=1).stdout
