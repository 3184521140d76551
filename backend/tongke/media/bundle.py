"""Several stored files as one zip, made while it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlmodel import Session, col, select

from tongke.errors import NotFound
from tongke.media.filenames import clean_filename, unique_filenames
from tongke.media.models import Asset
from tongke.storage.base import BlobStore, blob_key

PIECE_BYTES = 256 * 1024
_MODE = 0o100644


@dataclass(frozen=True, slots=True)
class Entry:
    """A file to go into a zip."""

    name: str
    key: str
    size_bytes: int
    modified_at: datetime


def entries_of(session: Session, asset_ids: Sequence[UUID]) -> list[Entry]:
    """The assets as entries, in that order, their names made unique; raises ``NotFound`` when one is gone."""
    found = {a.id: a for a in session.exec(select(Asset).where(col(Asset.id).in_(asset_ids)))}
    if len(found) < len(set(asset_ids)):
        raise NotFound
    assets = [found[i] for i in asset_ids]
    names = unique_filenames([clean_filename(a.filename) for a in assets])
    return [Entry(name, blob_key(a.sha256), a.size_bytes, a.created_at) for name, a in zip(names, assets, strict=True)]


def zip_of(store: BlobStore, entries: Iterable[Entry]) -> Iterator[bytes]:
    """The zip, in pieces. Nothing is compressed: films and documents are already."""
    from stream_zip import ZIP_AUTO, stream_zip  # slow import: it brings ciphers along

    members = ((e.name, e.modified_at, _MODE, ZIP_AUTO(e.size_bytes, level=0), store.read(e.key)) for e in entries)
    return iter(stream_zip(members, chunk_size=PIECE_BYTES))
