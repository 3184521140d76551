"""Cards, facet boxes and the pager as text: a search page draws twenty cards and seventy boxes.

As macros they cost more than the search itself (see docs/decisions/0075); everything a person wrote is escaped here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from functools import lru_cache

from markupsafe import Markup

from tongke.i18n import Text, catalogue, say
from tongke_web import covers, formats, words
from tongke_web.shared.card import Card
from tongke_web.shared.facets import Facet

_AI_GENERATED = say("AI 生成")
_OUT_OF_FIVE = say("满分 5 分")
_PATH_LANGUAGE = "zh-CN"
_FILMS = ("lesson-video", "classroom-recording", "audio")
"""What lasts as long as it plays; the minutes of all others are the lesson's, and are said below."""
_KEPT = 4096
_FAR = 2
"""Pages named on either side of this one."""
_SPECIAL = re.compile("[&<>\"']")


def escape(text: str) -> str:
    """``text`` as HTML shows it; most of what is drawn holds nothing special."""
    return html.escape(text) if _SPECIAL.search(text) else text


class Pen:
    """Draws in one language; ``icons`` is the address of the sprite."""

    def __init__(self, locale: str, icons: str) -> None:
        self._locale = locale
        self._icons = escape(icons)
        self._catalogue = catalogue(locale)
        said = words.filters(locale)
        self._type, self._place, self._place_class = said["type_word"], said["place_word"], said["place_class"]
        self._type_icon, self._state, self._state_look = said["type_icon"], said["state_word"], said["state_look"]
        self._chinese = "" if locale == _PATH_LANGUAGE else f' lang="{_PATH_LANGUAGE}"'
        self._ai = f'<span class="tag">{escape(_AI_GENERATED.in_locale(locale))}</span>'
        # What many cards and boxes share is drawn once; keys are the words themselves.
        self._lid, self._kind = lru_cache(_KEPT)(self._draw_lid), lru_cache(_KEPT)(self._draw_kind)
        self._path, self._from = lru_cache(_KEPT)(self._draw_path), lru_cache(_KEPT)(self._draw_from)
        self._counted, self._box = lru_cache(_KEPT)(self._draw_counted), lru_cache(_KEPT)(self._draw_box)
        self._of_five = f'<span class="visually-hidden">{escape(_OUT_OF_FIVE.in_locale(locale))}</span>'

    def card(self, card: Card, level: int = 3, extra: str = "") -> Markup:
        """What stands in ``<ul class="cards">``; ``extra`` is markup for its foot."""
        foot = f'<div class="extra">{extra}</div>' if extra else ""
        return Markup(  # noqa: S704 - every value is escaped where it is put in
            f'<li class="card">{self._cover(card)}<div class="body">{self._about(card)}{self._title(card, level)}'
            f"{self._words(card)}{self._costs(card)}{foot}</div></li>"
        )

    def _icon(self, name: str, classes: str = "icon") -> str:
        return f'<svg class="{classes}" aria-hidden="true"><use href="{self._icons}#{escape(name)}"></use></svg>'

    def _cover(self, card: Card) -> str:
        image = length = ""
        if card.poster_url:
            image = (
                f'<img src="{escape(card.poster_url)}" alt="" loading="lazy" decoding="async" width="320" height="180">'
            )
        if card.duration_s and card.type in _FILMS:
            length = f'<span class="length">{formats.clock(card.duration_s)}</span>'
        return f"{self._lid(card.subject, card.type)}{image}{length}</span>"

    def _draw_lid(self, subject: str, kind: str) -> str:
        glyph, tone = covers.cover_of(subject)
        return (
            f'<span class="cover tone-{tone}" aria-hidden="true"><span class="cell" lang="zh-CN">{escape(glyph)}</span>'
            f"{self._icon(self._type_icon(kind))}"
        )

    def _about(self, card: Card) -> str:
        state = self._state_tag(card.state) if card.state else ""
        ai = self._ai if card.ai_generated else ""
        return f'<p class="kind">{self._kind(card.type, card.subject)}{ai}{state}</p>'

    def _draw_kind(self, kind: str, subject: str) -> str:
        named = f'<span dir="auto"{self._chinese}>{escape(subject)}</span>' if subject else ""
        return f"<span>{escape(self._type(kind))}</span>{named}"

    def _state_tag(self, state: str) -> str:
        look, icon = self._state_look(state)
        return f'<span class="state {look}">{self._icon(icon)}{escape(self._state(state))}</span>'

    def _title(self, card: Card, level: int) -> str:
        foreign = card.language and card.language != self._locale
        language = f' lang="{escape(card.language)}"' if foreign else ""
        return (
            f'<h{level} class="title"><a href="{escape(card.url)}" dir="auto"{language}>'
            f"{formats.highlighted(card.title)}</a></h{level}>"
        )

    def _words(self, card: Card) -> str:
        path = self._path(card.path) if card.path else ""
        excerpt = f'<p class="excerpt"><bdi>{formats.highlighted(card.excerpt)}</bdi></p>' if card.excerpt else ""
        school = self._from(card.place, card.school) if card.school else ""
        return path + excerpt + school

    def _draw_path(self, path: tuple[str, ...]) -> str:
        return f'<p class="path"{self._chinese}><bdi>{escape(" › ".join(path))}</bdi></p>'

    def _draw_from(self, place: str, school: str) -> str:
        return f'<p class="from">{self._place_tag(place)}<bdi{self._chinese}>{escape(school)}</bdi></p>'

    def _place_tag(self, place: str) -> str:
        if not place:
            return ""
        return f'<span class="place {self._place_class(place)}">{escape(self._place(place))}</span>'

    def _costs(self, card: Card) -> str:
        said = []
        if card.duration_s:
            said.append(f"<span>{formats.minutes(card.duration_s, self._locale)}</span>")
        if card.size_bytes:
            said.append(f'<span class="nowrap">{formats.filesize(card.size_bytes)}</span>')
        if card.rating_count:
            said.append(f"<span>{self._stars(card.rating, card.rating_count)}</span>")
        if card.use_count:
            used = self._counted("用过 %(num)s 次", card.use_count)
            said.append(f'<span class="nowrap">{used}</span>')
        return f'<p class="costs">{"".join(said)}</p>' if said else ""

    def _stars(self, rating: float, count: int) -> str:
        people = self._counted("%(num)s 人评价", count)
        star = self._icon("star", "icon is-full")
        return f'<span class="stars">{star}<b>{rating:.1f}</b></span>{self._of_five} <span>{people}</span>'

    def _draw_counted(self, sentence: str, number: int) -> str:
        """A sentence with a number, singular or plural; templates say the same ones, which is where they are found."""
        return escape(self._catalogue.ngettext(sentence, sentence, number) % {"num": number})

    def facet_boxes(self, facets: Iterable[Facet]) -> Markup:
        """What stands inside the search form; every box works without scripts."""
        shown = "".join(self._facet(facet) for facet in facets if facet.values)
        return Markup(f'<div class="facets">{shown}</div>')  # noqa: S704 - escaped below

    def _facet(self, facet: Facet) -> str:
        boxes = "".join(
            f"{self._box(facet.name, value.value, self._words_of(value.words), value.is_on)}<b>{value.count:,}</b>"
            "</label></li>"
            for value in facet.values
        )
        more = ""
        if facet.more:
            address = escape(facet.more_url)
            more = (
                f'<a class="more" href="{address}" hx-get="{address}" hx-target="#results" hx-swap="outerHTML">'
                f"{self._said(say('更多（{n}）', n=facet.more))}</a>"
            )
        return (
            f"<details{' open' if facet.is_open else ''}><summary>{self._said(facet.words)}"
            f"{self._icon('chevron-down')}</summary><ul>{boxes}</ul>{more}</details>"
        )

    def _draw_box(self, name: str, value: str, said: str, is_on: bool) -> str:
        """A box up to its number."""
        return (
            f'<li><label><input type="checkbox" name="{escape(name)}" value="{escape(value)}"'
            f'{" checked" if is_on else ""}><span dir="auto">{escape(said)}</span>'
        )

    def pager(self, page: int, pages: int, address: Callable[[int], str], target: str) -> Markup:
        """The links to other pages of a list; nothing when there is one."""
        if pages <= 1:
            return Markup()

        def link(n: int, label: Text, shown: str, more: str = "", rel: str = "") -> str:
            there = escape(address(n))
            return (
                f'<a{more} href="{there}" aria-label="{self._said(label)}"{rel} hx-get="{there}"'
                f' hx-target="{escape(target)}" hx-swap="outerHTML show:top" hx-push-url="true">{shown}</a>'
            )

        def numbered(n: int) -> str:
            label = say("第 {n} 页", n=n)
            if n == page:
                return f'<span aria-current="page" aria-label="{self._said(label)}">{n}</span>'
            return link(n, label, str(n), ' class="far"' if abs(n - page) == _FAR else "")

        near = range(max(1, page - _FAR), min(pages, page + _FAR) + 1)
        gap = '<span aria-hidden="true">…</span>'
        parts = [
            link(page - 1, say("上一页"), self._icon("chevron-left", "icon turns"), rel=' rel="prev"')
            if page > 1
            else "",
            link(1, say("第 {n} 页", n=1), "1") if near[0] > 1 else "",
            gap if near[0] > 2 else "",  # noqa: PLR2004 - more than the first is left out
            *map(numbered, near),
            gap if near[-1] < pages - 1 else "",
            link(pages, say("第 {n} 页", n=pages), str(pages)) if near[-1] < pages else "",
            link(page + 1, say("下一页"), self._icon("chevron-right", "icon turns"), rel=' rel="next"')
            if page < pages
            else "",
        ]
        # Every part is escaped above.
        return Markup(f'<nav class="pager" aria-label="{self._said(say("翻页"))}">{"".join(parts)}</nav>')  # noqa: S704

    def _words_of(self, said: Text | str) -> str:
        return said.in_locale(self._locale) if isinstance(said, Text) else said

    def _said(self, said: Text | str) -> str:
        return escape(self._words_of(said))
