"""What the doctor found about one part."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tongke.i18n import Text


class Level(StrEnum):
    OK = "ok"
    WARNING = "warning"  # it works, but somebody should look
    FAILED = "failed"  # something essential is broken: the exit status says so


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence about one part; ``check`` is its stable name for programs."""

    check: str
    level: Level
    sentence: Text


def good(check: str, sentence: Text) -> Finding:
    return Finding(check, Level.OK, sentence)


def worry(check: str, sentence: Text) -> Finding:
    return Finding(check, Level.WARNING, sentence)


def broken(check: str, sentence: Text) -> Finding:
    return Finding(check, Level.FAILED, sentence)
