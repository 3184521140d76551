"""The operator learns what is missing and what teachers lose by it."""

from __future__ import annotations

import shutil

import pytest

from tongke.config import Settings
from tongke.media.checks import media_checks

HAS_ALL = all(shutil.which(name) for name in ("ffmpeg", "ffprobe", "soffice", "fc-list"))


@pytest.mark.media
@pytest.mark.skipif(not HAS_ALL, reason="ffmpeg, LibreOffice or fontconfig is not installed")
def test_everything_here_is_said_to_be_here():
    found = {check.name: check.ok for check in media_checks(Settings())}

    assert {name: found[name] for name in ("ffmpeg", "ffprobe", "encoders", "libreoffice")} == dict.fromkeys(
        ("ffmpeg", "ffprobe", "encoders", "libreoffice"), True
    )


def test_each_missing_program_is_named_with_its_meaning():
    checks = {
        check.name: check
        for check in media_checks(Settings(ffmpeg="no-ffmpeg", ffprobe="no-ffprobe", soffice="no-soffice"))
    }

    assert [checks[name].ok for name in ("ffmpeg", "ffprobe", "libreoffice")] == [False, False, False]
    assert "encoders" not in checks
    assert "播放" in str(checks["ffmpeg"].sentence)
    assert "翻看" in str(checks["libreoffice"].sentence)
