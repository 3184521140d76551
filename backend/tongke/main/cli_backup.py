"""``tongke backup`` and ``tongke restore``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tongke import __version__
from tongke.i18n import say
from tongke.main.console import complain, settings, shown_progress, tell, tell_json, told_errors

if TYPE_CHECKING:
    from tongke.http.platform import Platform

AsJson = Annotated[bool, typer.Option("--json", help="As JSON.")]
_MEBIBYTE = 1024 * 1024


def backup(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write; it must not exist yet.")],
    verify: Annotated[
        bool, typer.Option("--verify", help="Check the existing FILE from first to last byte; write nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write everything to one file, beside a running platform; exit status 1 when objects are missing."""
    with told_errors():
        if verify:
            _verify(file, as_json=as_json)
        else:
            _make(file, as_json=as_json)


def restore(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="A file of tongke backup.")],
    erasures: Annotated[
        Path | None,
        typer.Option(
            exists=True,
            dir_okay=False,
            help="The newest file of tongke erasures, or a newer backup.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Bring a backup back where nobody is registered yet: any profile, this version or an older one's backup."""
    # Slow imports: every table, and the search engine.
    from tongke.backups.ledger import read_ledger, replaying
    from tongke.backups.restoring import restore as bring_back
    from tongke_indexer import commands

    with told_errors():
        platform = _platform()
        forget = replaying(read_ledger(erasures) if erasures else [])
        with shown_progress() as progress:
            restored = bring_back(platform.engine, platform.store, file, also=forget, progress=progress)
        commands.rebuild(
            platform.engine, platform.search, progress=lambda _done, _total: None, as_json=False, write=complain
        )
        if as_json:
            tell_json({"rows": restored.rows, "objects": restored.objects, "made_at": restored.manifest.made_at})
            return
        tell(
            say(
                "已恢复 {rows} 条记录和 {objects} 个文件（备份时间 {made_at}）。所有人需要重新登录。",
                rows=restored.rows,
                objects=restored.objects,
                made_at=restored.manifest.made_at,
            )
        )


def erasures(
    file: Annotated[Path, typer.Argument(dir_okay=False, help="The file to write, replacing an older one.")],
) -> None:
    """Write who was erased (ids alone) to a file kept beside the backups, for a restore of an older one."""
    # Slow imports: every table.
    from tongke.backups.ledger import write_ledger
    from tongke.db import reading

    with told_errors(), reading(_platform().engine) as session:
        tell(say("删除记录共 {n} 条：{path}", n=write_ledger(session, file), path=str(file)))


def _platform() -> Platform:
    from tongke.main.engines import open_platform  # slow import: every engine

    chosen = settings()
    if chosen.is_embedded:
        chosen.data_dir.mkdir(parents=True, exist_ok=True)
    return open_platform(chosen)


def _make(file: Path, *, as_json: bool) -> None:
    from tongke.backups.making import make_backup  # slow import: every table

    platform = _platform()
    with shown_progress() as progress:
        made = make_backup(platform.engine, platform.store, file, product=__version__, progress=progress)
    for key in made.missing:
        complain(say("存储中没有这个文件：{key}", key=key))
    if as_json:
        tell_json(
            {"size_bytes": made.size_bytes, "rows": made.rows, "objects": made.objects, "missing": list(made.missing)}
        )
    else:
        size_mb = f"{made.size_bytes / _MEBIBYTE:.1f}"
        tell(
            say(
                "已备份 {rows} 条记录和 {objects} 个文件，共 {size_mb} MB：{path}",
                rows=made.rows,
                objects=made.objects,
                size_mb=size_mb,
                path=str(file),
            )
        )
    if made.missing:
        raise typer.Exit(1)


def _verify(file: Path, *, as_json: bool) -> None:
    # Slow imports: every table.
    from tongke.backups.archive import verified
    from tongke.backups.contents import manifest_of

    if not file.is_file():
        complain(say("没有找到文件“{name}”。", name=str(file)))
        raise typer.Exit(2)
    total, done = file.stat().st_size, 0
    with shown_progress() as progress:

        def read(count: int) -> None:
            nonlocal done
            done += count
            progress(done, total)

        manifest, members = manifest_of(file), verified(file, read)
    if as_json:
        tell_json({"made_at": manifest.made_at, "product": manifest.product, "members": len(members)})
    else:
        tell(
            say(
                "备份完整：{n} 个部分，{made_at} 由 {product} 写成。",
                n=len(members),
                made_at=manifest.made_at,
                product=manifest.product,
            )
        )
