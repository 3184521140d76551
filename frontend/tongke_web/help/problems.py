"""What the codes of problem details mean: where ``type`` in an error answer of a machine door leads."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tongke.errors import TongkeError
from tongke_web.rendering import page

router = APIRouter()


@router.get("/docs/problems", name="help:problems")
def problems(request: Request) -> Response:
    """Every code with its status and title; a problem's ``type`` names its line."""
    return page(request, "help/problems.html", kinds=_kinds())


def _kinds() -> list[type[TongkeError]]:
    """One kind of error for each code, by status."""
    found, waiting = {TongkeError.code: TongkeError}, [TongkeError]
    while waiting:
        children = waiting.pop().__subclasses__()
        found |= {child.code: child for child in children if child.code not in found}
        waiting += children
    return sorted(found.values(), key=lambda kind: (kind.status, kind.code))
