"""The dashboard shows figures that exist."""

from __future__ import annotations

import json
import re
from pathlib import Path

DASHBOARD = json.loads((Path(__file__).parents[2] / "deploy/grafana/tongke.json").read_text(encoding="utf-8"))


def test_every_figure_on_the_dashboard_is_one_of_ours() -> None:
    from tongke.http.metrics import REGISTRY

    ours = {sample for metric in REGISTRY.collect() for sample in _names(metric.name, metric.type)}
    shown = {
        name for panel in DASHBOARD["panels"] for t in panel["targets"] for name in re.findall(r"tongke_\w+", t["expr"])
    }

    assert shown
    assert shown - ours == set()


def test_panels_do_not_lie_on_each_other() -> None:
    places = [(p["gridPos"]["x"], p["gridPos"]["y"]) for p in DASHBOARD["panels"]]

    assert len(places) == len(set(places))
    assert len({p["id"] for p in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])


def _names(name: str, kind: str) -> set[str]:
    match kind:
        case "counter":
            return {f"{name}_total"}
        case "histogram":
            return {f"{name}_{part}" for part in ("bucket", "count", "sum")}
        case _:
            return {name}
