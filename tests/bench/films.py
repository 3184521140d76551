"""Films to measure with: a lesson's still slides with a moving pointer, and speech-like sound."""

from __future__ import annotations

import subprocess
from pathlib import Path


def lesson(path: Path, seconds: int, *, size: str = "1280x720") -> Path:
    """An H.264 recording like those of classrooms: little moves, and slides change every ten seconds."""
    slides = f"testsrc=s={size}:r=25:d={seconds},drawbox=x=mod(40*t\\,1000):y=300:w=60:h=60:color=red:t=fill,noise=alls=6:allf=t"
    sound = f"anoisesrc=d={seconds}:c=pink:a=0.2,highpass=200,lowpass=3000"
    inputs = ["-f", "lavfi", "-i", slides, "-f", "lavfi", "-i", sound]
    form = ["-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p", "-c:a", "aac", "-b:a", "96k"]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *inputs, *form, str(path)], check=True)
    return path
