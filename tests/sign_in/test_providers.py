"""What an operator writes about providers: read strictly, and told at once when it is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from tongke.accounts.models import Role
from tongke.accounts.oidc.claims import FREE_ROLES, arrival
from tongke.accounts.oidc.providers import ClaimMap, Provider, providers
from tongke.config import Settings, SettingsError

GOOD = {"name": "县教育云", "issuer": "https://id.county.example", "client_id": "tongke"}
FILE = """
[providers.county]
name = "县教育云"
name_en = "County cloud"
issuer = "https://id.county.example"
client_id = "tongke"
client_secret_env = "COUNTY_SECRET"
link_email_domains = ["county.example"]

[providers.county.claims]
role = "roles"
school = "org.code"

[providers.county.claims.roles]
"教师" = "teacher"
"""


def test_file_and_environment_together(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "providers.toml"
    path.write_text(FILE, encoding="utf-8")
    monkeypatch.setenv("COUNTY_SECRET", "s3cret")
    settings = Settings(
        oidc_file=path, oidc_providers=json.dumps({"school": GOOD | {"issuer": "https://id.school.example"}})
    )

    known = providers(settings)

    assert list(known) == ["county", "school"]
    assert (known["county"].secret, known["county"].label("en")) == ("s3cret", "County cloud")
    assert known["county"].claims.roles == {"教师": Role.TEACHER}
    assert not known["school"].new_accounts


def test_changed_file_is_read_again(tmp_path: Path) -> None:
    import os

    path = tmp_path / "providers.toml"
    path.write_text(FILE, encoding="utf-8")
    settings = Settings(oidc_file=path)
    assert providers(settings)["county"].name == "县教育云"
    path.write_text(FILE.replace("县教育云", "新名字"), encoding="utf-8")
    os.utime(path, ns=(1, 2))

    assert providers(settings)["county"].name == "新名字"


@pytest.mark.parametrize(
    "wrong",
    [
        {"issuer": "http://id.county.example"},
        {"issuer": "https://id.county.example/?x=1"},
        {"issuer": "https://user@id.county.example"},
        {"issuer": "id.county.example"},
        {"client_id": ""},
        {"scopes": ["profile"]},
        {"ranks": ["emperor"]},
        {"unknown": 1},
        {"claims": {"unknown": "x"}},
        {"claims": {"roles": {"a": "emperor"}}},
        {"link_email_domains": ["@county.example"]},
        {"token_auth": "private_key_jwt"},
    ],
    ids=str,
)
def test_wrong_provider_is_refused_and_no_secret_is_repeated(wrong) -> None:
    settings = Settings(oidc_providers=json.dumps({"county": GOOD | {"client_secret": "s3cret"} | wrong}))

    with pytest.raises(SettingsError) as told:
        providers(settings)
    assert "s3cret" not in str(told.value)


@pytest.mark.parametrize("text", ["[]", "{", '{"UPPER": {}}', '{"a": 1}', '"x"'])
def test_nonsense_is_refused(text) -> None:
    with pytest.raises(SettingsError):
        providers(Settings(oidc_providers=text))


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="TONGKE_OIDC_FILE"):
        providers(Settings(oidc_file=tmp_path / "none.toml"))


def test_secrets_are_not_listed(monkeypatch) -> None:
    from typer.testing import CliRunner

    from tongke.main.cli import app

    monkeypatch.setenv("TONGKE_OIDC_PROVIDERS", json.dumps({"county": GOOD | {"client_secret": "s3cret"}}))
    assert "s3cret" not in CliRunner().invoke(app, ["settings"]).output
    assert "s3cret" not in repr(Provider(key="county", client_secret="s3cret", **GOOD))


MAPPED = Provider(
    key="county",
    ranks=(Role.SCHOOL_ADMIN,),
    claims=ClaimMap(
        role="org.roles", school="org.code", schools={"A": "S001"}, roles={str(role): role for role in Role}
    ),
    **GOOD,
)


def test_claims_inside_others_are_found() -> None:
    seen = arrival(MAPPED, {"sub": "u", "org": {"code": "A", "roles": ["pupil", "school_admin", "platform_admin"]}})

    assert (seen.school_code, seen.role) == ("S001", Role.SCHOOL_ADMIN)


@given(some.dictionaries(some.text(max_size=8), some.recursive(some.none() | some.booleans() | some.integers() | some.text(), lambda inner: some.lists(inner) | some.dictionaries(some.text(max_size=5), inner), max_leaves=8)))  # fmt: skip
def test_no_claims_break_the_reading_or_give_a_rank(claims) -> None:
    seen = arrival(MAPPED, {"sub": "u", **{k: v for k, v in claims.items() if k != "sub"}})

    assert seen.role is None or seen.role in FREE_ROLES | set(MAPPED.ranks)
    assert all(text == text.strip() and text.isprintable() for text in (seen.name, seen.email, seen.school_code))
    assert seen.email_verified in (True, False)
