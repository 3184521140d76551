"""Signing in by a real, strict OpenID provider (npm oidc-provider): who gets in as whom, and who does not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select
from tests.conftest import BASE_URL, PASSWORD
from tests.oidc.servers import Visitor, open_id_provider

from tongke.accounts import service
from tongke.accounts.models import Role, SchoolMembership, User
from tongke.accounts.oidc.metadata import notebook
from tongke.accounts.sign_in_models import ProviderIdentity, ProviderSession
from tongke.audit.models import AuditEvent
from tongke.db import reading, transaction

pytestmark = pytest.mark.slow
MAIL = {"email_verified": True}
ACCOUNTS = {
    "fang": {"name": "方老师", "email": "fang@county.example", "school": "S001", "role": "js", **MAIL},
    "unverified": {"name": "冒名", "email": "fang@county.example", "email_verified": False, "role": "js"},
    "text-verified": {"name": "冒名", "email": "fang@county.example", "email_verified": "true", "role": "js"},
    "elsewhere": {"name": "外人", "email": "fang@another.example", "role": "js", **MAIL},
    "boss": {"name": "想当管理员", "email": "boss@county.example", "role": ["js", "ptgl"], "school": "S001", **MAIL},
    "head": {"name": "校长", "email": "head@county.example", "role": "xxgl", "school": "S001", **MAIL},
    "stranger": {"name": "不知哪校", "email": "s@county.example", "school": "S999", "role": "js", **MAIL},
    "pupil": {"name": "王小明", "email": "xiaoming@county.example", "school": "S001", "role": "xs", **MAIL},
    "plumber": {"name": "水工", "email": "p@county.example", "school": "S001", "role": "sg", **MAIL},
}
CLAIMS = {
    "school": "school",
    "role": "role",
    "roles": {"js": "teacher", "xs": "pupil", "xxgl": "school_admin", "ptgl": "platform_admin"},
}


@pytest.fixture(scope="module", params=["RS256", "ES256"])
def provider(request, tmp_path_factory):
    with open_id_provider(tmp_path_factory.mktemp("op"), BASE_URL, ACCOUNTS, algorithm=request.param) as running:
        yield running


@pytest.fixture
def trust(settings, provider) -> Callable[..., None]:
    """Say what the provider is believed in."""
    notebook.forget()

    def say(**more: Any) -> None:
        settings.oidc_providers = provider.settings(**{"claims": CLAIMS, **more})

    say(new_accounts=True, link_email_domains=["county.example"])
    return say


def go(client, login: str, query: str = "", visitor: Visitor | None = None):
    """The whole way: our page, the provider's pages, back; returns our last answer."""
    left = client.get(f"/sign-in/with/county{query}")
    assert left.status_code == 303, left.text
    back = (visitor or Visitor()).sign_in(left.headers["location"], login)
    return client.get(back.removeprefix(BASE_URL))


def people(engine) -> dict[str, tuple[str, str]]:
    with reading(engine) as session:
        return {u.email: (u.name, u.role) for u in session.exec(select(User))}


@pytest.fixture
def fang(engine, make_school) -> User:
    make_school()
    with transaction(engine) as session:
        return service.create_user(
            session, email="fang@county.example", name="方老师", password=PASSWORD, role=Role.TEACHER
        )


def test_newcomer_gets_an_account_with_school_and_role(client, trust, engine, make_school) -> None:
    school = make_school()

    answer = go(client, "fang", "?next=/me/settings")

    assert (answer.status_code, answer.headers["location"]) == (303, "/me/settings")
    shown = client.get("/me/settings").text
    assert "方老师" in shown
    assert school.name in shown
    assert people(engine) == {"fang@county.example": ("方老师", "teacher")}


def test_second_time_is_the_same_account(client, trust, engine, make_school) -> None:
    make_school()
    go(client, "fang")
    client.post("/sign-out")
    go(client, "fang")

    assert len(people(engine)) == 1
    assert client.get("/me").status_code == 200


def test_asks_as_it_should(client, trust) -> None:
    asked = parse_qs(urlsplit(client.get("/sign-in/with/county").headers["location"]).query)

    assert (asked["response_type"], asked["code_challenge_method"]) == (["code"], ["S256"])
    assert asked["redirect_uri"] == [f"{BASE_URL}/sign-in/return/county"]
    assert all(len(asked[name][0]) >= 40 for name in ("state", "nonce", "code_challenge"))
    switched = parse_qs(urlsplit(client.get("/sign-in/with/county?switch=true").headers["location"]).query)
    assert switched["prompt"][0] in {"login", "select_account"}
    assert "prompt" not in asked


def test_known_teacher_is_linked_by_a_verified_address(client, trust, engine, fang) -> None:
    go(client, "fang")

    assert len(people(engine)) == 1
    with reading(engine) as session:
        assert session.exec(select(ProviderIdentity.user_id)).all() == [fang.id]
        assert session.exec(select(ProviderSession.sid)).one() != ""


