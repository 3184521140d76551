"""Sentences a person reads: written in Chinese where they arise, translated where they are shown."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import Any

LOCALES = ("zh-CN", "en")
SOURCE_LOCALE = "zh-CN"
_CATALOGUES = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class Text:
    """A sentence not yet translated: the Chinese source with ``{name}`` places, and what fills them."""

    source: str
    values: dict[str, Any] = field(default_factory=dict)

    def in_locale(self, locale: str) -> str:
        values = {k: v.in_locale(locale) if isinstance(v, Text) else v for k, v in self.values.items()}
        sentence = catalogue(locale).gettext(self.source)
        return sentence.format(**values) if values else sentence

    def __str__(self) -> str:
        return self.in_locale(SOURCE_LOCALE)


def say(source: str, **values: Any) -> Text:
    """Mark ``source`` for extraction; it is translated for whoever reads it (``Text.in_locale``)."""
    return Text(source, values)


def joined(texts: Iterable[Text], by: str = " ") -> Text:
    """Several sentences as one, each translated by itself."""
    values = {f"text{n}": text for n, text in enumerate(texts)}
    return Text(by.join(f"{{{name}}}" for name in values), values)


@lru_cache
def catalogue(locale: str) -> NullTranslations:
    """Translations for ``locale``; Chinese is the source and needs none."""
    path = _path_of(locale)
    if locale == SOURCE_LOCALE or not path.exists():
        return NullTranslations()
    with path.open("rb") as stream:
        return GNUTranslations(stream)


def fingerprint(locale: str) -> str:
    """Another one for other translations: for what is kept with sentences in it."""
    path = _path_of(locale)
    return hashlib.sha256(path.read_bytes() if path.exists() else b"").hexdigest()


def _path_of(locale: str) -> Path:
    return _CATALOGUES / locale.replace("-", "_") / "LC_MESSAGES" / "tongke.mo"


def choose_locale(*wishes: str | None) -> str:
    """The first of ``wishes`` we speak; each is a locale or an Accept-Language header."""
    for wish in wishes:
        for part in (wish or "").split(","):
            language = part.split(";")[0].strip().lower()
            for locale in LOCALES:
                if language and language.split("-")[0] == locale.split("-")[0].lower():
                    return locale
    return SOURCE_LOCALE
