"""The documents agree with the code, lead somewhere, and decisions say what a decision has to say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docs import generate

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "deploy").glob("*.md")])
DECISIONS = sorted((ROOT / "docs/decisions").glob("*.md"))
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)")


def test_generated_texts_are_current() -> None:
    stale = [path.name for path, text in generate.outputs().items() if path.read_text(encoding="utf-8") != text]

    assert stale == [], "run: make docs"


def test_every_generated_table_stands_in_a_document_and_is_filled() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "docs").glob("*.md"))
    placed = {found[2] for found in generate.PART.finditer(text)}

    assert placed == set(generate.PARTS)
    assert {name for name, part in generate.PARTS.items() if part().count("\n") < 5} == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_to_files(path: Path) -> None:
    broken = [link for link in LINK.findall(path.read_text(encoding="utf-8")) if not (path.parent / link).exists()]

    assert broken == []


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_make_targets_that_documents_name_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = set(re.findall(r"`make ([a-z-]+)", path.read_text(encoding="utf-8")))

    assert named - targets == set()


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_commands_that_documents_name_exist(path: Path) -> None:
    known = {name.removeprefix("tongke ") for name, _ in generate.commands()}
    groups = {name.split()[0] for name in known}
    text = path.read_text(encoding="utf-8")
    named = set(re.findall(r"(?:`|bin/|-1 |^|exec \S+ )tongke ([a-z][a-z-]*(?: [a-z][a-z-]*)?)", text, re.MULTILINE))

    assert {n for n in named if n not in known and n.split()[0] not in known and n not in groups} == set()


@pytest.mark.parametrize("path", DECISIONS, ids=lambda p: p.name)
def test_decision_says_why_what_and_what_holds_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")

    assert re.match(rf"# {path.name[:4]} \S", text)
    parts = ("Context", "Decision", "Consequences", "Rejected", "Check|Enforced by")
    assert [part for part in parts if not re.search(rf"^\*\*({part})", text, re.MULTILINE)] == []


def test_decisions_have_numbers_of_their_own() -> None:
    numbers = [path.name[:4] for path in DECISIONS]

    assert len(numbers) == len(set(numbers))