@pytest.mark.parametrize("who", ["unverified", "text-verified", "elsewhere"])
def test_address_that_is_not_verified_or_not_theirs_links_nobody(client, trust, engine, fang, who) -> None:
    trust(link_email_domains=["county.example"])

    answer = go(client, who)

    assert answer.headers["location"].startswith("/sign-in?link=")
    assert "还没有关联" in client.get(answer.headers["location"]).text
    assert client.get("/me").status_code == 401


def test_untrusted_provider_links_after_one_sign_in_here(client, trust, engine, fang) -> None:
    trust()
    page = go(client, "fang", "?next=/me/settings").headers["location"]
    link = parse_qs(urlsplit(page).query)["link"][0]

    form = {"email": "fang@county.example", "password": PASSWORD, "link": link, "next": "/me/settings"}
    assert client.post("/sign-in", data=form).headers["location"] == "/me/settings"
    client.post("/sign-out")
    go(client, "fang")

    assert client.get("/me").status_code == 200
    with reading(engine) as session:
        assert session.exec(select(ProviderIdentity.user_id)).all() == [fang.id]


def test_link_of_another_browser_is_worth_nothing(client, trust, engine, fang, app) -> None:
    from starlette.testclient import TestClient

    trust()
    link = parse_qs(urlsplit(go(client, "fang").headers["location"]).query)["link"][0]

    other = TestClient(app, base_url=BASE_URL, follow_redirects=False)
    answer = other.post("/sign-in", data={"email": "fang@county.example", "password": PASSWORD, "link": link})

    assert answer.status_code == 422
    with reading(engine) as session:
        assert session.exec(select(ProviderIdentity)).all() == []


def test_admin_is_not_linked_by_mail_alone(client, trust, engine) -> None:
    with transaction(engine) as session:
        service.create_user(
            session, email="boss@county.example", name="管", password=PASSWORD, role=Role.PLATFORM_ADMIN
        )

    assert go(client, "boss").headers["location"].startswith("/sign-in?link=")


@pytest.mark.parametrize(
    ("who", "ranks", "role"),
    [
        ("boss", [], "teacher"),
        ("boss", ["platform_admin"], "platform_admin"),
        ("head", [], None),
        ("head", ["school_admin"], "school_admin"),
        ("plumber", [], None),
        ("stranger", [], None),
    ],
)
def test_ranks_come_from_claims_only_where_the_operator_says_so(
    client, trust, engine, make_school, who, ranks, role
) -> None:
    make_school()
    trust(new_accounts=True, ranks=ranks)

    go(client, who)

    assert [r for _, r in people(engine).values()] == ([role] if role else [])


def test_nobody_new_where_new_accounts_are_off_or_elsewhere(client, trust, engine, make_school) -> None:
    make_school()
    for limits in ({}, {"new_account_email_domains": ["school.example"]}, {"new_account_regions": ["4401"]}):
        trust(**{"new_accounts": bool(limits), **limits})
        go(client, "fang")
        assert people(engine) == {}
    trust(new_accounts=True, new_account_email_domains=["county.example"], new_account_regions=["3301"])
    go(client, "fang")
    assert len(people(engine)) == 1


def test_pupil_is_nobody_by_name(client, trust, engine, make_school) -> None:
    make_school()
    go(client, "pupil")

    ((email, (name, role)),) = people(engine).items()
    assert role == "pupil"
    assert email.startswith("county-")
    with reading(engine) as session:
        kept = [name, email, *session.exec(select(ProviderIdentity.email)).all()]
        kept += [str(e.details) for e in session.exec(select(AuditEvent))]
    assert not any("小明" in text or "xiaoming" in text for text in kept)


def test_teacher_who_moved_is_at_the_new_school(client, trust, engine, make_school, fang) -> None:
    school = make_school("另一所小学")  # S002
    trust(link_email_domains=["county.example"])
    go(client, "fang")
    client.post("/sign-out")
    trust(link_email_domains=["county.example"], claims={**CLAIMS, "schools": {"S001": school.code}})
    go(client, "fang")

    assert "另一所小学" in client.get("/me/settings").text
    with reading(engine) as session:
        rows = session.exec(select(SchoolMembership).order_by(SchoolMembership.ended_at.is_(None))).all()
    assert [row.until is None for row in rows] == [False, True]


def test_suspended_person_does_not_come_in_by_another_door(client, trust, engine, fang) -> None:
    go(client, "fang")
    client.post("/sign-out")
    with transaction(engine) as session:
        from tongke.db import now

        session.get(User, fang.id).suspended_at = now()

    assert go(client, "fang").status_code == 401
    assert client.get("/me").status_code == 401


