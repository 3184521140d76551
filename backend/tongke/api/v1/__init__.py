"""The JSON API, version 1 (docs/api.md)."""

from __future__ import annotations

from fastapi import APIRouter

from tongke.api.v1 import curriculum, resources, schools, uploads

API_DESCRIPTION = """\
Machine doors of Tongke 同课. Reading what is public needs no token; everything else takes
`Authorization: Bearer …` (`tongke token create`). Errors are problem details (RFC 9457).
Files are sent by tus 1.0 at `/api/v1/uploads`.
"""


def routers() -> list[APIRouter]:
    """Every router of the API under its prefix, in the order of the documentation."""
    api = APIRouter(prefix="/api/v1")
    for part in (resources, uploads, curriculum, schools):
        api.include_router(part.router)
    return [api]
