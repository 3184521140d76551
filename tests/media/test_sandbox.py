"""Foreign programs see one file, no network and no more than their share, and never outlive the worker."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tongke.media import sandbox
from tongke.media.sandbox import Cancelled, Limits, OutOfTime, ToolFailed, ToolMissing, run, workspace

PYTHON = [Path(sys.base_prefix), Path(sys.prefix)]
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="these restrictions are Linux's")


def python(code: str, place: sandbox.Workspace, **more) -> str:
    return run([sys.executable, "-I", "-S", "-c", code], place, readable=PYTHON, **more).decode().strip()


@pytest.fixture
def place():
    with workspace("a.mp4") as place:
        place.source.write_text("the one file")
        yield place


def test_everything_holds_here():
    assert sandbox.confinement() == {"limits": True, "dies_with_worker": True, "no_network": True, "few_folders": True}


def test_the_one_file_can_be_read_and_results_written(place):
    python(f"open('made', 'w').write(open({str(place.source)!r}).read())", place)

    assert (place.out / "made").read_text() == "the one file"


@pytest.mark.parametrize(
    "how",
    [
        "open({0!r}).read()",
        "open({0!r}, 'a').write('x')",
        "__import__('os').remove({0!r})",
        "__import__('os').listdir({0!r}.rsplit('/', 1)[0])",
    ],
)
def test_another_users_file_cannot_be_touched(place, tmp_path, how):
    foreign = tmp_path / "stored"
    foreign.write_text("secret")

    with pytest.raises(ToolFailed) as raised:
        python(how.format(str(foreign)), place)

    assert "Permission denied" in raised.value.words
    assert foreign.read_text() == "secret"


def test_source_cannot_be_changed(place):
    with pytest.raises(ToolFailed):
        python(f"open({str(place.source)!r}, 'a').write('x')", place)

    assert place.source.read_text() == "the one file"


def test_network_is_out_of_reach(place):
    with socket.create_server(("127.0.0.1", 0)) as canary:
        canary.settimeout(0.3)
        with pytest.raises(ToolFailed):
            python(f"import socket; socket.create_connection(('127.0.0.1', {canary.getsockname()[1]}), 2)", place)
        with pytest.raises(TimeoutError):
            canary.accept()


def test_processor_time_memory_and_file_size_end(place):
    with pytest.raises(ToolFailed) as cpu:
        python("while True: pass", place, limits=Limits(cpu_s=1))
    with pytest.raises(ToolFailed) as memory:
        python("x = bytearray(300_000_000)", place, limits=Limits(memory_bytes=100_000_000))
    with pytest.raises(ToolFailed):
        python(
            "open('big', 'wb', buffering=0).write(bytes(500)); open('big', 'ab', buffering=0).write(bytes(5000)) == 5000 or exit(1)",
            place,
            limits=Limits(file_bytes=1000),
        )

    assert cpu.value.status in {128 + signal.SIGXCPU, 128 + signal.SIGKILL}
    assert "MemoryError" in memory.value.words
    assert (place.out / "big").stat().st_size <= 1000


def test_time_ends_and_nothing_is_left(place):
    started = time.monotonic()
    with pytest.raises(OutOfTime):
        python(
            "import os, time; os.fork(); open(str(os.getpid()), 'w'); time.sleep(60)", place, limits=Limits(time_s=1)
        )

    assert time.monotonic() - started < 5
    assert not any(is_alive(int(path.name)) for path in place.out.iterdir())


def test_cancelling_kills_the_whole_group(place):
    stopping = threading.Event()
    threading.Timer(0.5, stopping.set).start()

    with pytest.raises(Cancelled):
        python("import os, time; os.fork(); open(str(os.getpid()), 'w'); time.sleep(60)", place, stopping=stopping)

    pids = [int(path.name) for path in place.out.iterdir()]
    assert len(pids) == 2
    assert not any(is_alive(pid) for pid in pids)


def test_missing_program_is_said(place):
    with pytest.raises(ToolMissing):
        run(["no-such-program"], place)


def test_priority_is_the_lowest_and_the_environment_is_empty(place, monkeypatch):
    monkeypatch.setenv("TONGKE_SECRET_KEY", "secret")

    assert (
        python("import os; print(os.nice(0), os.environ.get('TONGKE_SECRET_KEY'), os.environ['HOME'])", place)
        == f"19 None {place.out}"
    )


def test_lines_arrive_while_it_runs(place):
    lines = []
    python("print('one'); print('two')", place, on_line=lines.append)

    assert lines == ["one", "two"]


@pytest.mark.fault
def test_killed_worker_takes_everything_along(tmp_path):
    code = f"""
import sys
from pathlib import Path
from tongke.media.sandbox import run, workspace
with workspace('x') as place:
    run([sys.executable, '-I', '-S', '-c', "import os, time; os.fork(); print(os.getpid(), flush=True); time.sleep(60)"], place,
        readable=[Path(p) for p in {[str(path) for path in PYTHON]!r}], on_line=lambda line: print(line, flush=True))
"""
    worker = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    pids = [int(worker.stdout.readline()) for _ in range(2)]
    assert all(is_alive(pid) for pid in pids)

    os.kill(worker.pid, signal.SIGKILL)
    worker.wait()
    worker.stdout.close()

    deadline = time.monotonic() + 3
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < deadline, "orphans"
        time.sleep(0.05)


def is_alive(pid: int) -> bool:
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False
