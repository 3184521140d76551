"""Signing in by page, the first administrator, people and schools."""

from __future__ import annotations

import pytest
from sqlmodel import select
from tests.conftest import PASSWORD

from tongke.accounts import service
from tongke.accounts.first_admin import setup_code
from tongke.accounts.models import Role, School, User
from tongke.db import reading, transaction


@pytest.fixture
def teacher(engine):
    with transaction(engine) as session:
        return service.create_user(
            session, email="wang@example.org", name="王老师", password=PASSWORD, role=Role.TEACHER
        )


def test_teacher_signs_in_and_goes_where_she_wanted(client, teacher) -> None:
    answer = client.post("/sign-in", data={"email": "wang@example.org", "password": PASSWORD, "next": "/me/settings"})

    assert (answer.status_code, answer.headers["location"]) == (303, "/me/settings")
    assert "王老师" in client.get("/me/settings").text


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)"],
)
def test_nobody_is_sent_to_another_site(client, teacher, elsewhere) -> None:
    answer = client.post("/sign-in", data={"email": "wang@example.org", "password": PASSWORD, "next": elsewhere})

    assert answer.headers["location"] == "/"


def test_wrong_password_comes_back_as_the_form_with_the_name_kept(client, teacher) -> None:
    answer = client.post("/sign-in", data={"email": "wang@example.org", "password": "wrong"})

    assert answer.status_code == 422
    assert "登录名或密码不对" in answer.text
    assert 'value="wang@example.org"' in answer.text
    assert "set-cookie" not in answer.headers


def test_signing_out_ends_the_session_and_empties_the_browser(signed_in, teacher) -> None:
    browser = signed_in(teacher)

    answer = browser.post("/sign-out")

    assert answer.status_code == 303
    assert answer.headers["clear-site-data"] == '"cache", "storage"'
    assert browser.get("/me/settings").status_code == 401


def test_write_from_another_site_is_refused(signed_in, teacher) -> None:
    browser = signed_in(teacher)

    assert browser.post("/sign-out", headers={"sec-fetch-site": "cross-site"}).status_code == 403
    assert browser.post("/sign-out", headers={"origin": "https://evil.example"}).status_code == 403
    assert browser.get("/me/settings").status_code == 200


def test_cookie_is_kept_from_scripts(client, teacher) -> None:
    answer = client.post("/sign-in", data={"email": "wang@example.org", "password": PASSWORD})

    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie


def test_first_administrator_is_made_with_the_code_of_the_console(client, engine, settings) -> None:
    code = setup_code(settings.signing_key)
    form = {"code": code, "name": "管理员", "email": "admin@example.org", "password": PASSWORD}

    assert client.get(f"/welcome?code={code}").status_code == 200
    assert client.post("/welcome", data=form | {"code": "wrong"}).status_code == 422
    assert client.post("/welcome", data=form).status_code == 303
    with reading(engine) as session:
        assert [(u.email, u.role) for u in session.exec(select(User))] == [("admin@example.org", "platform_admin")]
    assert client.get("/welcome").status_code == 404
    assert client.post("/welcome", data=form).status_code == 404


def test_password_is_changed_with_the_present_one_only(signed_in, teacher, engine) -> None:
    browser = signed_in(teacher)
    new = "a new password 1"

    wrong = browser.post("/me/password", data={"present": "no", "new": new, "again": new})
    differ = browser.post("/me/password", data={"present": PASSWORD, "new": new, "again": "else"})
    right = browser.post("/me/password", data={"present": PASSWORD, "new": new, "again": new})

    assert (wrong.status_code, differ.status_code, right.status_code) == (422, 422, 303)
    assert browser.get("/me/settings").status_code == 200


def test_school_admin_invites_a_teacher_who_chooses_a_password(signed_in, make_user, make_school, client) -> None:
    school = make_school()
    browser = signed_in(make_user("校管", role=Role.SCHOOL_ADMIN, school=school))

    answer = browser.post("/admin/people", data={"role": "teacher", "email": "li", "name": "李老师"})
    code = answer.text.split('<b class="code">')[1].split("<")[0]

    assert "李老师，您好" in client.get("/join", params={"code": code.lower()}).text
    joined = client.post("/join", data={"code": code, "new": PASSWORD, "again": PASSWORD})
    assert (joined.status_code, joined.headers["location"]) == (303, "/sign-in")
    assert client.post("/sign-in", data={"email": "li", "password": PASSWORD}).status_code == 303
    assert "李老师" in browser.get("/admin/people?q=李").text


@pytest.mark.parametrize("path", ["/admin/people", "/admin/schools"])
@pytest.mark.parametrize(("role", "status"), [(Role.TEACHER, 403), (Role.REVIEWER, 403), (Role.PLATFORM_ADMIN, 200)])
def test_administration_is_for_administrators(signed_in, make_user, path, role, status) -> None:
    assert signed_in(make_user(role=role)).get(path).status_code == status


def test_nobody_signed_in_is_led_to_sign_in(client) -> None:
    assert client.get("/admin/people").status_code == 401


def test_region_admin_adds_schools_of_the_region_only(signed_in, make_user, engine, county) -> None:
    browser = signed_in(make_user(role=Role.REGION_ADMIN, region=county))
    form = {"code": "X1", "name": "梓桐镇小学", "kind": "完全小学", "locality": "村"}

    assert browser.post("/admin/schools/new", data=form | {"r2": "33", "r4": "3301"}).status_code == 403
    assert browser.post("/admin/schools/new", data=form | {"r6": county}).status_code == 303
    with reading(engine) as session:
        assert [s.name for s in session.exec(select(School))] == ["梓桐镇小学"]


def test_suspended_teacher_is_signed_out_at_once(signed_in, make_user, make_school) -> None:
    school = make_school()
    teacher = make_user("王", school=school)
    admin, other = signed_in(make_user("校管", role=Role.SCHOOL_ADMIN, school=school)), signed_in(teacher)

    assert other.get("/me/settings").status_code == 200
    assert admin.post(f"/admin/people/{teacher.id}/suspension").status_code == 303
    assert other.get("/me/settings").status_code == 401


def test_people_of_other_schools_are_not_to_be_found(signed_in, make_user, make_school) -> None:
    stranger = make_user("远老师", school=make_school("二小"))
    browser = signed_in(make_user("校管", role=Role.SCHOOL_ADMIN, school=make_school("一小")))

    assert "远老师" not in browser.get("/admin/people").text
    assert browser.post(f"/admin/people/{stranger.id}/suspension").status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_people_page_costs_a_fixed_number_of_queries(signed_in, make_user, make_school, queries_of, count) -> None:
    school = make_school()
    for number in range(count):
        make_user(f"老师{number}", school=school)
    browser = signed_in(make_user("校管", role=Role.SCHOOL_ADMIN, school=school))

    with queries_of() as statements:
        assert browser.get("/admin/people").status_code == 200

    assert len(statements) == 4
