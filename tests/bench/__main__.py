"""``make bench``: every figure the platform means to reach, one after the other, each against its limit.

    python -m tests.bench [NAME …]

Needs a quiet machine and about twenty minutes; exit status 1 when a figure is missed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ORDER = ("page_weight", "search_page", "sign_ins", "roster", "upload", "first_play", "hls", "at_scale")


def main() -> int:
    names = [name for name in ORDER if (HERE / f"{name}.py").exists()]
    wanted = sys.argv[1:] or names
    missed = []
    for name in wanted:
        print(f"=== {name}", flush=True)
        if subprocess.run([sys.executable, "-m", f"tests.bench.{name}"], check=False).returncode:
            missed.append(name)
    print(f"\nmissed: {', '.join(missed)}" if missed else "\nevery figure holds")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
