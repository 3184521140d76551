"""What this is, and how to use it; in both languages, printable."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from tongke import __version__
from tongke.resources.licences import LICENCES
from tongke_web.rendering import page

router = APIRouter()


@router.get("/about", name="about")
def about(request: Request) -> Response:
    return page(request, "help/about.html", version=__version__)


@router.get("/help", name="help")
def help_page(request: Request) -> Response:
    """A teacher's guide on one page."""
    return page(request, "help/help.html", licences=list(LICENCES.values()))
