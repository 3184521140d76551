"""QR codes drawn into the page: black on white for every theme and for paper."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def qr_svg(address: str) -> Markup:
    """The picture as markup of ours: only the drawing's own numbers stand in it."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", scale=3, border=2, light="#ffffff", dark="#000000", xmldecl=False, svgclass=None,
        lineclass=None,
    )  # fmt: skip
    return Markup(drawn.getvalue().decode())  # noqa: S704 made by segno from modules, not from text
