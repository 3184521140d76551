"""The embedded index on disk: reopened, swapped, shared between processes, killed and damaged."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tongke.search.base import Document, IndexDamaged, Query, SearchEngine
from tongke.search.embedded import EmbeddedSearch
from tongke.search.embedded.versions import POINTER


def lesson(title: str) -> Document:
    return Document(id=uuid4(), title=title, audiences=("public",))


def ids(search: SearchEngine, text: str = "") -> set[UUID]:
    return {hit.id for hit in search.search(Query(text=text, page_size=100)).hits}


def in_process(code: str, folder: Path, *, wait: bool = True) -> subprocess.Popen[str]:
    script = textwrap.dedent(
        """
        import sys, uuid
        from pathlib import Path
        from tongke.search.base import Document, Query
        from tongke.search.embedded import EmbeddedSearch
        search = EmbeddedSearch(Path(sys.argv[1]))
        def lesson(n): return Document(id=uuid.UUID(int=n), title=f"小数第{n}课", audiences=("public",))
        """
    ) + textwrap.dedent(code)
    child = subprocess.Popen([sys.executable, "-c", script, str(folder)], stdout=subprocess.PIPE, text=True)
    if wait:
        assert child.wait(60) == 0
    return child


def live_files(folder: Path) -> list[Path]:
    live = folder / (folder / POINTER).read_text()
    return sorted(path for path in live.iterdir() if not path.name.startswith("."))


def test_reopened_index_holds_what_was_put_in(tmp_path: Path) -> None:
    first = EmbeddedSearch(tmp_path)
    kept = lesson("小数除法")
    first.upsert([kept])
    first.close()

    assert ids(EmbeddedSearch(tmp_path)) == {kept.id}


def test_what_another_process_writes_is_seen_at_once(tmp_path: Path) -> None:
    search = EmbeddedSearch(tmp_path)
    assert ids(search) == set()
    in_process("search.upsert([lesson(1)])", tmp_path)

    assert ids(search) == {UUID(int=1)}


def test_rebuild_by_another_process_is_noticed_and_the_old_version_deleted(tmp_path: Path) -> None:
    search = EmbeddedSearch(tmp_path)
    search.upsert([lesson("旧课")])
    search.close()
    in_process("f = search.begin_rebuild(); f.upsert([lesson(7)]); search.finish_rebuild(f, keep=True)", tmp_path)

    assert ids(search) == {UUID(int=7)}
    search.upsert([lesson("更新")])
    assert len(search.ids()) == 2
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1


def test_a_second_writer_waits_for_the_first(tmp_path: Path) -> None:
    search = EmbeddedSearch(tmp_path)
    search.upsert([lesson("甲")])  # keeps its writer warm for a while
    child = in_process("search.upsert([lesson(2)])", tmp_path, wait=False)
    search.close()

    assert child.wait(60) == 0
    assert UUID(int=2) in search.ids()


@pytest.mark.fault
@pytest.mark.parametrize("delay_s", [0.0, 0.02, 0.1, 0.3])
def test_killed_writer_leaves_a_whole_index_and_no_lock(tmp_path: Path, delay_s: float) -> None:
    child = in_process(
        """
        search.upsert([lesson(1)])
        print("ready", flush=True)
        for n in range(2, 100_000): search.upsert([lesson(n)]); print(n, flush=True)
        """,
        tmp_path,
        wait=False,
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(delay_s)
    child.kill()
    acknowledged = [int(line) for line in child.stdout.read().split("\n")[:-1]]
    child.wait()
    search = EmbeddedSearch(tmp_path)

    assert {UUID(int=n) for n in (1, *acknowledged)} <= search.ids()
    search.upsert([Document(id=UUID(int=0), title="还能写", audiences=("public",))])
    assert UUID(int=0) in search.ids()


@pytest.mark.fault
def test_killed_rebuild_leaves_the_old_index_live_and_its_rest_is_swept(tmp_path: Path) -> None:
    search = EmbeddedSearch(tmp_path)
    search.upsert([lesson("旧课")])
    search.close()
    child = in_process(
        "f = search.begin_rebuild(); f.upsert([lesson(7)]); print('half', flush=True); input()", tmp_path, wait=False
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "half\n"
    child.kill()
    child.wait()

    assert len(ids(search)) == 1
    search.finish_rebuild(search.begin_rebuild(), keep=True)
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 1


@pytest.mark.parametrize("harm", ["cut", "flip", "delete"])
def test_damage_to_any_file_is_told_and_a_rebuild_heals_it(tmp_path: Path, harm: str) -> None:
    seed = EmbeddedSearch(tmp_path)
    seed.upsert([lesson(f"小数第{n}课") for n in range(50)])
    seed.close()
    names = [path.suffix or path.name for path in live_files(tmp_path)]
    assert ".idx" in names
    for path in live_files(tmp_path):
        whole = path.read_bytes()
        if harm == "delete":
            path.unlink()
        else:
            _replace(path, whole[: len(whole) // 2] if harm == "cut" else _flipped(whole))
        search = EmbeddedSearch(tmp_path)
        with pytest.raises(IndexDamaged):
            search.search(Query(text="小数"))
        _replace(path, whole)
        assert len(ids(EmbeddedSearch(tmp_path))) == 50

    live_files(tmp_path)[0].unlink()
    broken = EmbeddedSearch(tmp_path)
    fresh = broken.begin_rebuild()
    fresh.upsert([lesson("重建")])
    broken.finish_rebuild(fresh, keep=True)
    assert len(ids(broken)) == 1


def _replace(path: Path, content: bytes) -> None:
    """As another file of that name: to cut one that is mapped into memory would kill the process that maps it."""
    draft = path.with_name("draft")
    draft.write_bytes(content)
    draft.replace(path)


def _flipped(whole: bytes) -> bytes:
    return bytes([whole[0] ^ 0xFF]) + whole[1:]


def test_an_index_of_another_format_is_damaged_until_rebuilt(tmp_path: Path) -> None:
    search = EmbeddedSearch(tmp_path)
    search.upsert([lesson("旧课")])
    search.close()
    (tmp_path / POINTER).write_text("v0-0123456789ab")

    with pytest.raises(IndexDamaged):
        search.search(Query())
    search.finish_rebuild(search.begin_rebuild(), keep=True)
    assert ids(search) == set()


@pytest.mark.parametrize("pointer", ["../../etc", "v1-/../..", "", "v1-nothinghere"])
def test_a_pointer_to_nowhere_is_damage(tmp_path: Path, pointer: str) -> None:
    (tmp_path / POINTER).write_text(pointer)

    with pytest.raises(IndexDamaged):
        EmbeddedSearch(tmp_path).search(Query())


def test_heavy_libraries_load_only_when_chinese_is_searched(tmp_path: Path) -> None:
    loaded = textwrap.dedent(
        """
        heavy = ("rjieba", "opencc", "pypinyin", "meilisearch")
        search.upsert([])
        search.search(Query()); search.search(Query(text="fractions"))
        assert not [name for name in heavy if name in sys.modules], "before"
        search.upsert([lesson(1)])
        search.search(Query(text="小数")); search.search(Query(text="xiao shu"))
        assert "pypinyin" not in sys.modules and "meilisearch" not in sys.modules, "after"
        """
    )
    in_process(loaded, tmp_path)
