"""Where one is signed in, shared computers, and tokens that say what they lack."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from sqlmodel import select
from tests.conftest import PASSWORD

from tongke.accounts import service
from tongke.accounts.devices import device_of
from tongke.accounts.models import ApiToken, Role
from tongke.db import now, reading, transaction


@pytest.fixture
def teacher(engine):
    with transaction(engine) as session:
        return service.create_user(session, email="wang", name="王老师", password=PASSWORD, role=Role.TEACHER)


def test_sign_in_is_on_a_shared_computer_unless_said_otherwise(client, teacher, engine) -> None:
    shared = client.post("/sign-in", data={"email": "wang", "password": PASSWORD})
    page = client.get("/me/settings").text
    client.cookies.clear()
    own = client.post("/sign-in", data={"email": "wang", "password": PASSWORD, "own": "true"})

    assert "max-age" not in shared.headers["set-cookie"].lower()
    assert "max-age=1209600" in own.headers["set-cookie"].lower()
    assert 'data-idle-s="1800"' in page
    assert "data-idle-s" not in client.get("/me/settings").text


def test_shared_sign_in_ends_when_idle_and_lasts_while_used(client, teacher) -> None:
    with time_machine.travel(now()) as clock:
        client.post("/sign-in", data={"email": "wang", "password": PASSWORD})
        for _ in range(4):
            clock.shift(timedelta(minutes=20))
            assert client.get("/me/here").status_code == 204
        clock.shift(timedelta(minutes=31))
        assert client.get("/me/here").status_code == 401


def test_saving_a_draft_counts_as_use(client, teacher) -> None:
    """Whoever types for an hour only sends autosaves: these keep the sign-in as well."""
    with time_machine.travel(now()) as clock:
        client.post("/sign-in", data={"email": "wang", "password": PASSWORD})
        for _ in range(3):
            clock.shift(timedelta(minutes=20))
            assert client.post("/preferences", data={"low_data": "1", "back": "/"}).status_code == 303
        assert client.get("/me/here").status_code == 204


def test_signed_in_pages_are_not_kept_by_the_browser(client, signed_in, teacher) -> None:
    assert client.get("/").headers["cache-control"] == "private, no-cache"
    assert signed_in(teacher).get("/").headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit Chrome/120 Safari/537 Edg/120", "Edge · Windows"),
        ("Mozilla/5.0 (iPhone; CPU) AppleWebKit MicroMessenger/8.0", "微信 · iPhone"),
        ("curl/8", "未知设备"),
    ],
)
def test_devices_are_told_in_words(agent, words) -> None:
    assert str(device_of(agent)) == words


def make_token(browser, *scopes, days="30"):
    answer = browser.post("/me/tokens", data={"name": "脚本", "scopes": list(scopes), "days": days})
    found = re.search(r'<p class="code">([^<]+)</p>', answer.text)
    return {"Authorization": f"Bearer {found[1]}"} if found else None


def test_narrowed_token_says_which_scope_it_lacks(client, signed_in, teacher) -> None:
    reads = make_token(signed_in(teacher), "read")

    answers = {
        "write": client.post("/api/v1/resources", headers=reads, json={"title": "x"}),
        "upload": client.post("/api/v1/uploads", headers={**reads, "Tus-Resumable": "1.0.0", "Upload-Length": "3"}),
        "review": client.post(f"/api/v1/resources/{teacher.id}/publication", headers=reads, json={}),
    }

    for scope, answer in answers.items():
        assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")
        body = answer.json()
        assert (body["type"], body["scope"]) == ("/docs/problems#scope-missing", scope)
        assert f'scope="{scope}"' in answer.headers["www-authenticate"]
    assert client.get("/api/v1/resources", headers=reads).status_code == 200


def test_token_with_the_scope_works_and_remembers_its_last_use(client, signed_in, teacher, engine) -> None:
    browser = signed_in(teacher)
    writes = make_token(browser, "write", "read")

    assert client.post("/api/v1/resources", headers=writes, json={"title": "小数除法"}).status_code == 201
    with reading(engine) as session:
        (kept,) = session.exec(select(ApiToken)).all()
    assert (kept.scopes, kept.name, kept.last_used_at is not None) == (["read", "write"], "脚本", True)


def test_token_made_without_scopes_on_the_command_line_does_everything_as_before(client, token_of, teacher) -> None:
    assert client.post("/api/v1/resources", headers=token_of(teacher), json={"title": "x"}).status_code == 201


def test_token_expires_and_is_revoked(client, signed_in, teacher, engine) -> None:
    browser = signed_in(teacher)
    header = make_token(browser, "write", days="1")
    with time_machine.travel(now() + timedelta(days=1, seconds=5)):
        late = client.post("/api/v1/resources", headers=header, json={"title": "x"})
    with reading(engine) as session:
        token_id = session.exec(select(ApiToken.id)).one()
    browser.post(f"/me/tokens/{token_id}/revocation")
    revoked = client.post("/api/v1/resources", headers=header, json={"title": "x"})

    assert (late.status_code, "过期" in late.json()["detail"], revoked.status_code) == (401, True, 401)


@pytest.mark.parametrize(("scopes", "days"), [([], "30"), (["everything"], "30"), (["read"], "0"), (["read"], "400")])
def test_unfit_tokens_are_not_made(signed_in, teacher, engine, scopes, days) -> None:
    assert make_token(signed_in(teacher), *scopes, days=days) is None
    with reading(engine) as session:
        assert session.exec(select(ApiToken)).all() == []


def test_tokens_of_a_suspended_person_stop_at_once_and_return_with_them(
    client, signed_in, teacher, make_user, actor_of, engine
) -> None:
    header = make_token(signed_in(teacher), "write")
    admin = actor_of(make_user("平台", role=Role.PLATFORM_ADMIN))
    statuses = []
    for act in (service.suspend, service.reinstate):
        with transaction(engine) as session:
            act(session, admin, session.get(type(teacher), teacher.id))
        statuses.append(client.post("/api/v1/resources", headers=header, json={"title": "x"}).status_code)

    assert statuses == [401, 201]
