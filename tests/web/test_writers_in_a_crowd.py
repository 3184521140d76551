"""Many writers at once on one web process: all are served, none waits for a thread that waits for it."""

from __future__ import annotations

import json
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.e2e.site import running_site


@pytest.mark.fault
def test_crowd_of_writers_is_served(tmp_path: Path) -> None:
    with running_site(tmp_path, demo=False) as site:
        site.command("user", "create", "--email", "t@example.org", "--name", "王", "--password", "a good password")
        token = site.command("token", "create", "--user", "t@example.org").split()[-1]

        def create(number: int) -> int:
            request = urllib.request.Request(
                f"{site.base_url}/api/v1/resources", json.dumps({"title": f"课 {number}"}).encode(), method="POST",
                headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
            )  # fmt: skip
            with urllib.request.urlopen(request, timeout=25) as answer:
                return int(answer.status)

        with ThreadPoolExecutor(40) as crowd:
            assert list(crowd.map(create, range(120))) == [201] * 120
