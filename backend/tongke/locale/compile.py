"""Merge ``en/*.po`` into one ``tongke.mo``: ``python -m tongke.locale.compile``."""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

HERE = Path(__file__).parent


class Contradiction(ValueError):
    """Two files translate one sentence differently, or with other places to fill."""


def merged(locale: str) -> Catalog:
    """Every translation into ``locale``; raises ``Contradiction``."""
    whole = Catalog(locale=locale, fuzzy=False)
    for path in sorted((HERE / locale).glob("*.po")):
        with path.open("rb") as stream:
            part = read_po(stream, locale=locale)
        for message in part:
            if not message.id or message.fuzzy:
                continue
            known = whole.get(message.id)
            if known is not None and known.string != message.string:
                raise Contradiction(f"{path.name}: {message.id!r} is already translated as {known.string!r}")
            whole.add(message.id, message.string)
    return whole


def compile_locale(locale: str) -> Path:
    """Write the catalogue ``tongke.i18n`` reads."""
    whole, target = merged(locale), HERE / locale / "LC_MESSAGES" / "tongke.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as stream:
        write_mo(stream, whole)
    return target


if __name__ == "__main__":
    for folder in sorted({path.parent for path in HERE.glob("*/*.po")}):
        sys.stdout.write(f"{compile_locale(folder.name)}\n")
