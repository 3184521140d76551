"""What the bytes of a file turned out to be."""

from __future__ import annotations

from dataclasses import dataclass

from tongke.i18n import Text
from tongke.media.models import MediaKind


@dataclass(frozen=True, slots=True)
class Sniffed:
    """``extension`` begins with a dot; ``warnings`` are told to the teacher, the file is accepted all the same."""

    media_type: str
    kind: MediaKind
    extension: str
    warnings: tuple[Text, ...] = ()
