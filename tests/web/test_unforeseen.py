"""What nobody foresaw: the person gets a kind page or a problem, the operator the traceback."""

from __future__ import annotations

import json

import pytest
from starlette.testclient import TestClient

from tongke.discovery import service as discovery


@pytest.fixture
def broken(app, monkeypatch):
    def fall(*_given) -> None:
        raise RuntimeError("the ceiling came down")

    monkeypatch.setattr(discovery, "find", fall)
    with TestClient(app, base_url="http://testserver", raise_server_exceptions=False) as client:
        yield client


def test_page_that_breaks_says_so_kindly_and_the_log_tells_why(broken, capsys) -> None:
    answer = broken.get("/resources")

    assert answer.status_code == 500
    assert "这不是您的错" in answer.text
    assert "ceiling" not in answer.text
    assert "the ceiling came down" in "".join(capsys.readouterr())


def test_machine_door_that_breaks_answers_a_problem(broken) -> None:
    answer = broken.get("/api/v1/resources")

    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert json.loads(answer.text)["type"] == "/docs/problems#internal"
