"""Schools for programs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from tongke.accounts import queries
from tongke.api.v1.schemas import SchoolList, SchoolOut
from tongke.http.deps import Db
from tongke.http.one_thread import OneThreadRoute

router = APIRouter(prefix="/schools", tags=["schools"], route_class=OneThreadRoute)


@router.get("", name="api:schools")
def list_schools(
    session: Db,
    q: Annotated[str, Query(max_length=100, description="Part of a name, or a code.")] = "",
    region: Annotated[str, Query(pattern=r"^\d{0,9}$", description="A region code or its beginning.")] = "",
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    page_size: Annotated[int, Query(ge=1, le=100)] = 20,
) -> SchoolList:
    """The schools of the platform, by name; open to anybody."""
    found, total = queries.schools(
        session, text=q.replace("\0", ""), region=region, limit=page_size, offset=(page - 1) * page_size
    )
    items = [
        SchoolOut(id=s.id, code=s.code, name=s.name, kind=s.kind, locality=s.locality, region=s.region_code)
        for s in found
    ]
    return SchoolList(items=items, total=total, page=page, page_size=page_size)