def test_return_works_once_and_only_in_the_browser_that_left(client, trust, engine, app, make_school) -> None:
    from starlette.testclient import TestClient

    make_school()
    left = client.get("/sign-in/with/county")
    back = Visitor().sign_in(left.headers["location"], "fang").removeprefix(BASE_URL)

    other = TestClient(app, base_url=BASE_URL, follow_redirects=False)
    assert other.get(back).status_code == 422
    other.get("/sign-in/with/county")
    assert other.get(back).status_code == 422
    assert client.get(back).status_code == 303
    client.post("/sign-out")
    assert client.get(back).status_code == 422
    assert client.get("/me").status_code == 401


def test_code_of_another_journey_is_refused(client, trust, make_school) -> None:
    """Somebody slips their own code into the victim's return: PKCE and the nonce tell."""
    make_school()
    stolen = Visitor().sign_in(client.get("/sign-in/with/county").headers["location"], "fang")
    code = parse_qs(urlsplit(stolen).query)["code"][0]
    own = parse_qs(urlsplit(client.get("/sign-in/with/county").headers["location"]).query)["state"][0]

    answer = client.get(
        "/sign-in/return/county", params={"state": own, "code": code, "iss": parse_qs(urlsplit(stolen).query)["iss"][0]}
    )

    assert answer.status_code == 400
    assert client.get("/me").status_code == 401


@pytest.mark.parametrize("iss", ["https://evil.example", None])
def test_answer_of_another_issuer_is_refused(client, trust, iss) -> None:
    state = parse_qs(urlsplit(client.get("/sign-in/with/county").headers["location"]).query)["state"][0]

    answer = client.get("/sign-in/return/county", params={"state": state, "code": "x", **({"iss": iss} if iss else {})})

    assert answer.status_code == 400
    assert "不是由这个登录服务签发的" in answer.text


def test_person_who_cancels_is_told_so(client, trust, provider) -> None:
    state = parse_qs(urlsplit(client.get("/sign-in/with/county").headers["location"]).query)["state"][0]

    answer = client.get(
        "/sign-in/return/county", params={"state": state, "error": "access_denied", "iss": provider.issuer}
    )

    assert answer.status_code == 400
    assert "没有完成登录" in answer.text


def test_linking_from_ones_own_page_and_unlinking(client, trust, engine, fang) -> None:
    client.post("/sign-in", data={"email": fang.email, "password": PASSWORD})

    answer = go(client, "elsewhere", "?link=true")

    assert answer.headers["location"] == "/me/sign-in"
    assert "fang@another.example" in client.get("/me/sign-in").text
    with reading(engine) as session:
        identity = session.exec(select(ProviderIdentity)).one()
    assert client.post(f"/me/sign-in/providers/{identity.id}/removal").status_code == 303
    with reading(engine) as session:
        assert session.exec(select(ProviderIdentity)).all() == []


def test_identity_of_somebody_else_is_not_linked(client, trust, engine, fang, signed_in, make_user) -> None:
    go(client, "fang")
    other = signed_in(make_user("陈老师"))

    left = other.get("/sign-in/with/county?link=true")
    back = Visitor().sign_in(left.headers["location"], "fang")

    assert other.get(back.removeprefix(BASE_URL)).status_code == 409


def test_only_way_in_is_not_taken_away(client, trust, engine, make_school) -> None:
    make_school()
    go(client, "fang")
    with reading(engine) as session:
        identity = session.exec(select(ProviderIdentity)).one()

    assert client.post(f"/me/sign-in/providers/{identity.id}/removal").status_code == 409


def test_signing_out_here_and_there(client, trust, make_school) -> None:
    make_school()
    go(client, "fang")

    page = client.post("/sign-out")

    assert "也退出" in page.text
    assert client.get("/me").status_code == 401
    import re
    from html import unescape

    onward = unescape(re.search(r'href="(/sign-out/with/county[^"]+)"', page.text)[1])
    there = client.get(onward)
    asked = parse_qs(urlsplit(there.headers["location"]).query)
    assert asked["post_logout_redirect_uri"] == [f"{BASE_URL}/sign-in"]
    assert asked["id_token_hint"][0].count(".") == 2
    assert client.get(onward).status_code == 422


def test_page_asks_no_provider_anything(client, settings, provider) -> None:
    """A provider that is down: the page is as quick as ever, and local sign-in works."""
    notebook.forget()
    settings.oidc_providers = provider.settings().replace(provider.issuer, "http://127.0.0.1:9")

    assert "县教育云" in client.get("/sign-in").text
    assert client.post("/sign-in", data={"email": "x", "password": "y"}).status_code == 422
    down = client.get("/sign-in/with/county")
    assert down.status_code == 503
    assert "现在没有应答" in down.text
    assert client.get("/sign-in/with/nobody").status_code == 404
