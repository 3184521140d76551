"""Errors nobody foresaw: a page or a problem inside the guards, and the trace in the log."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient
from structlog.testing import capture_logs

from tongke.discovery import service as discovery


@pytest.mark.parametrize(
    ("path", "media_type", "said"),
    [
        ("/api/v1/resources", "application/problem+json", "problems#internal"),
        ("/resources", "text/html; charset=utf-8", "出了点问题"),
    ],
)
def test_an_unforeseen_error_is_logged_and_answered_inside_the_guards(app, monkeypatch, path, media_type, said) -> None:
    def fails(*_args, **_kwargs) -> None:
        raise ZeroDivisionError("nobody thought of this")

    monkeypatch.setattr(discovery, "find", fails)
    with TestClient(app, base_url="http://testserver", raise_server_exceptions=False) as client, capture_logs() as logs:
        answer = client.get(path, params={"q": "王小明"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (500, media_type)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert said in answer.text
    (entry,) = [entry for entry in logs if entry["event"] == "http.failed"]
    assert (entry["path"], entry["exc_info"]) == (path, True)
    assert "王小明" not in str(logs)
