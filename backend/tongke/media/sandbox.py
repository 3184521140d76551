"""Foreign programs (ffmpeg, LibreOffice, our own decoders) run locked down: the one module with POSIX-only parts.

On Linux: lowest priority, limits on processor time, memory and file size, no network, only a private folder and the
system's own to see, and death with the worker. On other POSIX systems: priority, limits and death with the worker.
On Windows: lowest priority and a time limit, nothing more; ``confinement`` says what holds on this machine.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

MEBIBYTE = 1024 * 1024
GIBIBYTE = 1024 * MEBIBYTE
LAUNCHER = Path(__file__).with_name("launch.py")
SOURCES = Path(__file__).parents[2]
"""Where our own decoders are imported from."""
HAS_LAUNCHER = os.name == "posix"
NEEDS_PASSWORD, DAMAGED = 3, 4
"""How our own decoders say what is wrong with a file."""
PREFIX = "tongke-media-"
_ABANDONED_S = 2 * 24 * 3600
_LOOK_S = 0.2
_OUTPUT_BYTES = 16 * MEBIBYTE
_ERROR_TAIL_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Limits:
    """What one run may use."""

    cpu_s: int = 60
    time_s: float = 120
    memory_bytes: int = GIBIBYTE
    file_bytes: int = 8 * GIBIBYTE
    niceness: int = 19


@dataclass(frozen=True, slots=True)
class Workspace:
    """A private folder: ``source`` is the one file a program may read, below ``out`` it may write."""

    source: Path
    out: Path


class ToolMissing(Exception):
    """The program is not installed."""


class ToolFailed(Exception):
    """The program ended with an error; ``words`` is the end of what it said."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(f"exit status {status}: {words[-500:]}")
        self.status, self.words = status, words


class OutOfTime(ToolFailed):
    """The program used up its time."""


class Cancelled(Exception):
    """The run was stopped because its job was."""


@contextmanager
def workspace(name: str, parent: Path | None = None) -> Iterator[Workspace]:
    """A private folder below ``parent`` that is gone afterwards; ``name`` is what the source file will be called."""
    if parent is not None:
        parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", dir=parent) as folder:
        for part in ("in", "out"):
            (Path(folder) / part).mkdir()
        yield Workspace(Path(folder).resolve() / "in" / name, Path(folder).resolve() / "out")


def sweep_workspaces(parent: Path) -> None:
    """Remove what killed workers left below ``parent``."""
    for folder in parent.glob(f"{PREFIX}*"):
        owner = folder.name.removeprefix(PREFIX).split("-")[0]
        is_old = time.time() - folder.stat().st_mtime > _ABANDONED_S
        if is_old or (owner.isdigit() and not _is_alive(int(owner))):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(process_id: int) -> bool:
    if os.name != "posix":
        return True  # there, signal 0 would end the process instead of asking for it
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def run(
    argv: Sequence[str],
    place: Workspace,
    *,
    limits: Limits | None = None,
    on_line: Callable[[str], None] | None = None,
    stopping: threading.Event | None = None,
    readable: Sequence[Path] = (),
    sockets: Sequence[Path] = (),
) -> bytes:
    """Run ``argv`` in ``place.out``; gives its standard output. Raises ``ToolFailed``, ``ToolMissing``, ``Cancelled``.

    ``on_line`` is called with each line of output while it runs; setting ``stopping`` kills the whole process group.
    Besides the source, ``readable`` folders may be read; in ``sockets`` a socket may be made and nothing else.
    """
    limits = limits or Limits()
    with tempfile.TemporaryFile() as errors:
        try:
            process = _start(_ordered(argv, place, limits, readable, sockets), place, errors.fileno())
        except FileNotFoundError as error:
            raise ToolMissing(argv[0]) from error
        output = _Reader(process, on_line)
        try:
            verdict = _wait(process, output, limits, stopping)
        finally:
            _end(process)
            output.join()
        errors.seek(max(0, errors.seek(0, os.SEEK_END) - _ERROR_TAIL_BYTES))
        words = errors.read().decode("utf-8", "replace")
    if verdict is not None:
        raise verdict
    if process.returncode == 127 and words.startswith("cannot start"):  # noqa: PLR2004  # as a shell says it
        raise ToolMissing(argv[0])
    if process.returncode != 0:
        raise ToolFailed(process.returncode, words)
    return output.content


