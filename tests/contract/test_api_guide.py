"""The commands of docs/api.md, run as they stand against a running platform."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers import free_port, wait_for

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/api.md").read_text(encoding="utf-8")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("curl") is None or shutil.which("bash") is None, reason="no curl or bash here"),
]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("guide")
    roots = os.pathsep.join(str(ROOT / root) for root in ("backend", "frontend", "indexer"))
    address = f"http://127.0.0.1:{free_port()}"
    settings = {"TONGKE_DATA_DIR": str(folder), "TONGKE_BASE_URL": address, "PYTHONPATH": roots, "LANG": "zh_CN.UTF-8"}
    return {**os.environ, **settings}


def tongke(environment: dict[str, str], *arguments: str) -> str:
    command = [sys.executable, "-m", "tongke", *arguments]
    return subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def platform_with_people(environment: dict[str, str]) -> Iterator[dict[str, str]]:
    process = subprocess.Popen([sys.executable, "-m", "tongke", "serve"], env=environment)
    try:
        wait_for(f"{environment['TONGKE_BASE_URL']}/healthz", process, seconds=60)
        tokens = {}
        for variable, role in (("TOKEN", "teacher"), ("REVIEWER", "reviewer")):
            tongke(environment, "user", "create", "--email", f"{role}@example.cn", "--name", "王老师", "--role", role)
            made = tongke(environment, "token", "create", "--user", f"{role}@example.cn")
            tokens[variable] = made.split()[-1]
        yield {**environment, **tokens, "BASE": environment["TONGKE_BASE_URL"]}
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def test_every_command_of_the_guide_works(platform_with_people: dict[str, str], tmp_path: Path) -> None:
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE))

    told = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        env=platform_with_people,
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert told.returncode == 0, told.stderr + told.stdout[-2_000:]
    lines = told.stdout.splitlines()
    assert re.search(r"100000 bytes were there; the asset is [0-9a-f-]{36}", told.stdout)
    assert lines[-5:] == ["draft", "submitted", "published", "小数除法 例 1", "withdrawn"]
