"""A tus client that can be cruel: it breaks off, lies about lengths and sends slowly."""

from __future__ import annotations

import base64
import contextlib
import http.client
import socket
import time
from dataclasses import dataclass

TYPE = "application/offset+octet-stream"


@dataclass
class Tus:
    port: int
    token: str

    def ask(self, method: str, path: str, content: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        connection.request(method, path, content or None, {**self.common, **told})
        answer = connection.getresponse()
        answer.body = answer.read()  # type: ignore[attr-defined]
        connection.close()
        return answer

    @property
    def common(self) -> dict[str, str]:
        return {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {self.token}"}

    def open(self, length: int, filename: str = "教案.txt") -> str:
        name = base64.b64encode(filename.encode()).decode()
        answer = self.ask("POST", "/api/v1/uploads", Upload_Length=str(length), Upload_Metadata=f"filename {name}")
        assert answer.status == 201, answer.body  # type: ignore[attr-defined]
        return "/api/v1/uploads/" + answer.headers["Location"].rpartition("/")[2]

    def send(self, place: str, offset: int, content: bytes) -> http.client.HTTPResponse:
        return self.ask("PATCH", place, content, Upload_Offset=str(offset), Content_Type=TYPE)

    def begin(self, place: str, offset: int, content: bytes, *, announced: int) -> socket.socket:
        """Send ``content`` of a body said to have ``announced`` bytes, and leave the line open."""
        lines = {**self.common, "Host": "x", "Upload-Offset": str(offset), "Content-Type": TYPE}
        lines["Content-Length"] = str(announced)
        line = socket.create_connection(("127.0.0.1", self.port), timeout=60)
        head = f"PATCH {place} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in lines.items()) + "\r\n"
        line.sendall(head.encode() + content)
        return line

    def status(self, place: str) -> http.client.HTTPResponse:
        """HEAD, again and again while another connection is still at it."""
        deadline = time.monotonic() + 30
        while (answer := self.ask("HEAD", place)).status == 423 and time.monotonic() < deadline:
            time.sleep(0.2)
        return answer

    def resume(self, place: str, content: bytes) -> str:
        """Do what a good client does until the upload is complete; returns the asset."""
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError, http.client.HTTPException):
                told = self.status(place)
                if "Tongke-Asset" in told.headers:
                    return told.headers["Tongke-Asset"]
                offset = int(told.headers["Upload-Offset"])
                answer = self.send(place, offset, content[offset:])
                if answer.status == 204 and "Tongke-Asset" in answer.headers:
                    return answer.headers["Tongke-Asset"]
            time.sleep(0.2)
        raise TimeoutError(place)