def run_decoder(task: str, place: Workspace, *arguments: str, **options: Any) -> Any:
    """Run one of our own decoders (``decoding``) in a process of its own; gives what it answers."""
    argv = [sys.executable, "-m", "tongke.media.decoding", task, str(place.source), *arguments]
    needed = [Path(sys.prefix), Path(sys.base_prefix), SOURCES]
    return json.loads(run(argv, place, readable=needed, **options).splitlines()[-1])


@lru_cache
def confinement() -> dict[str, bool]:
    """Which restrictions hold on this machine, for ``tongke doctor``."""
    nothing = dict.fromkeys(("limits", "dies_with_worker", "no_network", "few_folders"), False)
    if not HAS_LAUNCHER:
        return nothing
    with workspace("x") as place:
        held: dict[str, bool] = json.loads(run([], place))
    return held


def _ordered(
    argv: Sequence[str], place: Workspace, limits: Limits, readable: Sequence[Path], sockets: Sequence[Path]
) -> list[str]:
    if not HAS_LAUNCHER:
        return list(argv)
    order = {
        "argv": list(argv),
        "cpu_s": limits.cpu_s,
        "memory_bytes": limits.memory_bytes,
        "file_bytes": limits.file_bytes,
        "nice": limits.niceness,
        "readable": [str(place.source.parent), *map(str, readable)],
        "writable": [str(place.out)],
        "sockets": [str(folder) for folder in sockets],
    }
    return [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(order)]


def _start(argv: list[str], place: Workspace, errors: int) -> subprocess.Popen[bytes]:
    lowest = getattr(subprocess, "IDLE_PRIORITY_CLASS", 0)
    return subprocess.Popen(  # noqa: S603  # an argument list of ours, no shell
        argv,
        cwd=place.out,
        env=_environment(place),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        creationflags=0 if HAS_LAUNCHER else lowest,
    )


def _environment(place: Workspace) -> dict[str, str]:
    """Nothing of ours leaks; programs that would ask a proxy are sent to a closed door."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    home = str(place.out)
    nowhere = "http://127.0.0.1:9"
    return kept | {
        "HOME": home,
        "TMPDIR": home,
        "TEMP": home,
        "TMP": home,
        "LANG": "C.UTF-8",
        "http_proxy": nowhere,
        "https_proxy": nowhere,
        "OMP_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(SOURCES),
    }


def _wait(
    process: subprocess.Popen[bytes], output: _Reader, limits: Limits, stopping: threading.Event | None
) -> Exception | None:
    """Wait for the end of the output, which comes with the end of the program; say why when it must end before."""
    deadline = time.monotonic() + limits.time_s
    while True:
        output.join(_LOOK_S)
        if not output.is_alive():
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_S)
                return None
        if stopping is not None and stopping.is_set():
            return Cancelled()
        if time.monotonic() > deadline:
            return OutOfTime(-1, f"still running after {limits.time_s} s")


def _end(process: subprocess.Popen[bytes]) -> None:
    """Let go of the lifeline, which kills what still runs; the launcher itself is killed if it does not follow."""
    assert process.stdin is not None
    process.stdin.close()
    if not HAS_LAUNCHER and process.poll() is None:
        process.kill()
    try:
        process.wait(5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


class _Reader(threading.Thread):
    """Takes the output as it comes, so that the program never waits for us."""

    def __init__(self, process: subprocess.Popen[bytes], on_line: Callable[[str], None] | None) -> None:
        super().__init__(name="output", daemon=True)
        assert process.stdout is not None
        self._stream, self._on_line = process.stdout, on_line
        self._kept = bytearray()
        self._error: Exception | None = None
        self.start()

    def run(self) -> None:
        with self._stream:
            for line in self._stream:
                if len(self._kept) < _OUTPUT_BYTES:
                    self._kept += line
                if self._on_line is not None and self._error is None:
                    try:
                        self._on_line(line.decode("utf-8", "replace").strip())
                    except Exception as error:  # noqa: BLE001  # told to the caller by ``content``
                        self._error = error

    @property
    def content(self) -> bytes:
        if self._error is not None:
            raise self._error
        return bytes(self._kept)
