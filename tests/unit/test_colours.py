"""Every text colour can be read on every ground it stands on, in both themes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOKENS = (Path(__file__).parents[2] / "frontend/src/css/tokens.css").read_text(encoding="utf-8")
GROUNDS = ("paper", "card", "sunken")
TEXTS = ("ink", "ink-2", "seal", "seal-deep", "jade", "wheat", "sky", "plum", "slate")
TINTED = [(f"{name}", f"{name}-tint") for name in ("jade", "wheat", "sky", "plum", "slate")] + [
    ("seal-deep", "seal-tint"),
    ("on-seal", "seal"),
    ("on-seal", "seal-deep"),
    *[("ink", f"{name}-tint") for name in ("seal", "jade", "wheat", "sky", "plum", "slate")],
    ("ink", "mark"),
]


def colours(selector: str) -> dict[str, str]:
    block = TOKENS[TOKENS.index(selector) :]
    return dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", block[: block.index("}")]))


THEMES = {
    "light": colours(":root {"),
    "dark": colours(':root[data-theme="dark"] {'),
    "system-dark": colours(':root:not([data-theme="light"]) {'),
}


def luminance(colour: str) -> float:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), [(t, g) for t in TEXTS for g in GROUNDS] + TINTED)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    palette = THEMES[theme]

    assert contrast(palette[text], palette[ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("ground", GROUNDS[:2])
def test_outline_of_controls_can_be_seen(theme: str, ground: str) -> None:
    palette = THEMES[theme]

    assert contrast(palette["outline"], palette[ground]) >= 3


def test_system_dark_is_the_same_dark() -> None:
    assert THEMES["dark"] == THEMES["system-dark"]
