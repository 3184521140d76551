"""``tongke``: the command line (docs/operators.md lists every command)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer

from tongke.config import Settings
from tongke.i18n import say
from tongke.main import cli_doctor, cli_import, cli_people
from tongke.main.console import settings, tell, tell_json, told_errors

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help=__doc__)
app.add_typer(cli_people.users, name="user")
app.add_typer(cli_people.tokens, name="token")
app.add_typer(cli_people.schools, name="school")
app.command()(cli_doctor.doctor)
app.add_typer(cli_import.imports, name="import")


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    # Slow imports: alembic is wanted by this command only.
    from tongke.db import open_database
    from tongke.migrations.runner import migrate as bring_up_to_date

    chosen = settings()
    with told_errors():
        if chosen.is_embedded:
            chosen.data_dir.mkdir(parents=True, exist_ok=True)
        changed = bring_up_to_date(open_database(chosen.database))
        tell(say("数据库已更新到最新结构。") if changed else say("数据库已经是最新结构。"))


@app.command(name="settings")
def list_settings(as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False) -> None:
    """List every setting with its meaning and present value; secrets are not shown."""
    chosen = settings()
    rows = [
        {
            "name": f"TONGKE_{name.upper()}",
            "value": _shown(name, getattr(chosen, name)),
            "is_set": name in chosen.model_fields_set,
            "meaning": field.description or "",
        }
        for name, field in Settings.model_fields.items()
    ]
    if as_json:
        tell_json(rows)
        return
    for row in rows:
        tell(f"{row['name']}={row['value']}\n    {row['meaning']}")


def _shown(name: str, value: object) -> str:
    text = str(value)
    if name == "secret_key":
        return "(set)" if text else ""
    parts = urlsplit(text)
    return text.replace(f":{parts.password}@", ":***@") if parts.password else text
