"""``python -m tests.faults.points serve …``: ``tongke``, but the whole process tree is killed at a named point.

``TEST_KILL_AT`` is ``module:function[:before|after]``; nothing happens there until the file ``TEST_KILL_ARMED`` exists,
so that a test chooses the one of many passages it means. Production code knows nothing of this.
"""

from __future__ import annotations

import functools
import importlib
import os
import signal
from pathlib import Path


def arm(point: str, armed: Path) -> None:
    """Put the kill around the function the point names."""
    module_name, name, moment = point.split(":")
    holder = importlib.import_module(module_name)
    *owners, attribute = name.split(".")
    for owner in owners:
        holder = getattr(holder, owner)
    original = getattr(holder, attribute)

    @functools.wraps(original)
    def killing(*args, **kwargs):
        if moment == "before":
            _kill(armed)
        result = original(*args, **kwargs)
        if moment == "after":
            _kill(armed)
        return result

    setattr(holder, attribute, killing)


def _kill(armed: Path) -> None:
    if armed.exists():
        os.killpg(os.getpgrp(), signal.SIGKILL)  # the tests start us in a group of our own


if __name__ == "__main__":
    assert os.getpgrp() == os.getpid(), "start me in a session of my own: I kill my whole process group"
    arm(os.environ["TEST_KILL_AT"], Path(os.environ["TEST_KILL_ARMED"]))
    from tongke.main.cli import app

    app()
