"""The command line as scripts know it: real processes, exit statuses, JSON, plain lines away from a terminal.

One data directory for all of it: the tests use what those above them made, as an operator's first day does.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest
from tests.e2e.site import ROOT, Site, neighbouring_ports

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


@pytest.fixture(scope="module")
def served(tongke: Shell) -> Iterator[Site]:
    """``tongke serve`` on the port of the base address, nothing else said."""
    site = Site(f"http://127.0.0.1:{tongke.port}", tongke.folder / "var", tongke.environment)
    with (tongke.folder / "serve.log").open("ab") as log:
        site.process = subprocess.Popen(
            [sys.executable, "-m", "tongke", "serve"], env=tongke.environment, cwd=ROOT, stdout=log, stderr=log
        )
    (site.data_dir / "serve.log").symlink_to(tongke.folder / "serve.log")
    site.wait()
    yield site
    if site.process:
        site.stop()


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


def test_the_index_is_rebuilt_verified_and_reported(tongke: Shell) -> None:
    assert tongke.json("index", "rebuild")["documents"] == 3
    verified = tongke.json("index", "verify")
    assert (verified["agrees"], verified["in_database"], verified["in_index"]) == (True, 3, 3)
    told = tongke.json("index", "status")
    assert (told["answers"], told["public_documents"], told["pending"]) == (True, 3, 0)


def test_the_sweep_and_the_doctor_report_to_programs(tongke: Shell) -> None:
    assert tongke.json("sweep") == {"objects": 0, "size_bytes": 0, "uploads": 0}
    report = json.loads(tongke("doctor", "--json", "--only", "database").stdout)

    assert report["ok"]
    assert {finding["check"] for finding in report["findings"]} == {"database"}
    assert tongke("doctor", "--only", "nonsense", status=2).stderr


def test_a_worker_with_nothing_to_do_ends_well(tongke: Shell) -> None:
    tongke("worker", "--until-idle", "0.5")


def test_two_settings_suffice_for_both_origins_and_the_token_opens_the_doors(tongke: Shell, served: Site) -> None:
    token = tongke("token", "create", "--user", ADMIN).stdout.split()[-1]
    narrow = tongke("token", "create", "--user", ADMIN, "--scope", "upload").stdout.split()[-1]
    found = httpx2.get(f"{served.base_url}/api/v1/resources", params={"q": "分数"}, timeout=30).json()

    assert found["total"] == 3
    assert found["items"][0]["url"].startswith(f"{served.base_url}/resources/")
    assert httpx2.get(f"http://127.0.0.1:{tongke.port + 1}/healthz", timeout=30).text == "ok"
    assert _create(served, token).status_code == 201
    assert _create(served, narrow).status_code == 403


def _create(site: Site, token: str) -> httpx2.Response:
    headers = {"Authorization": f"Bearer {token}"}
    return httpx2.post(f"{site.base_url}/api/v1/resources", json={"title": "草稿"}, headers=headers, timeout=30)


def test_a_new_password_ends_the_sign_ins_and_opens_the_door(tongke: Shell, served: Site) -> None:
    with httpx2.Client(base_url=served.base_url, timeout=30) as browser:
        assert browser.post("/sign-in", data={"email": ADMIN, "password": PASSWORD}).status_code == 303
        assert browser.get("/api/v1/resources").status_code == 200
        tongke("user", "set-password", "--email", ADMIN, "--password", f"{PASSWORD} 2")

        assert browser.get("/me/settings", follow_redirects=False).status_code != 200
        assert browser.post("/sign-in", data={"email": ADMIN, "password": PASSWORD}).status_code == 422
        assert browser.post("/sign-in", data={"email": ADMIN, "password": f"{PASSWORD} 2"}).status_code == 303


def test_a_taken_port_is_named_be_it_the_pages_or_the_files(tongke: Shell, served: Site) -> None:
    free = neighbouring_ports()
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", free + 1))
        squatter.listen()
        for port, named in ((tongke.port, tongke.port), (free, free + 1)):
            done = tongke("serve", "--port", str(port), status=1, TONGKE_BASE_URL=f"http://127.0.0.1:{port}")
            assert str(named) in done.stderr


def test_serving_ends_well_when_told_to(tongke: Shell, served: Site) -> None:
    assert served.process is not None
    served.process.terminate()

    assert served.process.wait(30) == 0
    served.process = None
    log = (tongke.folder / "serve.log").read_text(encoding="utf-8")
    assert served.base_url in log
    assert "\x1b" not in log
