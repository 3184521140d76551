"""The living style guide: every piece in every state, for those who write pages."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tongke.accounts.models import Role
from tongke.errors import NotFound
from tongke.http.deps import CurrentActor
from tongke_web.rendering import page
from tongke_web.style_guide import samples

router = APIRouter()


@router.get("/style-guide", name="style_guide")
def style_guide(request: Request, actor: CurrentActor, direction: str = "ltr") -> Response:
    """Every piece, for the platform's administrators; nobody else learns that it is there."""
    if not actor.is_a(Role.PLATFORM_ADMIN):
        raise NotFound
    return page(
        request,
        "style_guide/style_guide.html",
        direction="rtl" if direction == "rtl" else "ltr",
        cards=samples.CARDS,
        twigs=samples.TWIGS,
        facets=samples.FACETS,
        chips=samples.CHIPS,
        address=lambda n: f"/style-guide?page={n}",
        errors=samples.ERRORS,
        playable=samples.PLAYABLE,
        cues=samples.CUES,
        line=samples.LINE,
        poem=samples.POEM,
        icons=request.app.state.pages.icons,
    )
