"""What documents and decks share: stable zip files, conversion to PDF."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import zipfile
from pathlib import Path

_LONG_AGO = (2026, 9, 1, 0, 0, 0)
_CHANGED_AT = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")
_PDF_DATE = re.compile(rb"(?<=/CreationDate\(D:)\d{14}")
_PDF_IDENTIFIERS = re.compile(rb"(?<=<)[0-9A-F]{32}(?=>)|(?<=/DocChecksum /)[0-9A-F]{32}")


def settle(path: Path) -> None:
    """Rewrite an Office file so that making it again gives the same bytes."""
    with zipfile.ZipFile(path) as archive:
        members = [(name, archive.read(name)) for name in archive.namelist()]
    write_zip(path, [(name, _CHANGED_AT.sub(rb"\g<1>2026-09-01T00:00:00Z", content)) for name, content in members])


def write_zip(path: Path, members: list[tuple[str, bytes]]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in members:
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)


def to_pdf(source: Path, target: Path) -> None:
    with tempfile.TemporaryDirectory() as work:
        profile = Path.home() / ".cache" / "demo-authoring-office"
        command = ["nice", "soffice", f"-env:UserInstallation=file://{profile}", "--headless", "--convert-to", "pdf"]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": "1788192000"}
        subprocess.run([*command, "--outdir", work, str(source)], check=True, capture_output=True, env=environment)
        made = (Path(work) / source.with_suffix(".pdf").name).read_bytes()
    # the date and identifiers are replaced in place: a PDF counts its bytes
    made = _PDF_IDENTIFIERS.sub(b"0" * 32, _PDF_DATE.sub(b"20260901000000", made))
    target.write_bytes(made)
