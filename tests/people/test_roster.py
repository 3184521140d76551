"""Rosters: any encoding, errors by line, everybody or nobody, and never a formula in what is handed out."""

from __future__ import annotations

import csv
import io
import os
import re
import signal
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlmodel import func, select
from tests.conftest import PASSWORD

from tongke.accounts.models import OneTimeCode, Role, Roster, SchoolMembership, User
from tongke.accounts.roster import desk
from tongke.accounts.roster.checking import Outcome, Wish, check
from tongke.accounts.roster.importing import carry_out
from tongke.accounts.roster.reading import decoded, read_sheet, safe_cell, written
from tongke.db import reading, transaction
from tongke.errors import Invalid
from tongke.jobs.worker import Worker

KEY = b"a key for tests"
HEAD = "姓名,登录名,角色,学校代码\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_every_encoding_of_the_country_is_read(encoding) -> None:
    (line,) = read_sheet(decoded((HEAD + "王　小妹,Wang01,教师,S001\n").encode(encoding))).lines

    assert (line.number, line.name, line.sign_in_name, line.role, line.school) == (
        2,
        "王 小妹",
        "wang01",
        Role.TEACHER,
        "S001",
    )


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_headings_in_either_language_in_any_order(delimiter) -> None:
    text = (
        delimiter.join(["Email", "备注", "Name", "起始日期"]) + "\n" + delimiter.join(["a@b.cn", "x", "李", "2026/9/1"])
    )
    sheet = read_sheet(text)

    assert (sheet.lines[0].name, sheet.lines[0].sign_in_name, sheet.lines[0].since) == (
        "李",
        "a@b.cn",
        date(2026, 9, 1),
    )
    assert sheet.ignored == ["备注"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "空的"), (b"\x00\x01\x02", "CSV"), ("姓名\n王\n".encode(), "登录名"), (b"\xff\xff\x80", "编码"),
        ("姓名,登录名,name\n王,w,x\n".encode(), "重复"), (f'{HEAD}"王,w,,\n'.encode(), "引号"),
    ],
)  # fmt: skip
def test_file_that_is_no_roster_is_refused_as_a_whole(content, told) -> None:
    with pytest.raises(Invalid, match=told):
        read_sheet(decoded(content))


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        (",w1,,", "姓名"), ("王,w1,校长,", "校长"), ("王,w1,platform_admin,", "名单里只能"), ("王,w1,pupil,", "名单里只能"),
        ("王,w1,,S1,多余", "比第一行多"),
    ],
)  # fmt: skip
def test_line_that_cannot_be_read_says_why(cells, told) -> None:
    (line,) = read_sheet(HEAD + cells).lines

    assert told in str(line.wrong)


@given(st.text(max_size=300))
@hypothesis_settings(max_examples=200, deadline=None)
def test_reading_never_fails_otherwise_than_with_a_sentence(text) -> None:
    try:
        sheet = read_sheet(HEAD + text)
    except Invalid:
        return
    assert all(line.number >= 2 for line in sheet.lines)


@given(
    st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1))
)
@hypothesis_settings(max_examples=200, deadline=None)
def test_no_cell_of_an_export_is_a_formula(rows) -> None:
    cells = [cell for row in csv.reader(io.StringIO(written(rows).decode("utf-8-sig"), newline="")) for cell in row]

    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_name_that_looks_like_a_formula_is_kept_and_comes_back() -> None:
    assert safe_cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    (line,) = read_sheet(HEAD + "'=王,w1,,").lines
    assert line.name == "=王"


@pytest.fixture
def one(make_school):
    return make_school("一小")


@pytest.fixture
def two(make_school):
    return make_school("二小")


@pytest.fixture
def chief(make_user, one, actor_of):
    return actor_of(make_user("校管", role=Role.SCHOOL_ADMIN, school=one, email="chief"))


@pytest.fixture
def county_admin(make_user, county, actor_of):
    return actor_of(make_user("县管", role=Role.REGION_ADMIN, region=county, email="county"))


def planned(engine, actor, text, **wish):
    with reading(engine) as session:
        return check(session, actor, read_sheet(HEAD + text).lines, Wish(**wish))


def outcomes(plan) -> list[tuple[str, str]]:
    return [(step.outcome.value, str(step.reason or "")) for step in plan.steps]


def test_everything_that_can_be_wrong_with_a_line_is_told(engine, one, two, chief, make_user) -> None:
    make_user("在校", school=one, email="here")
    make_user("外校", school=two, email="there")
    make_user("旧名", school=one, email="renamed")
    text = "新,new,,\n新,NEW,,\n在校,here,,\n别名,here2,,\n改名,renamed,,\n外校,there,,\n越权,x1,审核员,\n他校,x2,,S002\n无校,x3,,S999\n空 格,a b,,\n"

    plan = planned(engine, chief, text, school=one)

    told = outcomes(plan)
    assert [outcome for outcome, _ in told] == [
        "new", "refused", "unchanged", "new", "refused", "refused", "refused", "refused", "refused", "refused",
    ]  # fmt: skip
    for n, part in (
        (1, "第 2 行"),
        (4, "姓名不一样"),
        (5, "别的学校"),
        (6, "不能授予"),
        (7, "不归您"),
        (8, "S999"),
        (9, "登录名"),
    ):
        assert part in told[n][1]


