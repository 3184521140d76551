"""``tongke doctor``: what is wrong with this installation, in sentences."""

from __future__ import annotations

from typing import Annotated

import typer

from tongke.main.console import locale, settings, tell, tell_json

_MARKS = {"ok": "✓", "warning": "!", "failed": "✗"}


def doctor(
    only: Annotated[list[str], typer.Option(help="Look at this part only; repeat for several.")] = [],  # noqa: B006
    as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Look at every part and say what is wrong; exit status 1 when something essential is broken."""
    # Slow imports: the engines and the schema's history are wanted by this command only.
    from tongke.main.doctor.examination import CHECKS, examine
    from tongke.main.doctor.finding import Level

    if unknown := [name for name in only if name not in CHECKS]:
        raise typer.BadParameter(f"{', '.join(unknown)}; known: {', '.join(CHECKS)}", param_hint="--only")
    findings = []
    for finding in examine(settings(), only):
        findings.append(finding)
        if not as_json:
            tell(f"{_MARKS[finding.level]} {finding.sentence.in_locale(locale())}")
    is_well = all(finding.level is not Level.FAILED for finding in findings)
    if as_json:
        rows = [{"check": f.check, "level": f.level, "sentence": f.sentence.in_locale(locale())} for f in findings]
        tell_json({"ok": is_well, "findings": rows})
    if not is_well:
        raise typer.Exit(1)
