"""Upload speed, hashed and checked, against nginx's WebDAV PUT of the same bytes on the same disk.

    python -m tests.bench.upload [--size-mb 256] [--rounds 5] [--goal 0.8]

Prints both speeds and their ratio in one line of JSON; exit status 1 below the goal.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import http.client
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.media import makers
from tests.servers import free_port, wait_for
from tests.uploading.serving import serving

PIECE = 1024 * 1024
NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; user root;
{modules}
events {{ worker_connections 64; }}
http {{
  access_log off; client_max_body_size 0; client_body_temp_path {folder}/body;
  server {{ listen 127.0.0.1:{port}; root {folder}/www; location / {{ dav_methods PUT DELETE; create_full_put_path on; }} }}
}}
"""


@contextlib.contextmanager
def nginx(folder: Path) -> Iterator[int]:
    """A WebDAV server, as small as they come."""
    program, port = shutil.which("nginx") or "/usr/sbin/nginx", free_port()
    (folder / "www").mkdir(parents=True)
    configuration = folder / "nginx.conf"
    configuration.write_text(NGINX.format(folder=folder, port=port, modules=""), encoding="utf-8")
    process = subprocess.Popen([program, "-c", str(configuration), "-p", str(folder)], stderr=subprocess.DEVNULL)
    try:
        wait_for(f"http://127.0.0.1:{port}/", process)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def video(size: int) -> bytes:
    """Bytes no cleverness can shorten, in boxes the type check accepts."""
    head = makers.mp4(b"vide")
    return head + makers.box(b"mdat", os.urandom(size - len(head) - 8))


def send(port: int, method: str, path: str, content: memoryview, headers: dict[str, str]) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.putrequest(method, path)
    for name, value in {**headers, "Content-Length": str(len(content))}.items():
        connection.putheader(name, value)
    connection.endheaders()
    for start in range(0, len(content), PIECE):
        connection.send(content[start : start + PIECE])
    answer = connection.getresponse()
    answer.read()
    return answer


def put_by_webdav(port: int, content: memoryview, number: int) -> float:
    started = time.perf_counter()
    answer = send(port, "PUT", f"/{number}.mp4", content, {})
    assert answer.status in {201, 204}, answer.status
    return time.perf_counter() - started


def put_by_tus(port: int, token: str, content: memoryview) -> float:
    headers = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {token}"}
    name = base64.b64encode("课.mp4".encode()).decode()
    opening = {**headers, "Upload-Length": str(len(content)), "Upload-Metadata": f"filename {name}"}
    started = time.perf_counter()
    opened = send(port, "POST", "/api/v1/uploads", memoryview(b""), opening)
    assert opened.status == 201, opened.status
    place = "/api/v1/uploads/" + opened.headers["Location"].rpartition("/")[2]
    piece = {**headers, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}
    answer = send(port, "PATCH", place, content, piece)
    assert (answer.status, bool(answer.headers["Tongke-Asset"])) == (204, True), answer.status
    return time.perf_counter() - started


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size-mb", type=int, default=256)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--goal", type=float, default=0.8)
    parser.add_argument("--folder", type=Path, default=None, help="where both servers keep their files")
    chosen = parser.parse_args()
    ours, theirs = [], []
    with tempfile.TemporaryDirectory(dir=chosen.folder) as name:
        folder = Path(name)
        with nginx(folder / "nginx") as dav, serving(folder / "tongke") as server:
            content = bytearray(video(chosen.size_mb * PIECE))
            for number in range(chosen.rounds + 1):
                content[-16:] = os.urandom(16)  # equal bytes would be stored once
                os.sync()  # nobody waits for what the other left to the disk
                theirs.append(put_by_webdav(dav, memoryview(content), number))
                os.sync()
                ours.append(put_by_tus(server.port, server.token, memoryview(content)))
    speeds = [len(content) / PIECE / statistics.median(times[1:]) for times in (ours, theirs)]
    ratio = speeds[0] / speeds[1]
    report = {"bench": "upload", "mb": chosen.size_mb, "rounds": chosen.rounds, "tongke_mb_s": round(speeds[0])}
    report |= {"nginx_mb_s": round(speeds[1]), "ratio": round(ratio, 3), "goal": chosen.goal}
    sys.stdout.write(json.dumps(report) + "\n")
    return 0 if ratio >= chosen.goal else 1


if __name__ == "__main__":
    sys.exit(main())
