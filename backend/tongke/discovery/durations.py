"""How long a resource takes, in the steps people choose from; their labels are stored in the index and in addresses."""

from __future__ import annotations

_MINUTE = 60.0
STEPS: tuple[tuple[str, float], ...] = (
    ("5 分钟以内", 5 * _MINUTE),
    ("5–15 分钟", 15 * _MINUTE),
    ("15–30 分钟", 30 * _MINUTE),
    ("30–60 分钟", 60 * _MINUTE),
    ("60 分钟以上", float("inf")),
)
"""Label and upper bound, which belongs to the step."""

LABELS = tuple(label for label, _ in STEPS)


def label_of(seconds: float | None) -> str:
    """The step that ``seconds`` falls into; empty when nobody knows how long it takes."""
    if seconds is None or seconds <= 0:
        return ""
    return next(label for label, upper in STEPS if seconds <= upper)
