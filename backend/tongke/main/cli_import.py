"""``tongke import``: records and frameworks from files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tongke.i18n import say
from tongke.main.console import complain, is_terminal, locale, settings, tell, tell_json, told_errors

if TYPE_CHECKING:
    from tongke.resources import bulk

imports = typer.Typer(no_args_is_help=True, help=__doc__)
_FILE = typer.Argument(exists=True, dir_okay=False, readable=True, help="One JSON object a line.")


@imports.command(name="resources")
def import_resources(
    file: Annotated[Path, _FILE],
    email: Annotated[str, typer.Option("--as", help="The platform administrator who imports and approves.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Import resources; exit status 1 when any line was refused (the others are in)."""
    # Slow imports: the engines and the readers of such files are wanted by this command only.
    from tongke.accounts import queries, sign_in
    from tongke.db import reading
    from tongke.main.engines import open_platform
    from tongke.resources import bulk

    chosen = settings()
    with told_errors():
        platform = open_platform(chosen)
        with reading(platform.engine) as session:
            actor = sign_in.actor_of_user(session, queries.user_by_email(session, email).id)
        steps = bulk.import_resources(platform.engine, platform.store, file, actor, settings=chosen)
        report = _watched(steps)
    _tell_report(report, as_json=as_json)
    if report.refused:
        raise typer.Exit(1)


@imports.command(name="framework")
def import_framework(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="CASE JSON or our CSV.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Import a framework: a CASE 1.0 or 1.1 package, or a CSV of ours."""
    # Slow imports, as above; every table, for they refer to each other.
    import tongke.tables  # noqa: F401
    from tongke.curriculum.command import import_framework_command
    from tongke.db import open_database
    from tongke.resources.alignments import reindex_aligned

    with told_errors():
        engine = open_database(settings().database)
        status = import_framework_command(
            engine, file, as_json=as_json, tell=tell, on_change=reindex_aligned, locale=locale()
        )
    raise typer.Exit(status)


def _watched(steps: Iterator[bulk.Progress]) -> bulk.Progress:
    """Follow the import to its end: a bar on a terminal, plain lines otherwise; gives the last report."""
    # Slow imports, as above.
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    # and ours
    from tongke.resources import bulk

    report = bulk.Progress(0)
    columns = (
        BarColumn(),
        TextColumn("{task.percentage:>3.0f} %"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[n]}"),
    )
    with Progress(*columns, disable=not is_terminal()) as bar:
        task = bar.add_task("", n="")
        for report in steps:
            bar.update(task, total=report.size_bytes, completed=report.read_bytes, n=str(report.lines))
            if not is_terminal():
                complain(say("已读 {n} 行。", n=report.lines))
    return report


def _tell_report(report: bulk.Progress, *, as_json: bool) -> None:
    if as_json:
        refused = [{"line": r.line, "reason": r.reason.in_locale(locale())} for r in report.refused]
        counts = {"lines": report.lines, "added": report.added, "revised": report.revised}
        tell_json({**counts, "unchanged": report.unchanged, "refused": refused})
        return
    for refused_line in report.refused:
        complain(say("第 {n} 行未导入：{reason}", n=refused_line.line, reason=refused_line.reason))
    tell(
        say(
            "共 {lines} 行：新增 {added}，更新 {revised}，没有变化 {unchanged}，未导入 {refused}。",
            lines=report.lines,
            added=report.added,
            revised=report.revised,
            unchanged=report.unchanged,
            refused=len(report.refused),
        )
    )
