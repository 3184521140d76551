"""Templates keep the house's rules: they compile, nothing inline, nothing unescaped, nothing untranslated."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest
from babel.messages.pofile import read_po
from fastapi import FastAPI
from jinja2 import StrictUndefined, nodes
from tests.architecture.sentences import ROOT, TEMPLATES, environment, in_python, in_templates

from tongke.locale.compile import HERE, merged
from tongke_web.rendering import Pages
from tongke_web.static_files import BuiltFiles

CJK = re.compile("[\u3400-\u9fff\uff00-\uffef\u3000-\u303f]")
INLINE = {
    "a script with text": re.compile(r"<script\b(?![^>]*(\bsrc=|application/ld\+json))", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a style attribute": re.compile(r"\sstyle\s*=", re.IGNORECASE),
    "an event attribute": re.compile(r"\son[a-z]+\s*=(?!=)", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b", re.IGNORECASE),
    "hx-vals with script": re.compile(r"\bhx-(vals|headers|confirm)\s*=\s*[\"'](js|javascript):", re.IGNORECASE),
    "a trigger filter, which htmx evaluates": re.compile(r"\bhx-trigger\s*=\s*\"[^\"]*\[", re.IGNORECASE),
    "a javascript: address": re.compile(r"[\"']\s*javascript:", re.IGNORECASE),
    "a data: address": re.compile(r"[\"'(]\s*data:", re.IGNORECASE),
}
SAFE_ALLOWED: frozenset[str] = frozenset()
"""Templates that may say ``|safe``, each with its reason; none does."""
CHINESE_ALLOWED = {
    "同课": "the name of the platform, beside its Latin form",
    "同": "a character of the name, drawn in its own square on the first page",
    "课": "the other one",
    "中文": "a language is named in itself",
    "切换到中文": "said to whoever reads Chinese, whatever the page's language",
}
templates = pytest.mark.parametrize("path", TEMPLATES, ids=lambda p: str(p.relative_to(ROOT / "frontend/tongke_web")))


def words_outside_translation(tree: nodes.Template) -> Iterable[str]:
    """Chinese in the text of a template, or in a string that no ``_`` takes."""
    translated = {
        id(node)
        for call in tree.find_all(nodes.Call)
        if isinstance(call.node, nodes.Name) and call.node.name in {"_", "gettext", "ngettext"}
        for node in call.find_all(nodes.Const)
    }
    for output in tree.find_all(nodes.TemplateData):
        yield from CJK.findall(_without_allowed(output.data))
    for constant in tree.find_all(nodes.Const):
        if isinstance(constant.value, str) and id(constant) not in translated and constant.value not in CHINESE_ALLOWED:
            yield from [constant.value] if CJK.search(constant.value) and constant.value not in PLACES else []


PLACES = {"村", "镇", "城"}
"""Stored labels (accounts.models.Locality), which the style guide names to show their tags."""


def _without_allowed(text: str) -> str:
    for words in CHINESE_ALLOWED:
        text = text.replace(words, "")
    return text


@pytest.fixture(scope="module")
def pages() -> Pages:
    """The real environments, strict about undefined names."""
    return Pages(FastAPI(), BuiltFiles())


@templates
def test_template_compiles(path, pages) -> None:
    template = pages.template(str(path.relative_to(ROOT / "frontend/tongke_web")), "zh-CN")

    assert template.environment.undefined is StrictUndefined


@templates
def test_template_holds_nothing_inline(path) -> None:
    text = path.read_text(encoding="utf-8")

    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []


@templates
def test_template_lets_nothing_unescaped_through(path) -> None:
    name = str(path.relative_to(ROOT / "frontend/tongke_web"))
    text = path.read_text(encoding="utf-8")

    is_unsafe = bool(re.search(r"\|\s*safe\b|autoescape\s+false", text))
    assert not is_unsafe or name in SAFE_ALLOWED


@templates
def test_template_says_nothing_untranslated(path) -> None:
    tree = environment().parse(path.read_text(encoding="utf-8"))

    assert list(words_outside_translation(tree)) == []


def test_every_sentence_has_its_english() -> None:
    catalogue = merged("en")
    said = [*in_templates(), *in_python()]

    missing = [f"{where}: {words}" for where, words in said if not _english(catalogue, words)]
    assert missing == []


def _english(catalogue, words: str | tuple[str, ...]) -> bool:
    known = catalogue.get(words if isinstance(words, str) else words[0])
    if known is None or not known.string:
        return False
    return all(known.string) if isinstance(known.string, tuple) else True


def test_no_translation_is_for_nothing() -> None:
    said = {words if isinstance(words, str) else words[0] for _where, words in [*in_templates(), *in_python()]}

    unused = [m.id for m in merged("en") if m.id and (m.id if isinstance(m.id, str) else m.id[0]) not in said]
    assert unused == []


@pytest.mark.parametrize("path", sorted(HERE.glob("*/*.po")), ids=lambda p: p.name)
def test_translation_fills_the_same_places(path) -> None:
    with path.open("rb") as stream:
        parts = list(read_po(stream))

    places = re.compile(r"%\([a-z_]+\)s|\{[a-z_]*\}|%%")
    wrong = [
        m.id for m in parts if m.id and isinstance(m.id, str) and _places(places, m.id) != _places(places, m.string)
    ]
    assert wrong == []


def _places(pattern: re.Pattern[str], text: str) -> list[str]:
    return sorted(set(pattern.findall(text)))


def test_percent_signs_in_templates_are_doubled() -> None:
    """Sentences of templates are %-formatted: a lone percent sign breaks the page that shows it."""
    lone = re.compile(r"(?<!%)(?:%%)*%(?![%(])")

    said = [(where, words if isinstance(words, str) else words[0]) for where, words in in_templates()]
    assert [where for where, words in said if lone.search(words)] == []


def test_lock_file_names_no_host() -> None:
    assert "://" not in (ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8")
