"""The release: a wheel that carries everything, installs without internet, and serves."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.servers import free_port, wait_for

ROOT = Path(__file__).parents[2]
PACKAGES = ("backend/tongke", "frontend/tongke_web", "indexer/tongke_indexer")
WHEELS = ROOT / "dist/wheels"

pytestmark = pytest.mark.slow


def pip(*arguments: str, python: str = sys.executable) -> None:
    subprocess.run([python, "-m", "pip", "--quiet", *arguments], cwd=ROOT, check=True)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    assert (ROOT / "frontend/tongke_web/static/build/assets.json").exists(), "run: make setup"
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), ".")
    [path] = folder.glob("tongke-*.whl")
    return path


@pytest.fixture(scope="module")
def wheels() -> Path:
    """Every wheel of the lock, fetched once: the only step that may use an index."""
    lock = ROOT / "requirements.lock"
    stamp, digest = WHEELS / ".lock", hashlib.sha256(lock.read_bytes()).hexdigest()
    if not stamp.exists() or stamp.read_text() != digest:
        for old in WHEELS.glob("*.whl"):
            old.unlink()
        pip("download", "--require-hashes", "--only-binary", ":all:", "-r", str(lock), "--dest", str(WHEELS))
        stamp.write_text(digest)
    return WHEELS


@pytest.fixture(scope="module")
def installed(wheel: Path, wheels: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``tongke`` of a fresh environment into which only the folder of wheels went."""
    folder = tmp_path_factory.mktemp("fresh") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin/python"
    offline = ("--no-index", "--find-links", str(wheels), "--find-links", str(wheel.parent), "--no-compile")
    pip("--python", str(python), "install", *offline, "tongke")
    return folder / "bin/tongke"


def test_wheel_carries_every_committed_file_and_what_was_built(wheel: Path) -> None:
    listed = subprocess.run(["git", "ls-files", "-z", *PACKAGES], cwd=ROOT, check=True, capture_output=True).stdout
    committed = {name.split("/", 1)[1] for name in listed.decode().split("\0") if name and (ROOT / name).exists()}
    built = {
        str(path.relative_to(ROOT / "frontend"))
        for path in (ROOT / "frontend/tongke_web/static/build").rglob("*")
        if path.is_file()
    }
    with zipfile.ZipFile(wheel) as archive:
        carried = set(archive.namelist())

    assert (committed | built | {"tongke/locale/en/LC_MESSAGES/tongke.mo"}) - carried == set()
    assert {
        name for name in carried if not name.startswith(("tongke/", "tongke_web/", "tongke_indexer/", "tongke-"))
    } == set()


def test_wheel_carries_the_licences_of_what_it_bundles(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        [name] = [n for n in archive.namelist() if re.fullmatch(r".*/static/build/licences-\w+\.txt", n)]
        told = archive.read(name).decode()

    assert {name for name in ("htmx.org", "hls.js", "tus-js-client") if f"\n{name} " not in f"\n{told}"} == set()
    assert told.count("Permission") >= 3


@pytest.fixture
def served(installed: Path, tmp_path: Path) -> Iterator[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TONGKE_"))}
    address = f"http://127.0.0.1:{free_port()}"
    environment |= {"TONGKE_DATA_DIR": str(tmp_path / "data"), "TONGKE_BASE_URL": address}
    process = subprocess.Popen([str(installed), "serve"], cwd=tmp_path, env=environment)
    try:
        wait_for(f"{address}/healthz", process, seconds=60)
        yield address
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)


def read(address: str, **headers: str) -> str:
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=10) as answer:
        return answer.read().decode()


def test_release_serves_pages_styles_translations_and_curriculum(served: str) -> None:
    chinese = read(served, **{"Accept-Language": "zh-CN"})
    english = read(served, **{"Accept-Language": "en"})
    styles = re.findall(r'href="([^"]+\.css)"', chinese)
    frameworks = read(f"{served}/api/v1/frameworks")

    assert re.search(r'<html[^>]+lang="zh-CN"', chinese)
    assert re.search(r'<html[^>]+lang="en"', english)
    assert "登录" in chinese
    assert "登录" not in re.sub(r"<[^>]*>", "", english)
    assert styles
    assert all(len(read(served + style)) > 1_000 for style in styles)
    assert "人教" in frameworks
