"""``make test``: every group of tests, fast ones first, then a plain list of what was skipped and why.

With CI=true a skip is a failure, unless tests/allowed_skips.toml names it with a condition that does not hold there.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent


@dataclass(frozen=True, slots=True)
class Group:
    """A pytest run of its own: ``workers`` processes, with ``environment`` added."""

    name: str
    paths: tuple[str, ...]
    workers: int = 2
    options: tuple[str, ...] = ()
    environment: dict[str, str] = field(default_factory=dict)


ELSEWHERE = ("--ignore=tests/e2e", "--ignore=tests/bench", "--ignore=tests/architecture")
GROUPS = (
    Group("the shape of the house", ("tests/architecture",)),
    Group("rules, engines, pages and doors", ("tests",), options=("-m", "not fault and not slow", *ELSEWHERE)),
    Group(
        "the same on PostgreSQL and S3",
        ("tests/web", "tests/unit", "tests/sign_in", "tests/collections", "tests/resources", "tests/curriculum"),
        options=("-m", "not fault and not slow and not embedded_only"),
        environment={"TEST_PROFILE": "regional"},
    ),
    Group("what takes longer", ("tests",), options=("-m", "slow and not fault", *ELSEWHERE)),
    Group("killed processes", ("tests",), options=("-m", "fault", *ELSEWHERE)),
    Group("journeys in a browser", ("tests/e2e",), workers=0),
)


def conditions() -> dict[str, bool]:
    """What a skip may depend on; each is looked at, not declared."""
    return {
        "TEST_MEILI_URL": bool(os.environ.get("TEST_MEILI_URL")),
        "shared": (ROOT.parent / "shared").exists(),
        "ffmpeg": shutil.which("ffmpeg") is not None,
        "soffice": shutil.which("soffice") is not None,
        "chromium": shutil.which("chromium") is not None,
        "postgres": bool(list(Path("/usr/lib/postgresql").glob("*/bin/initdb"))),
        "nginx": shutil.which("nginx") is not None,
        "docker-compose": shutil.which("docker-compose") is not None,
        "clamd": shutil.which("clamd") is not None,
        "linux": sys.platform == "linux",
        "windows": sys.platform == "win32",
    }


def run(group: Group, report: Path) -> tuple[int, float]:
    """Run one group; its skips are appended to ``report`` by tests/skips.py."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "tests.skips", *group.paths, *group.options]
    if group.workers:
        command += ["-n", str(group.workers), "--dist", "loadfile"]
    started = time.monotonic()
    print(f"\n=== {group.name}", flush=True)
    environment = {**os.environ, **group.environment, "TEST_SKIP_REPORT": str(report)}
    # A folder of its own: PostgreSQL runs as another user, who must be able to walk down to it.
    with tempfile.TemporaryDirectory(prefix="tongke-tests-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        command.append(f"--basetemp={folder}/run")
        status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    return (0 if status == 5 else status), time.monotonic() - started  # 5: nothing in this group fits the machine


def main() -> int:
    wanted = sys.argv[1:]
    failed, times = [], []
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "skips.jsonl"
        report.touch()
        for group in GROUPS:
            if wanted and group.name not in wanted:
                continue
            if not all((ROOT / path).exists() for path in group.paths):
                continue
            status, seconds = run(group, report)
            times.append((group.name, seconds))
            if status:
                failed.append(group.name)
        skips = sorted({(s["test"], s["reason"]) for s in map(json.loads, report.read_text().splitlines())})
    unexplained = tell_skips(skips)
    print("\n=== time")
    for name, seconds in times:
        print(f"  {seconds:7.1f} s  {name}")
    if failed:
        print(f"\nFAILED: {', '.join(failed)}")
    if unexplained and os.environ.get("CI") == "true":
        print("\nFAILED: skips that tests/allowed_skips.toml does not explain")
        return 1
    return 1 if failed else 0


def tell_skips(skips: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Print every skip with its reason; returns those that no listed condition explains."""
    allowed = tomllib.loads((HERE / "allowed_skips.toml").read_text(encoding="utf-8"))
    holds = conditions()
    print(f"\n=== skipped: {len(skips)}")
    unexplained = []
    for test, reason in skips:
        condition = next((c for prefix, c in allowed.items() if test.startswith(prefix)), None)
        explained = condition is not None and not holds[condition]
        print(f"  {test}: {reason}" + ("" if explained else "   <- not explained by tests/allowed_skips.toml"))
        if not explained:
            unexplained.append((test, reason))
    return unexplained


if __name__ == "__main__":
    sys.exit(main())
