"""Passing a lesson on: link, QR code, short code and the printable sheet."""

from __future__ import annotations


def test_share_page_tells_who_may_open_it(client, shelf) -> None:
    made = shelf.put("小数除法")

    page = client.get(f"/resources/{made.id}/share").text

    assert f"http://testserver/r/{made.short_code}" in page
    assert "谁都可以打开" in page


def test_qr_code_is_a_drawing_of_the_short_address(client, shelf) -> None:
    made = shelf.put("小数除法")

    answer = client.get(f"/resources/{made.id}/qr.svg")

    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.text.startswith("<svg")


def test_sheet_prints_with_and_without_scripts(client, shelf) -> None:
    made = shelf.put("小数除法", description="讲清算理。", grade=5)

    page = client.get(f"/resources/{made.id}/sheet").text

    assert f'data-printed="/resources/{made.id}/uses"' in page
    assert "data-print hidden" in page
    assert made.short_code in page
    assert "五年级" in page


def test_what_may_not_be_seen_is_not_passed_on(client, shelf) -> None:
    shelf.hide_some()

    doors = ("", "/share", "/sheet", "/qr.svg", "/revisions", "/download")
    answers = {
        client.get(f"/resources/{made.id}{door}").status_code for made in shelf.hidden.values() for door in doors
    }
    codes = {client.get(f"/r/{made.short_code}").status_code for made in shelf.hidden.values()}

    assert (answers, codes) == ({404}, {404})
