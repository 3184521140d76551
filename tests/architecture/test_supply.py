"""What we build from: pinned by hash, from no named place, nothing of others committed, licences we may ship."""

from __future__ import annotations

import functools
import importlib.metadata
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

ROOT = Path(__file__).parents[2]
LOCKS = ("requirements.lock", "requirements-build.lock", "requirements-dev.lock")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
FLOORS = tomllib.loads((Path(__file__).parent / "version_floors.toml").read_text(encoding="utf-8"))
NODE_LOCK = ROOT / "frontend/package-lock.json"
REGISTRY_HOSTS = re.compile(
    "|".join(
        re.escape(".".join(host))
        for host in (
            ("pypi", "org"),
            ("pythonhosted", "org"),
            ("registry", "npmjs", "org"),
            ("registry", "yarnpkg", "com"),
            ("npmmirror", "com"),
            ("npm", "taobao", "org"),
            ("mirrors", "aliyun", "com"),
            ("tuna", "tsinghua", "edu", "cn"),
            ("mirrors", "ustc", "edu", "cn"),
            ("jsdelivr", "net"),
            ("unpkg", "com"),
            ("cdnjs", "cloudflare", "com"),
        )
    )
)
PERMISSIVE = re.compile(
    r"MIT|BSD|Apache|ISC|Python Software Foundation|PSF|Zlib|0BSD|CC0|Unlicense|BlueOak", re.IGNORECASE
)
REVIEWED_NODE = {"combine-errors": "MIT, said in its Readme only"}
REVIEWED = {
    "certifi": "MPL-2.0: a list of certificates, shipped unchanged as its own package",
    "psycopg": "LGPL-3.0: a library loaded by import, shipped unchanged as its own package, which anyone may replace",
    "psycopg-binary": "LGPL-3.0: as psycopg",
}


@functools.cache
def tracked() -> tuple[str, ...]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True).stdout
    return tuple(name for name in listed.decode().split("\0") if name)


def locked(name: str) -> dict[str, Version]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return {found[1]: Version(found[2]) for found in re.finditer(r"^([a-z0-9._-]+)==([^\s;\\]+)", text, re.MULTILINE)}


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_hash_and_no_address(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    entries = re.split(r"\n(?=[a-z0-9])", text)

    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert re.findall(r"\S*://\S*|^--(?:extra-)?index-url.*|^--find-links.*|.* @ .*", text, re.MULTILINE) == []


@pytest.mark.parametrize(
    ("name", "extras"),
    [("requirements.lock", ()), ("requirements-build.lock", ("build",)), ("requirements-dev.lock", ("build", "dev"))],
)
def test_lock_fits_the_project(name: str, extras: tuple[str, ...]) -> None:
    wanted = [*PROJECT["dependencies"], *(w for e in extras for w in PROJECT["optional-dependencies"][e])]
    have = locked(name)

    unfit = [
        text
        for text in wanted
        if (wish := Requirement(text)).name not in have
        or not wish.specifier.contains(have[wish.name], prereleases=True)
    ]
    assert unfit == []


def test_locks_agree_with_each_other() -> None:
    run, build, dev = (locked(name) for name in LOCKS)

    assert run.items() <= build.items() <= dev.items()


def test_run_time_dependencies_have_floors() -> None:
    free = [wish for wish in PROJECT["dependencies"] if not re.search(r">=\d", wish)]

    assert free == ["pydantic-core"]


def test_no_locked_version_is_known_to_be_weak() -> None:
    have = locked("requirements-dev.lock")
    packages = json.loads(NODE_LOCK.read_text(encoding="utf-8"))["packages"]
    node = {path.rpartition("node_modules/")[2]: package["version"] for path, package in packages.items() if path}

    assert {name for name, (floor, _) in FLOORS["python"].items() if have[name] < Version(floor)} == set()
    assert {name for name, (floor, _) in FLOORS["node"].items() if Version(node[name]) < Version(floor)} == set()


def test_node_lock_names_no_places_and_pins_every_package_by_hash() -> None:
    lock = json.loads(NODE_LOCK.read_text(encoding="utf-8"))
    packages = {path: package for path, package in lock["packages"].items() if path}

    assert packages
    assert [path for path, package in packages.items() if "resolved" in package] == []
    assert [path for path, package in packages.items() if not package.get("integrity", "").startswith("sha512-")] == []
    unclear = {
        p.rpartition("node_modules/")[2] for p, k in packages.items() if not PERMISSIVE.search(k.get("license", ""))
    }
    assert unclear == set(REVIEWED_NODE)


def test_no_registry_or_delivery_network_is_named_anywhere() -> None:
    named = []
    for name in tracked():
        content = (ROOT / name).read_bytes() if (ROOT / name).is_file() else b""
        if b"\0" not in content[:4096] and REGISTRY_HOSTS.search(content.decode("utf-8", "replace")):
            named.append(name)

    assert named == []


def test_nothing_of_others_is_committed() -> None:
    suspicious = re.compile(
        r"(^|/)(node_modules|vendor|vendored|third_party|dist|static/build)/|\.min\.(js|css)$|\.whl$"
    )
    scripts = [name for name in tracked() if name.endswith((".js", ".mjs", ".css"))]
    squeezed = [n for n in scripts if any(len(line) > 500 for line in (ROOT / n).read_text("utf-8").splitlines())]

    assert scripts
    assert [name for name in tracked() if suspicious.search(name)] == []
    assert squeezed == []


def licence_of(name: str) -> str:
    about = importlib.metadata.metadata(name)
    classifiers = [c.rpartition("::")[2].strip() for c in about.get_all("Classifier", []) if c.startswith("License")]
    return about.get("License-Expression") or "; ".join(classifiers) or about.get("License") or ""


def test_licences_of_what_we_ship_allow_it() -> None:
    installed = {d.metadata["Name"].lower().replace("_", "-") for d in importlib.metadata.distributions()}
    names = [name for name in locked("requirements.lock") if name in installed]
    unclear = {
        name: licence
        for name in names
        if name not in REVIEWED and (not PERMISSIVE.search(licence := licence_of(name)) or "GPL" in licence)
    }

    assert len(names) > 60
    assert unclear == {}
    assert set(REVIEWED) <= set(names)


def test_every_dependency_is_declared_and_used() -> None:
    deptry = Path(sys.executable).parent / "deptry"
    told = subprocess.run([str(deptry), "--no-ansi", "."], cwd=ROOT, check=False, capture_output=True, text=True)

    assert told.returncode == 0, told.stderr
