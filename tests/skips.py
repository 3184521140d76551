"""A pytest plugin that writes every skip with its reason to the file named by TEST_SKIP_REPORT."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    path = os.environ.get("TEST_SKIP_REPORT")
    # Under xdist the main process sees every report as well; only it writes.
    if not path or not report.skipped or "PYTEST_XDIST_WORKER" in os.environ:
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    with Path(path).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps({"test": report.nodeid, "reason": reason.removeprefix("Skipped: ")}) + "\n")
