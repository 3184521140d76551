"""Films for browser tests: seconds of picture and sound, as large as wanted."""

from __future__ import annotations

import subprocess
from pathlib import Path

MEGABYTE = 1024 * 1024


def film(ffmpeg: str, path: Path, *, seconds: int = 6, at_least_bytes: int = 0) -> Path:
    """A small MP4; a ``free`` box, which players skip, makes it as large as a real lesson."""
    source = f"testsrc2=size=320x180:rate=12:duration={seconds}"
    command = [ffmpeg, "-loglevel", "error", "-y", "-f", "lavfi", "-i", source, "-f", "lavfi", "-i",
               f"sine=frequency=330:duration={seconds}", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt",
               "yuv420p", "-c:a", "aac", "-movflags", "+faststart", str(path)]  # fmt: skip
    subprocess.run(command, check=True, timeout=120)
    padding = at_least_bytes - path.stat().st_size
    if padding > 0:
        with path.open("ab") as stream:
            stream.write(padding.to_bytes(4, "big") + b"free")
            stream.truncate(stream.tell() + padding - 8)
    return path
