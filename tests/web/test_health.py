"""What machines ask: alive, ready part by part, figures."""

from __future__ import annotations

from tongke.errors import SearchUnavailable


def test_ready_platform_says_so_part_by_part(client) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["parts"]) == (
        200, {"database": "ok", "storage": "ok", "search": "ok"},
    )  # fmt: skip
    assert client.get("/healthz").text == "ok"


def test_platform_without_its_search_engine_is_still_ready(client, app, monkeypatch) -> None:
    def away(_query) -> None:
        raise SearchUnavailable

    monkeypatch.setattr(type(app.state.platform.search), "search", lambda _self, query: away(query))
    answer = client.get("/readyz")

    assert (answer.status_code, answer.json()["parts"]["search"]) == (200, "unavailable")


def test_figures_count_requests_without_their_addresses(client) -> None:
    client.get("/resources?q=秘密的词")

    text = client.get("/metrics").text

    assert 'tongke_http_requests_total{door="page",method="GET",status="200"}' in text
    assert "tongke_reindex_requests 0.0" in text
    assert "秘密" not in text
