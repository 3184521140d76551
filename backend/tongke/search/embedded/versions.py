"""The index directory: one subfolder for each version, and a pointer file that names the live one.

The pointer is replaced in one step (write, fsync, rename), so a process killed at any moment leaves either the old
index or the new one live, never a half-built one. Other processes notice because they read the pointer before each use.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from uuid import uuid4

POINTER = "current"


class Versions:
    """The versions below ``folder``; names start with ``prefix``, so that other formats are recognised."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self.folder = folder
        self._prefix = prefix

    def current(self) -> str | None:
        """The live version's name, or None in an empty directory."""
        try:
            return (self.folder / POINTER).read_text(encoding="ascii").strip()
        except FileNotFoundError:
            return None

    def is_ours(self, name: str) -> bool:
        return name.startswith(self._prefix) and "/" not in name and "\\" not in name

    def make(self) -> str:
        """The name of a new, empty version."""
        name = f"{self._prefix}{uuid4().hex[:12]}"
        (self.folder / name).mkdir(parents=True)
        return name

    def path(self, name: str) -> Path:
        return self.folder / name

    def point_to(self, name: str, *, unless_there: bool = False) -> None:
        """Make ``name`` the live version, durably; with ``unless_there`` only when none is live yet."""
        draft = self.folder / f"{POINTER}.{uuid4().hex[:12]}"
        with draft.open("x", encoding="ascii") as stream:
            stream.write(name)
            stream.flush()
            os.fsync(stream.fileno())
        if unless_there:
            _link(draft, self.folder / POINTER)
            return
        draft.replace(self.folder / POINTER)
        _sync(self.folder)

    def drop_others(self) -> None:
        """Delete every version but the live one: left by rebuilds that were killed, or replaced."""
        if not self.folder.exists():
            return
        live = self.current()
        for path in self.folder.iterdir():
            if path.is_dir() and path.name != live:
                shutil.rmtree(path, ignore_errors=True)  # Windows keeps files another process reads: next time
            elif path.name.startswith(f"{POINTER}."):
                path.unlink(missing_ok=True)


def _link(draft: Path, pointer: Path) -> None:
    try:
        pointer.hardlink_to(draft)
    except FileExistsError:
        pass  # another process was first: its version is the live one
    finally:
        draft.unlink()
    _sync(pointer.parent)


def _sync(folder: Path) -> None:
    if os.name != "posix":
        return  # Windows cannot open a folder; NTFS journals the rename
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
