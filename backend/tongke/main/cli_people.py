"""Commands about people: accounts, tokens, schools."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer
from sqlalchemy import Engine
from sqlmodel import Session

from tongke.accounts import queries, service
from tongke.accounts.models import Locality, Role, School, SchoolKind, User
from tongke.db import open_database, transaction
from tongke.errors import NotFound
from tongke.i18n import say
from tongke.main.console import complain, settings, tell, told_errors
from tongke.migrations.runner import migrate

users = typer.Typer(no_args_is_help=True, help="Accounts.")
tokens = typer.Typer(no_args_is_help=True, help="Bearer tokens for programs.")
schools = typer.Typer(no_args_is_help=True, help="Schools.")


def _engine() -> Engine:
    """Open the database; an embedded one is brought up to date first, so that a new machine needs no other step."""
    import tongke.tables  # noqa: F401  slow import: every table, for they refer to each other

    chosen = settings()
    if chosen.is_embedded:
        chosen.data_dir.mkdir(parents=True, exist_ok=True)
    engine = open_database(chosen.database)
    if chosen.is_embedded:
        migrate(engine)
    return engine


@users.command("create")
def create_user(
    email: Annotated[str, typer.Option(help="E-mail or school-issued sign-in name.")],
    name: Annotated[str, typer.Option(help="The name people see.")],
    password: Annotated[str, typer.Option(help="Left out: one is made up and printed.")] = "",
    role: Annotated[Role, typer.Option(help="What the person may do.")] = Role.TEACHER,
    school: Annotated[str, typer.Option(help="Code of the school; none: belongs to the platform.")] = "",
    region: Annotated[str, typer.Option(help="Region code, for region admins and reviewers.")] = "",
) -> None:
    """Create an account."""
    made_up = secrets.token_urlsafe(9)
    with told_errors(), transaction(_engine()) as session:
        user = service.create_user(
            session,
            email=email,
            name=name,
            password=password or made_up,
            role=role,
            school=_school(session, school),
            region_code=region or None,
        )
        tell(say("已创建账号 {email}（{name}）。", email=user.email, name=user.name))
        if not password:
            tell(say("初始密码：{password}", password=made_up))


def _school(session: Session, code: str) -> School | None:
    if not code:
        return None
    try:
        return queries.school_by_code(session, code)
    except NotFound:
        raise NotFound(say("没有代码为 {code} 的学校。", code=code)) from None


@users.command("set-password")
def set_password(
    email: Annotated[str, typer.Option()],
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)],
) -> None:
    """Give an account a new password and end all its sign-ins."""
    with told_errors(), transaction(_engine()) as session:
        service.set_password(session, _user(session, email), password)
        tell(say("密码已更新，之前的登录都已退出。"))


@users.command("forget-second-step")
def forget_second_step(email: Annotated[str, typer.Option(help="Who lost the phone and the recovery codes.")]) -> None:
    """Forget an account's authenticator and recovery codes and end all its sign-ins."""
    from tongke.accounts import authenticators  # slow import: ciphers

    with told_errors(), transaction(_engine()) as session:
        user = _user(session, email)
        authenticators.forget(session, user.id)
        service.end_all_sessions(session, user.id)
        tell(say("第二步验证已清除，之前的登录都已退出。"))


def _user(session: Session, email: str) -> User:
    try:
        return queries.user_by_email(session, email)
    except NotFound:
        raise NotFound(say("没有登录名为 {email} 的账号。", email=email)) from None


@tokens.command("create")
def create_token(
    user: Annotated[str, typer.Option(help="Sign-in name of the token's person.")],
    scope: Annotated[list[str], typer.Option(help="Narrow the token to this; repeat for several.")] = [],  # noqa: B006
) -> None:
    """Make a bearer token; it is the last word printed and cannot be shown again."""
    with told_errors(), transaction(_engine()) as session:
        token = service.create_token(session, _user(session, user), scope)
        complain(say("令牌只显示这一次，请妥善保存："))
    tell(token)


@schools.command("create")
def create_school(
    code: Annotated[str, typer.Option(help="The school's code, unique.")],
    name: Annotated[str, typer.Option()],
    region: Annotated[str, typer.Option(help="Region code: county (6 digits) or town (9 digits).")],
    kind: Annotated[SchoolKind, typer.Option()] = SchoolKind.OTHER,
    locality: Annotated[Locality, typer.Option(help="城, 镇 or 村.")] = Locality.TOWN,
) -> None:
    """Create a school."""
    with told_errors(), transaction(_engine()) as session:
        service.create_school(session, code=code, name=name, kind=kind, locality=locality, region_code=region)
        tell(say("已创建学校 {name}（{code}）。", name=name, code=code))
