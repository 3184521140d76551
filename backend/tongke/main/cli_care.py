"""Commands that keep the installation in order: the index, and what nothing refers to any more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from tongke.i18n import say
from tongke.main.console import settings, shown_progress, tell, tell_json, told_errors

if TYPE_CHECKING:
    from tongke.http.platform import Platform

index = typer.Typer(no_args_is_help=True, help="The search index.")
AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]


def _platform() -> Platform:
    from tongke.main.engines import open_platform  # slow import: every engine

    return open_platform(settings())


def _end(status: int) -> None:
    if status:
        raise typer.Exit(status)


@index.command("status")
def index_status(as_json: AsJson = False) -> None:
    """Say whether the engine answers and how much is on its way to it."""
    from tongke_indexer import commands  # slow import: the search engine

    with told_errors():
        platform = _platform()
        _end(commands.status(platform.engine, platform.search, as_json=as_json, write=tell))


@index.command("verify")
def index_verify(as_json: AsJson = False) -> None:
    """Compare the index with the database; exit status 1 when they differ."""
    from tongke_indexer import commands  # slow import: the search engine

    with told_errors():
        platform = _platform()
        _end(commands.verify(platform.engine, platform.search, as_json=as_json, write=tell))


@index.command("rebuild")
def index_rebuild(as_json: AsJson = False) -> None:
    """Make the index anew beside the old one, which answers until the swap."""
    from tongke_indexer import commands  # slow import: the search engine

    with told_errors(), shown_progress() as progress:
        platform = _platform()
        _end(commands.rebuild(platform.engine, platform.search, progress=progress, as_json=as_json, write=tell))


def sweep(as_json: AsJson = False) -> None:
    """Remove expired uploads and every object that nothing refers to."""
    from tongke.media.sweep import sweep as sweep_store  # slow import: the object store

    with told_errors():
        platform = _platform()
        swept = sweep_store(platform.engine, platform.store)
        if as_json:
            tell_json({"objects": swept.objects, "size_bytes": swept.size_bytes, "uploads": swept.uploads})
        else:
            size_mb = f"{swept.size_bytes / 1024 / 1024:.1f}"
            tell(
                say(
                    "已清理 {objects} 个文件（{size_mb} MB）和 {uploads} 个过期的上传。",
                    objects=swept.objects,
                    size_mb=size_mb,
                    uploads=swept.uploads,
                )
            )
