"""``tongke``: the command line (docs/operators.md lists every command)."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlsplit

import typer

from tongke.config import Settings
from tongke.i18n import say
from tongke.main import cli_backup, cli_care, cli_demo, cli_doctor, cli_import, cli_people, cli_roster
from tongke.main.console import settings, tell, tell_json, told_errors
from tongke.main.loading import loading

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help=__doc__)
app.add_typer(cli_people.users, name="user")
app.add_typer(cli_people.tokens, name="token")
app.add_typer(cli_people.schools, name="school")
app.command()(cli_doctor.doctor)
app.command()(cli_demo.demo)
cli_import.imports.command("roster")(cli_roster.import_roster)
app.add_typer(cli_import.imports, name="import")
app.add_typer(cli_care.index, name="index")
app.command()(cli_care.sweep)
app.command()(cli_backup.backup)
app.command()(cli_backup.restore)
app.command()(cli_backup.erasures)


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "",
    port: Annotated[int, typer.Option(help="Port of the pages; files are served on the content port.")] = 0,
) -> None:
    """Serve pages and files; in the embedded profile also index, and work off jobs."""
    chosen = _with_address(settings(), host, port)
    base = urlsplit(chosen.base_url)
    host = host or ("127.0.0.1" if chosen.is_embedded else "0.0.0.0")  # noqa: S104 behind a reverse proxy
    port = port or base.port or 8000
    with loading():
        # Slow imports: the web server and the application are wanted by this command only.
        from tongke.main.serving import Serving, check_database, prepare
        from tongke.main.welcome import greeting

    with told_errors():
        content_port = prepare(chosen, host, port)
        check_database(chosen)
        serving = Serving(chosen, host, port, content_port)
        serving.run(ready=lambda: greeting(serving.platform))


def _with_address(chosen: Settings, host: str, port: int) -> Settings:
    """Where no base address was set, people reach the platform where it listens."""
    if "base_url" in chosen.model_fields_set or not (host or port):
        return chosen
    shown = "127.0.0.1" if host in {"", "0.0.0.0", "::"} else host  # noqa: S104 compared, not bound
    explicit = chosen.model_dump(include=chosen.model_fields_set)
    return Settings(**{**explicit, "base_url": f"http://{shown}:{port or 8000}"})


@app.command()
def worker(
    until_idle: Annotated[
        float, typer.Option(help="End after this many seconds without work; 0: keep waiting for it.")
    ] = 0,
) -> None:
    """Work off jobs: renditions, text, and (regional profile) the index."""
    with loading():
        from tongke.main.working import work  # slow import: media libraries

    with told_errors():
        work(settings(), until_idle_s=until_idle)


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema."""
    # Slow imports: alembic is wanted by this command only.
    from tongke.db import open_database
    from tongke.main.preparing import prepare_database

    chosen = settings()
    with told_errors():
        if chosen.is_embedded:
            chosen.data_dir.mkdir(parents=True, exist_ok=True)
        changed = prepare_database(open_database(chosen.database))
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
    if name in {"secret_key", "oidc_providers"}:
        return "(set)" if text else ""
    parts = urlsplit(text)
    return text.replace(f":{parts.password}@", ":***@") if parts.password else text
