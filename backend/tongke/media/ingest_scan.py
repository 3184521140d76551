"""A virus scanner's verdict, by clamd's INSTREAM."""

from __future__ import annotations

import socket
import struct
from pathlib import Path

from tongke.errors import RefusedContent, Unavailable
from tongke.i18n import say

PIECE_BYTES = 256 * 1024
CONNECT_S = 5
VERDICT_S = 300


def scan(address: str, path: Path) -> None:
    """Return when the scanner at ``address`` (host:port; empty: there is none) finds nothing in ``path``.

    Raises ``RefusedContent`` when it does, and ``Unavailable`` when it gives no verdict: unscanned is not clean.
    """
    if not address:
        return
    try:
        verdict = _verdict(address, path)
    except (OSError, ValueError) as error:
        raise Unavailable(say("病毒检查服务暂时不可用，文件已保存，请稍后再试。")) from error
    if verdict.endswith("FOUND"):
        name = verdict.removeprefix("stream:").removesuffix("FOUND").strip()
        raise RefusedContent(say("病毒检查没有通过（{name}）。请先在自己的电脑上杀毒再上传。", name=name))
    if verdict != "stream: OK":
        raise Unavailable(say("病毒检查没有完成（{verdict}），请稍后再试。", verdict=verdict[:100]))


def _verdict(address: str, path: Path) -> str:
    host, _, port = address.rpartition(":")
    with socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_S) as clamd, path.open("rb") as stream:
        clamd.settimeout(VERDICT_S)
        clamd.sendall(b"zINSTREAM\0")
        try:
            while piece := stream.read(PIECE_BYTES):
                clamd.sendall(struct.pack("!L", len(piece)) + piece)
            clamd.sendall(struct.pack("!L", 0))
        except (BrokenPipeError, ConnectionResetError):
            pass  # it hangs up early when the file is over its limit, and says so in its answer
        answer = b""
        while piece := clamd.recv(4096):
            answer += piece
    return answer.rstrip(b"\0\n").decode(errors="replace")
