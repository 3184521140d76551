"""Looks at how people sign in: the identity providers that are set, and whether each answers."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Engine

from tongke.accounts.oidc.errors import ProviderDown
from tongke.accounts.oidc.metadata import Notebook
from tongke.accounts.oidc.providers import Provider, providers
from tongke.accounts.second_step_roles import roles_that_need_it
from tongke.config import Settings, SettingsError
from tongke.i18n import say
from tongke.main.doctor.finding import Finding, broken, good, worry


def check_sign_in(settings: Settings, _engine: Engine) -> Iterator[Finding]:
    """The identity providers: their settings, whether each answers, and which roles need a second step."""
    try:
        known, roles = providers(settings), roles_that_need_it(settings)
    except SettingsError as error:
        yield broken("sign_in", say("登录设置有误：{reason}", reason=str(error)))
        return
    if not known:
        yield good("sign_in", say("没有设置登录服务，大家用密码登录。"))
    for provider in known.values():
        yield _look_at(provider)
    if roles:
        names = ", ".join(sorted(roles))
        yield good("sign_in.second_step", say("登录需要第二步验证的角色：{roles}。", roles=names))


def _look_at(provider: Provider) -> Finding:
    check, asked = f"sign_in.{provider.key}", Notebook()
    try:
        asked.keys(provider)
    except ProviderDown as error:
        told = say(
            "登录服务 {name}（{issuer}）没有应答：{why}。用密码登录不受影响。",
            name=provider.name,
            issuer=provider.issuer,
            why=error.why,
        )
        return worry(check, told)
    return good(check, say("登录服务 {name}（{issuer}）有应答。", name=provider.name, issuer=provider.issuer))
