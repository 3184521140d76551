"""What the command line prints, in the language of the terminal, and how it ends."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import typer

from tongke.config import Settings, SettingsError
from tongke.errors import TongkeError
from tongke.i18n import SOURCE_LOCALE, Text, choose_locale


def locale() -> str:
    """Chinese unless the terminal asks for a language we speak."""
    wish = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or SOURCE_LOCALE
    return choose_locale(wish.replace("_", "-").split(".")[0])


def tell(text: Text | str) -> None:
    typer.echo(text.in_locale(locale()) if isinstance(text, Text) else text)


def complain(text: Text | str) -> None:
    typer.echo(text.in_locale(locale()) if isinstance(text, Text) else text, err=True)


def tell_json(document: Any) -> None:
    typer.echo(json.dumps(document, ensure_ascii=False, default=str))


def is_terminal() -> bool:
    return sys.stderr.isatty()


@contextmanager
def told_errors() -> Iterator[None]:
    """Errors meant for a person become one line on standard error and exit status 1."""
    try:
        yield
    except TongkeError as error:
        complain(error.message)
        for name, text in error.fields.items():
            complain(f"  {name}: {text.in_locale(locale())}")
        raise typer.Exit(1) from None
    except SettingsError as error:
        complain(str(error))
        raise typer.Exit(2) from None


def settings() -> Settings:
    """Read the settings from the environment; what cannot start is a usage error."""
    try:
        return Settings()
    except (SettingsError, ValueError) as error:
        complain(str(error))
        raise typer.Exit(2) from None


@contextmanager
def shown_progress() -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal, nothing otherwise."""
    if not is_terminal():
        yield lambda _done, _total: None
        return
    # Slow imports: most commands show no bar.
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True)) as bar:
        task = bar.add_task("")
        yield lambda done, total: bar.update(task, completed=done, total=total)
