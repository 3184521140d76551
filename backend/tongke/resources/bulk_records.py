"""Reading a bulk file: one JSON object a line, each taken or refused by itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from pydantic import ValidationError

from tongke.errors import Invalid
from tongke.i18n import Text, say
from tongke.media.ingest import sha256_of
from tongke.resources.schemas import BulkRecord, invalid

MOST_BYTES = 1024 * 1024
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not taken, and why."""

    line: int
    reason: Text


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file a record names, with the digest of what stands there now."""

    path: Path
    sha256: str


@dataclass(slots=True)
class Line:
    """A record that holds, by the number of its line; ``digest`` changes with the record and its files."""

    number: int
    record: BulkRecord
    files: list[SourceFile] = field(default_factory=list)
    digest: str = ""


def read_lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, by number; one that is too long comes cut, to be refused."""
    number = 0
    while raw := stream.readline(MOST_BYTES + 2):
        number += 1
        if len(raw) > MOST_BYTES and not raw.endswith(b"\n"):
            _skip_rest(stream)
        if number == 1:
            raw = raw.removeprefix(_BOM)
        if raw.strip():
            yield number, raw


def _skip_rest(stream: BinaryIO) -> None:
    while rest := stream.readline(MOST_BYTES):
        if rest.endswith(b"\n"):
            return


def parse(number: int, raw: bytes, folder: Path) -> Line:
    """Return the line's record and the files it names; raises ``Invalid`` with what is wrong."""
    if len(raw) > MOST_BYTES:
        raise Invalid(say("这一行太长。"))
    try:
        record = BulkRecord.model_validate_json(raw)
    except ValidationError as error:
        raise invalid(error) from None
    line = Line(number, record, [_source(folder, name) for name in record.files])
    line.digest = _digest(line)
    return line


def _source(folder: Path, name: str) -> SourceFile:
    """A file under the folder of the bulk file; raises ``Invalid`` for every other place."""
    home = folder.resolve()
    try:
        path = (home / name).resolve(strict=True)
        is_inside = path.is_relative_to(home) and path.is_file() and not Path(name).is_absolute()
    except (OSError, ValueError, RuntimeError):  # missing, NUL in the name, a circle of links
        is_inside = False
    if not is_inside:
        wrong = say("文件“{name}”不在导入文件所在的文件夹里。", name=name)
        raise Invalid(wrong, fields={"files": wrong})
    return SourceFile(path, sha256_of(path))


def _digest(line: Line) -> str:
    """Of what the record says and its files hold; defaults that were spelt out make no difference."""
    said = line.record.model_dump_json(exclude_defaults=True)
    return hashlib.sha256("\n".join([said, *(f.sha256 for f in line.files)]).encode()).hexdigest()
