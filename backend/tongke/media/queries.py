"""Reads about renditions; what they belong to is checked by whoever asks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from tongke.errors import NotFound
from tongke.media.models import Asset, Rendition, RenditionState

UNFINISHED = (RenditionState.QUEUED, RenditionState.RUNNING)


def renditions_of(session: Session, sha256s: Iterable[str]) -> dict[str, dict[str, Rendition]]:
    """For each digest its renditions by kind, in one query; a digest without any has an empty dict."""
    found: dict[str, dict[str, Rendition]] = defaultdict(dict)
    wanted = sorted(set(sha256s))
    if wanted:
        for rendition in session.execute(select(Rendition).where(col(Rendition.sha256).in_(wanted))).scalars():
            found[rendition.sha256][rendition.kind] = rendition
    return found


def rendition(session: Session, rendition_id: UUID) -> Rendition:
    """One rendition; raises ``NotFound``."""
    found = session.get(Rendition, rendition_id)
    if found is None:
        raise NotFound
    return found


def assets_of(session: Session, asset_ids: Sequence[UUID]) -> list[Asset]:
    """The assets that exist, in the order named."""
    found = {a.id: a for a in session.execute(select(Asset).where(col(Asset.id).in_(asset_ids))).scalars()}
    return [found[i] for i in asset_ids if i in found]
