"""The embedded index's fields, and how a ``Document`` fills them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import tantivy

from tongke.search import pinyin, text
from tongke.search.base import Document

SCHEMA_VERSION = "2"
"""Part of an index's name: after a change here, older indexes are not opened but rebuilt."""

MAX_TEXT = 20_000
MAX_SOUNDED = 400
MAX_STORED_TEXT = 2_000
STORED = ("title", "description", "text")
COUNTED = {
    name: name
    for name in ("subject", "stage", "grade", "edition", "volume", "type", "language", "licence", "school_kind")
} | {"duration": "duration", "region": "county"}
"""Facet → the field its counts come from."""
FILTERED = {name: name for name in COUNTED} | {"region": "regions", "framework_item": "framework_items"}
"""Filter → the field its values are looked up in; a region is found by any prefix of its code."""
_KEYWORDS = ("regions", "framework_items", "audiences")
_SPACED = ("in_title", "in_about", "in_text", "title_characters", "characters", "sounds", "initials")


@lru_cache(maxsize=1)
def _english() -> Any:
    builder = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.simple())
    return builder.filter(tantivy.Filter.stemmer("english")).build()


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """``word`` without its English ending: fractions and fraction are one term."""
    return " ".join(_english().analyze(word)) if word.isascii() else word


def terms(normalised: str) -> list[str]:
    """The index terms of a text: pairs, longer words of paired scripts, words of the others."""
    found: list[str] = []
    for run in text.runs(normalised):
        if run.is_paired:
            found += text.pairs(run.text)
            found += [word for word in text.words(run.text) if len(word) > 2]  # noqa: PLR2004 (two: a pair already)
        else:
            found += [stem(word) for word in (run.text, *text.pieces(run.text))]
    return found


def build() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in STORED:
        builder.add_bytes_field(f"stored_{name}", stored=True)
    builder.add_unsigned_field("county", fast=True)  # of thousands of values, numbers are counted ten times faster
    for field in sorted({*COUNTED.values()} - {"county"}):
        builder.add_text_field(field, fast=True, tokenizer_name="raw", index_option="basic")
    for field in (*_KEYWORDS, "completions"):
        builder.add_text_field(field, tokenizer_name="raw", index_option="basic")
    for field in _SPACED:
        builder.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    builder.add_unsigned_field("newest", fast=True)
    builder.add_unsigned_field("best_rated", fast=True)
    return builder.build()


SCHEMA = build()


def fields_of(document: Document) -> tantivy.Document:
    """``document`` as the index takes it."""
    values = _exact(document) | _worded(document) | _ranked(document)
    values |= {"id": str(document.id)}
    values["stored_title"] = document.title.encode()
    values["stored_description"] = document.description[:MAX_STORED_TEXT].encode()
    values["stored_text"] = document.text[:MAX_STORED_TEXT].encode()
    return tantivy.Document.from_dict(values, SCHEMA)


def pieces(letters: str, length: int) -> list[str]:
    """The pieces of that length by which a string of initial letters is found."""
    return [letters[i : i + length] for i in range(len(letters) - length + 1)]


def _exact(document: Document) -> dict[str, Any]:
    values: dict[str, Any] = {
        field: str(getattr(document, facet))
        for facet, field in COUNTED.items()
        if facet != "region" and getattr(document, facet) not in ("", None)
    }
    if document.county.isdecimal():
        values["county"] = int(document.county)
    for field in _KEYWORDS:
        values[field] = list(getattr(document, field))
    return values


def _worded(document: Document) -> dict[str, Any]:
    title = text.normalise(document.title)
    rest = (document.unit, document.curriculum, *document.keywords, document.description)
    about = text.normalise("\n".join((*rest, document.author, document.school)))
    inside = text.normalise(document.text[:MAX_TEXT])
    said, around = pinyin.syllables(title), pinyin.syllables(text.normalise("\n".join(rest))[:MAX_SOUNDED])
    first, letters = "".join(syllable[0] for syllable in said), "".join(syllable[0] for syllable in around)
    return {
        "in_title": " ".join(terms(title)),
        "in_about": " ".join(terms(about)),
        "in_text": " ".join(terms(inside)),
        "title_characters": " ".join(text.characters(title)),
        "characters": " ".join(text.characters(f"{title}\n{about}\n{inside}")),
        "sounds": " ".join((*said, *pinyin.pairs(said), *pinyin.pairs(around))),  # one syllable: of titles only
        "initials": " ".join((*pieces(first, 2), *pieces(first, 3), *pieces(letters, 3))),
        "completions": [title, "".join(said), first] if said else [title],
    }


def _ranked(document: Document) -> dict[str, int]:
    seconds = max(0, int(document.published_at * 1000))
    return {"newest": seconds, "best_rated": (max(0, round(document.rating * 1000)) << 44) + seconds}
