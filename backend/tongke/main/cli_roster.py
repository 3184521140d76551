"""``tongke import roster``: people from a spreadsheet, all of them or none."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress
from sqlalchemy import Engine

from tongke.accounts import queries, sign_in
from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.accounts.roster.checking import Outcome, Plan, Wish, check
from tongke.accounts.roster.importing import Imported, carry_out, handouts
from tongke.accounts.roster.reading import Line, decoded, read_sheet, written
from tongke.db import open_database, reading, transaction
from tongke.i18n import say
from tongke.main.console import complain, is_terminal, locale, settings, tell, tell_json, told_errors

_OPERATOR = Actor(name="tongke", role=Role.PLATFORM_ADMIN, reach="")


def import_roster(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CSV, UTF-8 or GB18030.")],
    school: Annotated[str, typer.Option(help="Code of the school for lines that name none.")] = "",
    region: Annotated[str, typer.Option(help="Refuse schools outside this region code.")] = "",
    as_: Annotated[str, typer.Option("--as", help="Sign-in name of an administrator; none: the operator.")] = "",
    moves: Annotated[bool, typer.Option("--moves", help="Move people who are at another school now.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would happen.")] = False,
    codes: Annotated[Path | None, typer.Option(help="Write the one-time codes of new people to this CSV.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Import people: everybody, or nobody when any line is refused (exit status 1)."""
    chosen = settings()
    with told_errors():
        engine = open_database(chosen.database)
        actor, wish = _asked(engine, as_, school, region, moves)
        lines = read_sheet(decoded(file.read_bytes())).lines
        plan = _checked(engine, actor, lines, wish)
        done = None
        if not plan.refused and not dry_run:
            with transaction(engine) as session:
                done = carry_out(session, actor, lines, wish, key=chosen.signing_key)
        if done and codes:
            _write_codes(engine, done, codes, chosen.signing_key)
    _report(plan, as_json=as_json, is_done=done is not None)
    if plan.refused:
        raise typer.Exit(1)


def _asked(engine: Engine, as_: str, school: str, region: str, moves: bool) -> tuple[Actor, Wish]:
    with reading(engine) as session:
        actor = sign_in.actor_of_user(session, queries.user_by_email(session, as_).id) if as_ else _OPERATOR
        place = queries.school_for(session, actor, school)
    return actor, Wish(place, region, moves)


def _checked(engine: Engine, actor: Actor, lines: Sequence[Line], wish: Wish) -> Plan:
    with Progress(disable=not is_terminal()) as bar, reading(engine) as session:
        task = bar.add_task("", total=len(lines))
        return check(session, actor, lines, wish, watch=lambda done: bar.update(task, completed=done))


def _write_codes(engine: Engine, done: Imported, path: Path, key: bytes) -> None:
    with reading(engine) as session:
        found = handouts(session, done.new_ids, key=key)
    head = ["姓名", "登录名", "角色", "学校代码", "学校", "一次性代码"]
    rows = [[one.name, one.sign_in_name, one.role, one.school_code, one.school_name, one.code] for one in found]
    path.touch(mode=0o600)
    path.write_bytes(written([head, *rows]))


def _report(plan: Plan, *, as_json: bool, is_done: bool) -> None:
    counts = {outcome.value: len(plan.those(outcome)) for outcome in Outcome}
    if as_json:
        refused = [
            {"line": step.line.number, "reason": step.reason.in_locale(locale()) if step.reason else ""}
            for step in plan.refused
        ]
        tell_json({"imported": is_done, "counts": counts, "refused": refused})
        return
    for step in plan.refused:
        complain(say("第 {n} 行不能导入：{reason}", n=step.line.number, reason=step.reason))
    sentence = say("新账号 {new}，已经在 {unchanged}，加入 {join}，调动 {move}，不能导入 {refused}。", **counts)
    tell(sentence)
    if not is_done:
        tell(say("没有导入任何人。"))
