"""What ships as demo content: whole, small, varied and tied to the shipped curriculum."""

from __future__ import annotations

import hashlib
import itertools
import json
import subprocess
import zipfile
from collections import Counter
from io import BytesIO
from pathlib import Path

import pytest
import webvtt
from pydantic import ValidationError

from tongke.accounts.models import Role
from tongke.curriculum.shipped import framework_files, read_framework
from tongke.demo.manifest import CONTENT, Manifest, read_manifest
from tongke.media.sniff import sniff
from tongke.resources.models import ResourceType, Visibility
from tongke.resources.vocabulary import LANGUAGES
from tongke.review.checklist import AXES

MOST_BYTES = 36 * 1024 * 1024
MANIFEST = read_manifest()
PATHS = sorted({path for told in MANIFEST.resources for file in told.all_files() for path in file.paths()})
FILMS = sorted(path for path in PATHS if path.endswith(".mp4"))
CAPTIONS = sorted(path for path in PATHS if path.endswith(".vtt"))


def test_manifest_names_every_file_and_no_other() -> None:
    assert sorted(p.name for p in CONTENT.iterdir() if p.name != "manifest.json") == PATHS


def test_content_holds_no_file_twice() -> None:
    digests = Counter(hashlib.sha256((CONTENT / path).read_bytes()).hexdigest() for path in PATHS)

    assert [d for d, count in digests.items() if count > 1] == []


def test_no_file_serves_two_resources() -> None:
    used = Counter(p for told in MANIFEST.resources for p in {p for f in told.all_files() for p in f.paths()})

    assert [path for path, count in used.items() if count > 1] == []


def test_content_is_small_enough_to_ship() -> None:
    assert sum((CONTENT / path).stat().st_size for path in PATHS) <= MOST_BYTES


@pytest.mark.parametrize("path", PATHS)
def test_file_is_of_a_type_we_accept(path: str) -> None:
    name = next((f.name for told in MANIFEST.resources for f in told.all_files() if f.path == path), path)

    assert sniff(CONTENT / path, name).kind


def test_every_framework_code_leads_to_the_title_beside_it() -> None:
    titles: dict[tuple[str, str], str] = {}
    for path in framework_files().values():
        document = json.loads(path.read_bytes())
        items = list(document["items"])
        while items:
            item = items.pop()
            titles[document["framework"], item["code"]] = item["title"]
            items.extend(item.get("items", []))
        assert read_framework(path.read_bytes()).items

    wrong = [t for told in MANIFEST.resources for t in told.alignments if titles.get((t.framework, t.code)) != t.title]

    assert wrong == []


def test_sixty_resources_of_twenty_people_in_twelve_schools() -> None:
    assert (len(MANIFEST.resources), len(MANIFEST.people), len(MANIFEST.schools)) == (60, 20, 12)
    assert {p.role for p in MANIFEST.people} == set(Role)


def test_resources_show_every_state_type_and_visibility() -> None:
    states = {told.state for told in MANIFEST.resources}

    assert states == {
        "draft", "submitted", "in_review", "changes_requested", "declined", "published", "withdrawn", "taken_down",
    }  # fmt: skip
    assert {told.fields["type"] for told in MANIFEST.resources} == set(ResourceType)
    assert {told.fields["visibility"] for told in MANIFEST.resources} == set(Visibility)
    assert any([s.do for s in told.steps].count("publish") > 1 for told in MANIFEST.resources), "nothing superseded"


def test_languages_are_ones_readers_can_choose() -> None:
    languages = Counter(told.fields["language"] for told in MANIFEST.resources)

    assert set(languages) == {"zh-CN", "en", "bo", "ug"}
    assert set(languages) <= set(LANGUAGES)


def test_checklists_name_only_axes_of_the_review() -> None:
    named = {axis for told in MANIFEST.resources for step in told.steps for axis in step.checklist}

    assert named == set(AXES)


def test_nobody_reviews_or_rates_their_own_work() -> None:
    authors = {told.key: told.author for told in MANIFEST.resources}
    decided = ("claim", "publish", "request_changes", "decline", "take_down")

    assert [t.key for t in MANIFEST.resources for s in t.steps if s.do in decided and s.by in (None, t.author)] == []
    assert [r for r in MANIFEST.ratings if authors[r.resource] == r.by] == []


def test_titles_and_descriptions_are_all_different() -> None:
    titles = Counter(told.fields["title"] for told in MANIFEST.resources)
    descriptions = Counter(told.fields["description"] for told in MANIFEST.resources)

    assert max(titles.values()) == max(descriptions.values()) == 1


def test_a_village_teacher_builds_on_a_town_lesson_that_builds_on_a_city_one() -> None:
    told = {t.key: t for t in MANIFEST.resources}
    village = told["plan-division-village"]

    assert village.based_on == "plan-division-town"
    assert told["plan-division-town"].based_on == "plan-division-city"


@pytest.mark.media
@pytest.mark.parametrize("path", FILMS)
def test_film_runs_a_minute_or_more_and_its_captions_fit(path: str, ffmpeg: str) -> None:
    duration = _duration_s(CONTENT / path, ffmpeg)
    captions = [c for c in CAPTIONS if c.startswith(f"{Path(path).stem}.")]

    assert duration >= 60
    assert captions
    for name in captions:
        cues = list(webvtt.from_buffer(BytesIO((CONTENT / name).read_bytes())))
        assert len(cues) >= 8
        assert cues[-1].end_in_seconds <= duration
        assert all(a.end_in_seconds <= b.start_in_seconds for a, b in itertools.pairwise(cues))


def _duration_s(path: Path, ffmpeg: str) -> float:
    probe = ffmpeg.replace("ffmpeg", "ffprobe")
    command = [probe, "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    return float(subprocess.run(command, capture_output=True, check=True, text=True).stdout)


def test_twelve_films_are_all_different_lessons() -> None:
    assert len(FILMS) == 12


@pytest.mark.parametrize("path", [p for p in PATHS if p.endswith((".docx", ".pptx", ".xlsx", ".zip"))])
def test_packages_open_and_hold_something(path: str) -> None:
    with zipfile.ZipFile(CONTENT / path) as archive:
        assert archive.testzip() is None
        assert len(archive.namelist()) > 1


@pytest.mark.parametrize(
    ("where", "value"),
    [(("resources", 0, "author"), "nobody"), (("resources", 0, "based_on"), "plan-seed"), (("ratings", 0, "by"), "x")],
)
def test_manifest_that_names_somebody_unknown_is_refused(where: tuple[str, int, str], value: str) -> None:
    document = json.loads((CONTENT / "manifest.json").read_bytes())
    part, number, name = where
    document[part][number][name] = value

    with pytest.raises(ValidationError, match=value):
        Manifest.model_validate(document)
