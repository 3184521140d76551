"""A real small identity server for one journey: Canaille, in a virtual environment of its own, from its lock."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.oidc.servers import CLIENT, HERE, SECRET, OpenIdProvider, alone
from tests.servers import free_port, wait_for

LOCK = HERE / "requirements-canaille.lock"
HOME = HERE / ".canaille"
PASSWORD = "correct horse 1 Tongke"


def program() -> Path:
    """Canaille's command, installed when the lock changed: its packages would not fit among ours for ever."""
    wanted = HOME / hashlib.sha256(LOCK.read_bytes()).hexdigest()[:12]
    with alone(HERE / ".installing"):
        if not (wanted / "ready").exists():
            shutil.rmtree(HOME, ignore_errors=True)
            uv = [sys.executable, "-m", "uv"]
            subprocess.run([*uv, "venv", "-q", "--python", sys.executable, str(wanted)], check=True)
            python = str(wanted / "bin/python")
            subprocess.run(
                [*uv, "pip", "install", "-q", "--python", python, "--require-hashes", "-r", str(LOCK)], check=True
            )
            (wanted / "ready").touch()
    return wanted / "bin" / "canaille"


@contextmanager
def canaille(folder: Path, base_url: str, *, key: str = "campus") -> Iterator[OpenIdProvider]:
    """A running Canaille that knows us at ``base_url`` and one teacher, ``lan``."""
    command, port = str(program()), free_port()
    config = folder / "canaille.toml"
    environment = {**os.environ, "CANAILLE_CONFIG": str(config)}
    environment["CONFIG"] = str(config)
    head = f'SECRET_KEY = "tests only"\nSERVER_NAME = "127.0.0.1:{port}"\nPREFERRED_URL_SCHEME = "http"\n'
    keys = subprocess.run([command, "jwk", "create", "rsa"], check=True, capture_output=True, text=True).stdout
    jwk = json.loads(keys[keys.index("{") :])
    inline = ", ".join(f"{name} = {json.dumps(value)}" for name, value in jwk.items())
    config.write_text(
        f'{head}[CANAILLE]\nDATABASE = "sql"\n[CANAILLE_SQL]\nDATABASE_URI = "sqlite:///{folder}/canaille.sqlite"\n'
        f"[CANAILLE_OIDC]\nACTIVE_JWKS = [{{{inline}}}]\n",
        encoding="utf-8",
    )

    def run(*words: str) -> None:
        done = subprocess.run(
            [command, *words], env=environment, capture_output=True, text=True, check=False, cwd=folder
        )
        assert done.returncode == 0, done.stdout + done.stderr

    run("install")
    person = ["--user-name", "lan", "--given-name", "兰", "--family-name", "方", "--formatted-name", "方兰"]
    run("create", "user", *person, "--emails", "lan@campus.example", "--password", PASSWORD)
    client = ["--client-id", CLIENT, "--client-secret", SECRET.replace(" ", "-"), "--client-name", "同课"]
    client += [
        "--redirect-uris",
        f"{base_url}/sign-in/return/{key}",
        "--post-logout-redirect-uris",
        f"{base_url}/sign-in",
    ]
    client += ["--grant-types", "authorization_code", "--response-types", "code", "--client-uri", base_url]
    client += ["--scope", "openid", "--scope", "profile", "--scope", "email", "--contacts", "a@campus.example"]
    run(
        "create",
        "client",
        *client,
        "--token-endpoint-auth-method",
        "client_secret_basic",
        "--id-token-signed-response-alg",
        "RS256",
    )
    run("set", "client", CLIENT, "--audience", CLIENT)  # as its own registration page does
    with (folder / "canaille.log").open("wb") as log:
        process = subprocess.Popen(
            [command, "run", "--bind", f"127.0.0.1:{port}"],
            env=environment,
            cwd=folder,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    issuer = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{issuer}/.well-known/openid-configuration", process, seconds=60)
        yield OpenIdProvider(issuer, process)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
