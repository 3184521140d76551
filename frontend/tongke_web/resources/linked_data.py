"""A resource as schema.org/LRMI linked data, for search engines and harvesters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tongke.config import Settings
from tongke.resources.licences import licence_of
from tongke.resources.models import Relation
from tongke.resources.views import ResourceView
from tongke.resources.vocabulary import grade_label
from tongke_web.resources.media_view import MediaView

_ALIGNMENTS = {Relation.TEACHES: "teaches", Relation.ASSESSES: "assesses", Relation.REQUIRES: "requires"}


def linked_data(settings: Settings, view: ResourceView, media: Sequence[MediaView]) -> dict[str, Any]:
    """JSON-LD of a ``LearningResource`` (schema.org 28, LRMI); what is not known is left out."""
    revision, resource = view.revision, view.resource
    licence = licence_of(revision.licence)
    document = {
        "@context": "https://schema.org",
        "@type": "LearningResource",
        "@id": f"{settings.base_url}/resources/{resource.id}",
        "url": f"{settings.base_url}/resources/{resource.id}",
        "name": revision.title,
        "description": revision.description,
        "learningResourceType": revision.type,
        "inLanguage": revision.language,
        "keywords": revision.keywords,
        "license": licence.url or revision.licence,
        "author": {"@type": "Person", "name": revision.author_name} if revision.author_name else None,
        "publisher": {"@type": "School", "name": revision.school_name} if revision.school_name else None,
        "educationalLevel": [part for part in (revision.stage, _grade(revision.grade)) if part],
        "audience": [{"@type": "EducationalAudience", "educationalRole": a} for a in revision.audience],
        "timeRequired": _duration(revision.time_required_s),
        "accessibilityFeature": revision.accessibility,
        "isBasedOn": f"{settings.base_url}/resources/{view.origin.id}" if view.origin else None,
        "datePublished": resource.published_at.isoformat() if resource.published_at else None,
        "dateModified": revision.saved_at.isoformat(),
        "version": str(revision.number),
        "educationalAlignment": [_alignment(a) for a in view.alignments],
        "encoding": [_encoding(m) for m in media],
        "aggregateRating": _rating(view),
    }
    return {name: value for name, value in document.items() if value not in (None, "", [])}


def _grade(grade: int | None) -> str:
    return str(grade_label(grade)) if grade else ""


def _duration(seconds: float | None) -> str | None:
    return f"PT{round(seconds)}S" if seconds else None


def _alignment(aligned: Any) -> dict[str, str]:
    return {
        "@type": "AlignmentObject",
        "alignmentType": _ALIGNMENTS[aligned.alignment.relation],
        "educationalFramework": aligned.framework.title,
        "targetName": aligned.item.full_statement,
        "targetUrl": aligned.item.identifier,
    }


def _encoding(view: MediaView) -> dict[str, Any]:
    found = {
        "@type": "MediaObject",
        "name": view.name,
        "contentSize": str(view.size_bytes),
        "duration": _duration(view.duration_s),
    }
    return {name: value for name, value in found.items() if value is not None}


def _rating(view: ResourceView) -> dict[str, Any] | None:
    if view.rating is None:
        return None
    return {
        "@type": "AggregateRating",
        "ratingValue": view.rating,
        "ratingCount": view.resource.rating_count,
        "bestRating": 5,
    }