def test_move_is_offered_and_only_to_who_administers_both(engine, one, two, county_admin, make_user) -> None:
    make_user("要调", school=two, email="moving")

    asked = planned(engine, county_admin, "要调,moving,,S001\n")
    meant = planned(engine, county_admin, "要调,moving,,S001\n", accepts_moves=True)

    assert "如果是调动" in outcomes(asked)[0][1]
    assert outcomes(meant) == [("move", "")]


def run(engine, actor, text, **wish):
    with transaction(engine) as session:
        return carry_out(session, actor, read_sheet(HEAD + text).lines, Wish(**wish), key=KEY)


def test_import_makes_people_who_can_sign_in_with_their_codes(
    engine, one, two, county_admin, make_user, actor_of
) -> None:
    mover = make_user("要调", school=two, email="moving")
    done = run(engine, county_admin, "甲,jia,教师,S001\n乙,yi,学校管理员,S002\n要调,moving,,S001\n", accepts_moves=True)

    with reading(engine) as session:
        people = {user.email: user for user in session.exec(select(User))}
    assert (done.counts["new"], done.counts["move"]) == (2, 1)
    assert actor_of(mover).school_ids == {one.id}
    assert (actor_of(people["yi"]).role, actor_of(people["yi"]).school_id) == (Role.SCHOOL_ADMIN, two.id)
    assert people["jia"].password_hash is None


def test_one_bad_line_and_nobody_is_imported(engine, one, chief) -> None:
    with pytest.raises(Invalid, match="1 行"):
        run(engine, chief, "甲,jia,,\n,yi,,\n", school=one)
    with reading(engine) as session:
        assert session.exec(select(User.email)).all() == ["chief"]


def test_importing_the_same_file_again_changes_nothing(engine, one, chief) -> None:
    run(engine, chief, "甲,jia,,\n乙,yi,,\n", school=one)
    again = run(engine, chief, "甲,jia,,\n乙,yi,,\n", school=one)

    assert again.counts == {"new": 0, "unchanged": 2, "join": 0, "move": 0, "refused": 0}


def upload(browser, text, encoding="gb18030", **form):
    files = {"file": ("名单.csv", text.encode(encoding), "text/csv")}
    return browser.post("/admin/rosters", files=files, data=form)


def test_school_admin_imports_a_file_from_a_spreadsheet(signed_in, engine, one, chief, client) -> None:
    with reading(engine) as session:
        browser = signed_in(session.get(User, chief.user_id))
    place = upload(browser, HEAD + "=甲,jia,,\n乙,yi,,\n").headers["location"]

    assert "没有问题" in browser.get(place).text
    with reading(engine) as session:
        assert session.exec(select(func.count()).select_from(User)).one() == 1
    browser.post(f"{place}/import")
    listed = browser.get(f"{place}/codes.csv")
    rows = list(csv.reader(io.StringIO(listed.content.decode("utf-8-sig"))))
    slips = browser.get(f"{place}/slips").text

    assert [row[:2] for row in rows[1:]] == [["'=甲", "jia"], ["乙", "yi"]]
    assert all(row[5] in slips for row in rows[1:])
    assert client.post("/join", data={"code": rows[1][5], "new": PASSWORD, "again": PASSWORD}).status_code == 303
    assert "还有 1 人" in browser.get(place).text
    assert len(browser.get(f"{place}/codes.csv").content.splitlines()) == 2


def test_errors_are_shown_by_line_and_the_import_is_refused(signed_in, engine, one, chief) -> None:
    with reading(engine) as session:
        browser = signed_in(session.get(User, chief.user_id))
    place = upload(browser, HEAD + "甲,jia,,\n,yi,,\n").headers["location"]
    shown = browser.get(place).text

    assert re.search(r'data-label="行">3<', shown)
    assert browser.post(f"{place}/import").status_code == 409


def test_roster_is_its_makers_alone(signed_in, engine, one, chief, make_user) -> None:
    with reading(engine) as session:
        browser = signed_in(session.get(User, chief.user_id))
    place = upload(browser, HEAD + "甲,jia,,\n").headers["location"]
    other = signed_in(make_user("平台", role=Role.PLATFORM_ADMIN))

    assert [other.get(place + rest).status_code for rest in ("", "/codes.csv", "/slips")] == [404] * 3
    assert other.post(f"{place}/import").status_code == 404


