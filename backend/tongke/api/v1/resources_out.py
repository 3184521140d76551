"""A resource as programs read it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from tongke.api.v1.schemas import AlignmentOut, AssetOut, PendingOut, RenditionOut, ResourceLine, ResourceOut
from tongke.config import Settings
from tongke.discovery.listing import Listed
from tongke.media.addresses import content_address
from tongke.media.models import RenditionState
from tongke.resources.licences import licence_of
from tongke.resources.views import AlignmentView, FileView, ResourceView


@dataclass(frozen=True, slots=True)
class Addresses:
    """Absolute addresses of what programs are told about."""

    settings: Settings

    def resource(self, resource_id: UUID) -> str:
        return f"{self.settings.base_url}/resources/{resource_id}"

    def original(self, file: FileView) -> str:
        return content_address(self.settings, file.asset)

    def rendition(self, file: FileView, kind: str) -> str | None:
        made = file.renditions[kind]
        if made.state != RenditionState.READY or not made.entry:
            return None
        return content_address(self.settings, made, duration_s=file.asset.duration_s)


def resource_out(view: ResourceView, addresses: Addresses) -> ResourceOut:
    resource, revision, pending = view.resource, view.revision, view.seen.pending
    return ResourceOut(
        **revision.model_dump(include=set(_SAME)),
        id=resource.id,
        external_id=resource.external_id,
        short_code=resource.short_code,
        url=addresses.resource(resource.id),
        state=view.state,
        state_reason=resource.standing_reason if view.state == resource.standing else "",
        revision=revision.number,
        pending=PendingOut(number=pending.number, state=pending.state, title=pending.title) if pending else None,
        licence_url=licence_of(revision.licence).url,
        author=revision.author_name,
        school=revision.school_name,
        region=revision.region_code,
        alignments=[_alignment(a) for a in view.alignments],
        assets=[_asset(f, addresses) for f in view.files],
        renditions=[r for f in view.files for r in _renditions(f, addresses)],
        is_based_on=addresses.resource(view.origin.id) if view.origin else None,
        rating=view.rating,
        rating_count=resource.rating_count,
        use_count=resource.use_count,
        created_at=resource.created_at,
        updated_at=resource.updated_at,
        published_at=resource.published_at,
    )


def resource_line(row: Listed, addresses: Addresses) -> ResourceLine:
    return ResourceLine(
        **{name: getattr(row, name) for name in _SAME_OF_LINES},
        url=addresses.resource(row.id),
        author=row.author_name,
        school=row.school_name,
        region=row.region_code,
    )


_SAME_OF_LINES = frozenset(ResourceLine.model_fields) - {"url", "author", "school", "region"}
_SAME = frozenset(ResourceOut.model_fields) & {
    "title", "description", "type", "subject", "stage", "grade", "volume", "edition", "unit", "keywords", "language",
    "audience", "licence", "time_required_s", "conditions", "accessibility", "ai_generated", "visibility",
}  # fmt: skip


def _alignment(view: AlignmentView) -> AlignmentOut:
    return AlignmentOut(
        framework=view.framework.identifier,
        framework_item=view.item.id,
        code=view.item.human_coding_scheme,
        statement=view.item.full_statement,
        relation=view.alignment.relation,
        provenance=view.alignment.provenance,
    )


def _asset(file: FileView, addresses: Addresses) -> AssetOut:
    return AssetOut(
        **file.asset.model_dump(include={"id", "filename", "sha256", "received_sha256", "size_bytes", "media_type"}),
        role=file.file.role,
        language=file.file.language,
        title=file.file.title,
        url=addresses.original(file),
    )


def _renditions(file: FileView, addresses: Addresses) -> list[RenditionOut]:
    return [
        RenditionOut(
            asset=file.asset.id,
            kind=kind,
            state=made.state,
            progress=made.progress,
            size_bytes=made.size_bytes,
            url=addresses.rendition(file, kind),
        )
        for kind, made in sorted(file.renditions.items())
    ]
