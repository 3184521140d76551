"""The regional profile's nginx files, run by a real nginx in front of two processes."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import http.client
import re
import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from sqlalchemy import create_engine
from tests.servers import free_port

from tongke.config import Settings
from tongke.http.content_app import ContentApp
from tongke.media.addresses import content_address
from tongke.media.models import Asset
from tongke.storage.base import blob_key
from tongke.storage.local import LocalStore

NGINX = Path(__file__).parents[2] / "deploy/nginx"
PAGES_HOST, CONTENT_HOST = "tongke.example", "content.example"

pytestmark = pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")


@dataclass
class Upstream:
    """A web process that notes what it was asked."""

    server: ThreadingHTTPServer
    seen: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    first_bytes: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        return self.server.server_port


def start_upstream() -> Upstream:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            upstream.seen.append((self.command, self.path, {k.lower(): v for k, v in self.headers.items()}))
            remaining = int(self.headers.get("content-length", 0))
            while remaining and (piece := self.rfile.read1(remaining)):
                upstream.first_bytes.set()
                remaining -= len(piece)
            self.send_response(200)
            self.send_header("Set-Cookie", "a=b")
            self.send_header("Content-Length", "2")
            self.end_headers()
            self.wfile.write(b"ok")

        do_POST = do_PATCH = do_OPTIONS = do_GET  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Nothing on the test's output."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """A client that hangs up in the middle is what some tests are about."""

    upstream = Upstream(Server(("127.0.0.1", 0), Handler))
    threading.Thread(target=upstream.server.serve_forever, args=(0.05,), daemon=True).start()
    return upstream


@dataclass
class Proxy:
    first: Upstream
    second: Upstream
    content: Upstream
    pages_port: int
    content_port: int

    def ask(
        self, method: str, path: str, *, content: bool = False, headers: dict[str, str] | None = None, body: bytes = b""
    ) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.content_port if content else self.pages_port)
        host = CONTENT_HOST if content else PAGES_HOST
        connection.request(method, path, body=body or None, headers={"Host": host, **(headers or {})})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer


def write_configuration(folder: Path, template: str, ports: dict[str, int]) -> Path:
    """Put the files where this nginx finds them: our ports for the containers', and what Debian's 1.22 lacks left out."""
    (folder / "certificates").mkdir()
    (folder / "tmp").mkdir()
    shutil.copytree(NGINX / "locations", folder / "tongke")
    upstreams = (folder / "tongke/upstreams.inc").read_text(encoding="utf-8")
    upstreams = re.sub(r"resolver .*;", "", upstreams).replace(" resolve ", " ")
    for name, port in ports.items():
        upstreams = upstreams.replace(name, f"127.0.0.1:{port}")
    (folder / "tongke/upstreams.inc").write_text(upstreams, encoding="utf-8")
    common = (folder / "tongke/common.inc").read_text(encoding="utf-8")
    common = common.replace("8079", str(ports["health"])).replace("/dev/stdout", str(folder / "access.log"))
    (folder / "tongke/common.inc").write_text(common, encoding="utf-8")
    text = (NGINX / f"{template}.conf.template").read_text(encoding="utf-8")
    text = text.replace("${TONGKE_HOST}", PAGES_HOST).replace("${TONGKE_CONTENT_HOST}", CONTENT_HOST)
    text = text.replace("/etc/nginx/", f"{folder}/").replace("    http2 on;\n", "")
    text = text.replace("listen 8080", f"listen 127.0.0.1:{ports['8080']}")
    text = text.replace("listen 8443", f"listen 127.0.0.1:{ports['8443']}")
    text = text.replace("listen 80 ", f"listen 127.0.0.1:{ports['8080']} ").replace(
        "listen 81 ", f"listen 127.0.0.1:{ports['8443']} "
    )
    text = text.replace("/var/lib/tongke/", f"{folder}/data/")
    for name, port in ports.items():
        text = text.replace(name, f"127.0.0.1:{port}") if ":" in name else text
    temporary = "".join(
        f"{kind}_temp_path {folder}/tmp/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    path = folder / "nginx.conf"
    head = f"daemon off; user root; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
    path.write_text(f"{head}http {{\n{temporary}{text}}}\n", encoding="utf-8")
    return path


@pytest.fixture
def run_nginx(tmp_path: Path) -> Iterator[Callable[[str, dict[str, int]], None]]:
    processes: list[subprocess.Popen[bytes]] = []

    def run(template: str, ports: dict[str, int]) -> None:
        path = write_configuration(tmp_path, template, ports)
        if template == "tls":
            for name in ("pages", "content"):
                self_signed(tmp_path / "certificates", name)
        log = (tmp_path / "start.log").open("wb")
        processes.append(subprocess.Popen(["nginx", "-c", str(path)], stdout=log, stderr=log))
        for _ in range(100):
            assert processes[0].poll() is None, (tmp_path / "start.log").read_text()
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", ports["8443"])) == 0:
                    return
            time.sleep(0.05)
        raise AssertionError("nginx did not start")

    yield run
    for process in processes:
        process.terminate()
        process.wait(10)


def self_signed(folder: Path, name: str) -> None:
    options = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", f"/CN={name}"]
    files = ["-keyout", str(folder / f"{name}.key"), "-out", str(folder / f"{name}.crt")]
    subprocess.run(["openssl", "req", "-x509", *options, *files], check=True, capture_output=True)


@pytest.fixture
def proxy(run_nginx: Callable[[str, dict[str, int]], None]) -> Iterator[Proxy]:
    first, second, content = start_upstream(), start_upstream(), start_upstream()
    ports = {"8080": free_port(), "8443": free_port(), "health": free_port()}
    containers = {
        "web-1:8000": first.port,
        "web-2:8000": second.port,
        "web-1:8001": content.port,
        "web-2:8001": content.port,
    }
    run_nginx("plain", ports | containers)
    yield Proxy(first, second, content, ports["8080"], ports["8443"])
    for upstream in (first, second, content):
        upstream.server.shutdown()
        upstream.server.server_close()


def test_pages_go_to_both_processes_and_survive_one(proxy: Proxy) -> None:
    answers = [proxy.ask("GET", "/resources").status for _ in range(4)]
    both = (len(proxy.first.seen), len(proxy.second.seen))
    proxy.first.server.shutdown()
    proxy.first.server.server_close()
    answers += [proxy.ask("GET", "/resources").status for _ in range(6)]

    assert answers == [200] * 10
    assert both == (2, 2)


def test_client_address_is_the_proxys_word(proxy: Proxy) -> None:
    proxy.ask("GET", "/", headers={"X-Forwarded-For": "203.0.113.9"})

    [(_, _, headers)] = proxy.first.seen + proxy.second.seen
    assert headers["x-forwarded-for"] == "127.0.0.1"
    assert headers["host"] == PAGES_HOST


@pytest.mark.parametrize("path", ["/api/v1/uploads/1", "/upload"])
def test_upload_bytes_arrive_before_the_last_is_sent(proxy: Proxy, path: str) -> None:
    with socket.create_connection(("127.0.0.1", proxy.pages_port), timeout=10) as line:
        head = f"PATCH {path} HTTP/1.1\r\nHost: {PAGES_HOST}\r\nContent-Length: 10000000\r\n\r\n"
        line.sendall(head.encode() + b"x" * 100_000)

        arrived = proxy.first.first_bytes.wait(5) or proxy.second.first_bytes.wait(1)

    assert arrived


@pytest.mark.parametrize(
    ("path", "status"), [("/api/v1/resources", 413), ("/uploading", 413), ("/upload", 200), ("/api/v1/uploads", 200)]
)
def test_only_upload_doors_take_large_bodies(proxy: Proxy, path: str, status: int) -> None:
    assert proxy.ask("POST", path, body=b"x" * 3_000_000).status == status


def test_content_origin_knows_no_cookies_and_takes_nothing(proxy: Proxy) -> None:
    answer = proxy.ask("GET", "/s/1", content=True, headers={"Cookie": "tongke_session=secret"})
    refused = proxy.ask("POST", "/s/1", content=True)

    assert answer.getheader("set-cookie") is None
    [(_, _, headers)] = proxy.content.seen
    assert "cookie" not in headers
    assert refused.status == 403


def test_log_holds_no_signature_no_search_and_no_name(proxy: Proxy, tmp_path: Path) -> None:
    digest = "ab" * 32
    proxy.ask("GET", "/resources?q=secret-search")
    for place in (
        f"files/video~mp4/sha256/ab/ab/{digest}/secret-name.mp4",
        "renditions/ab/1/hls/master.m3u8",
        "bundles/x/secret-name.zip",
    ):
        proxy.ask("GET", f"/1790000000.secret-signature/{place}", content=True)

    time.sleep(0.1)
    log = (tmp_path / "access.log").read_text()
    assert "secret" not in log
    assert [line.split('"')[1].split()[1] for line in log.splitlines()] == [
        "/resources", f"/-/files/{digest}", "/-/renditions/ab/1/hls/master.m3u8", "/-/bundles"
    ]  # fmt: skip


def test_tls_separates_the_origins_by_name(run_nginx: Callable[[str, dict[str, int]], None]) -> None:
    pages, content = start_upstream(), start_upstream()
    ports = {"8080": free_port(), "8443": free_port(), "health": free_port()}
    containers = {"web-1:8000": pages.port, "web-2:8000": pages.port, "web-1:8001": content.port, "web-2:8001": 1}
    run_nginx("tls", ports | containers)

    def certificate_of(name: str) -> bytes | None:
        context = ssl._create_unverified_context()
        with (
            socket.create_connection(("127.0.0.1", ports["8443"])) as line,
            context.wrap_socket(line, server_hostname=name) as tls,
        ):
            tls.sendall(f"GET / HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            assert tls.recv(100).startswith(b"HTTP/1.1 200")
            return tls.getpeercert(binary_form=True)

    assert certificate_of(PAGES_HOST) != certificate_of(CONTENT_HOST)
    assert (len(pages.seen), len(content.seen)) == (1, 1)
    with pytest.raises(ssl.SSLError):
        certificate_of("elsewhere.example")
    plain = http.client.HTTPConnection("127.0.0.1", ports["8080"])
    plain.request("GET", "/resources?q=1", headers={"Host": PAGES_HOST})
    assert plain.getresponse().getheader("location") == f"https://{PAGES_HOST}/resources?q=1"
    plain.close()


def test_school_nginx_sends_stored_bytes_that_tongke_names_and_nothing_else(
    run_nginx: Callable[[str, dict[str, int]], None], tmp_path: Path
) -> None:
    content = b"0123456789" * 1_000
    store = LocalStore(tmp_path / "data/objects")
    source = tmp_path / "lesson.mp4"
    source.write_bytes(content)
    asset = Asset(
        owner_id=uuid4(), filename="课.mp4", sha256=hashlib.sha256(content).hexdigest(), received_sha256="",
        size_bytes=len(content), media_type="video/mp4", kind="video",
    )  # fmt: skip
    store.put(blob_key(asset.sha256), source)
    ports = {"8080": free_port(), "8443": free_port(), "health": free_port()}
    settings = Settings(
        data_dir=tmp_path / "data",
        base_url=f"http://{PAGES_HOST}",
        content_url=f"http://127.0.0.1:{ports['8443']}",
        accel_redirect="/objects/",
        secret_key="a secret for tests only, long enough",
    )
    app = ContentApp(settings, store, create_engine("sqlite://"))
    with serving(app) as port:
        run_nginx("school", ports | {"127.0.0.1:8000": 1, "127.0.0.1:8001": port})
        address = content_address(settings, asset)

        whole = fetch(address)
        part = fetch(address, Range="bytes=10-19")
        around = fetch(f"{settings.content_url}/objects/{blob_key(asset.sha256)}")

    assert (whole.status, whole.read(), whole.getheader("content-type")) == (200, content, "video/mp4")
    for name, value in app.headers.items():
        assert whole.getheader(name) == value
        assert part.getheader(name) == value
    assert (part.status, part.read()) == (206, b"0123456789")
    assert around.status == 404


def fetch(address: str, **headers: str) -> http.client.HTTPResponse:
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(parts.netloc)
    connection.request("GET", parts.path, headers={"Connection": "close", **headers})
    return connection.getresponse()


@contextlib.contextmanager
def serving(app: ContentApp) -> Iterator[int]:
    """The application on granian, as ``tongke serve`` runs it, in a thread of its own."""
    port, servers, loops = free_port(), [], []

    async def serve() -> None:
        loops.append(asyncio.get_running_loop())
        servers.append(Server(app, address="127.0.0.1", port=port, interface=Interfaces.ASGINL, log_enabled=False))
        await servers[0].serve()

    thread = threading.Thread(target=asyncio.run, args=(serve(),), daemon=True)
    thread.start()
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield port
    finally:
        loops[0].call_soon_threadsafe(servers[0].stop)
        thread.join(10)
