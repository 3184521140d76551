"""Looks at what films and documents need: ffmpeg, LibreOffice, fonts, the walls around them."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Engine

from tongke.config import Settings
from tongke.main.doctor.finding import Finding, good, worry
from tongke.media.checks import media_checks


def check_media(settings: Settings, _engine: Engine) -> Iterator[Finding]:
    """What is missing and what teachers lose by it; the platform works without, so nothing here is a failure."""
    for check in media_checks(settings):
        yield (good if check.ok else worry)(f"media.{check.name}", check.sentence)