def test_template_can_be_imported_once_filled(signed_in, engine, one, chief) -> None:
    with reading(engine) as session:
        browser = signed_in(session.get(User, chief.user_id))
    template = browser.get("/admin/rosters/template.csv").content.decode("utf-8-sig")

    assert upload(browser, template + "甲,jia,教师,S001,2026-09-01,\n").status_code == 303


def test_big_file_is_a_job_with_progress(engine, one, chief, signed_in, settings) -> None:
    with reading(engine) as session:
        browser = signed_in(session.get(User, chief.user_id))
    lines = "".join(f"老师{n},t{n:05},,\n" for n in range(desk.AT_ONCE + 1))
    place = upload(browser, HEAD + lines).headers["location"]

    assert "正在检查名单" in browser.get(place).text
    worker = Worker(engine, desk.handlers(settings.signing_key), poll_s=0.02)
    worker.run(until_idle=True)
    browser.post(f"{place}/import")
    Worker(engine, desk.handlers(settings.signing_key), poll_s=0.02).run(until_idle=True)

    assert "全部导入了" in browser.get(place).text
    with reading(engine) as session:
        assert session.exec(select(func.count()).select_from(OneTimeCode)).one() == desk.AT_ONCE + 1
        assert session.exec(select(Roster.content)).one() == ""


KILLED = """
import os, signal, sys
from pathlib import Path
from tongke.accounts.roster import importing
from tongke.main.cli import app
def die(*_args): os.kill(os.getpid(), signal.SIGKILL)
setattr(importing, sys.argv.pop(1), die)
app(sys.argv[1:])
"""


@pytest.mark.fault
@pytest.mark.parametrize("point", ["_add_memberships", "_add_codes", "record_all"])
def test_killed_in_the_middle_nobody_is_imported(engine, settings, one, tmp_path, point) -> None:
    roster = tmp_path / "roster.csv"
    roster.write_text(HEAD + "".join(f"老师{n},t{n},,\n" for n in range(3000)), encoding="gb18030")
    environment = {
        **os.environ, "TONGKE_DATA_DIR": str(settings.data_dir), "TONGKE_BASE_URL": "http://127.0.0.1:1",
        "TONGKE_DATABASE_URL": settings.database, "TONGKE_SECRET_KEY": settings.secret_key,
        "TONGKE_CONTENT_URL": "http://127.0.0.1:2", "TONGKE_STORAGE_URL": f"file://{tmp_path}/objects",
    }  # fmt: skip
    arguments = ["import", "roster", str(roster), "--school", one.code]

    killed = subprocess.run([sys.executable, "-c", KILLED, point, *arguments], env=environment, check=False)
    with reading(engine) as session:
        left = [session.exec(select(func.count()).select_from(t)).one() for t in (User, SchoolMembership, OneTimeCode)]
    whole = subprocess.run([sys.executable, "-m", "tongke", *arguments], env=environment, check=False)
    with reading(engine) as session:
        there = [session.exec(select(func.count()).select_from(t)).one() for t in (User, SchoolMembership, OneTimeCode)]

    assert (killed.returncode, left) == (-signal.SIGKILL, [0, 0, 0])
    assert (whole.returncode, there) == (0, [3000, 3000, 3000])


def test_command_line_says_what_is_wrong_and_writes_codes(engine, settings, one, tmp_path: Path, monkeypatch) -> None:
    from typer.testing import CliRunner

    from tongke.main.cli import app

    for name, value in (
        ("DATA_DIR", settings.data_dir), ("BASE_URL", "http://127.0.0.1:1"), ("DATABASE_URL", settings.database),
        ("SECRET_KEY", settings.secret_key), ("CONTENT_URL", "http://127.0.0.1:2"),
    ):  # fmt: skip
        monkeypatch.setenv(f"TONGKE_{name}", str(value))
    roster, codes = tmp_path / "roster.csv", tmp_path / "codes.csv"
    invoke = CliRunner(env={"LANG": "zh_CN.UTF-8"}).invoke

    roster.write_text(HEAD + "甲,jia,,\n,yi,,\n", encoding="utf-8")
    bad = invoke(app, ["import", "roster", str(roster), "--school", one.code])
    roster.write_text(HEAD + "甲,jia,,\n", encoding="utf-8")
    tried = invoke(app, ["import", "roster", str(roster), "--school", one.code, "--dry-run"])
    good = invoke(app, ["import", "roster", str(roster), "--school", one.code, "--codes", str(codes), "--json"])

    assert (bad.exit_code, "第 3 行不能导入" in bad.stderr) == (1, True)
    assert (tried.exit_code, "没有导入任何人" in tried.stdout) == (0, True)
    assert (good.exit_code, '"imported": true' in good.stdout) == (0, True)
    assert len(codes.read_text(encoding="utf-8-sig").splitlines()) == 2
    assert codes.stat().st_mode & 0o077 == 0
    assert Outcome.NEW.value in good.stdout
