"""Cards and facet boxes as text: a search page draws twenty of one and ninety of the other.

As macros they cost more than the search itself (see docs/decisions/0075); everything a person wrote is escaped here.
"""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

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
        self._of_five = f'<span class="visually-hidden">{escape(_OUT_OF_FIVE.in_locale(locale))}</span>'

    def card(self, card: Card, level: int = 3, extra: str = "") -> Markup:
        """What stands in ``<ul class="cards">``; ``extra`` is markup for its foot."""
        foot = f'<div class="extra">{extra}</div>' if extra else ""
        return Markup(  # noqa: S704 - every value is escaped where it is put in
            f'<li class="card">{self._cover(card)}<div class="body">{self._kind(card)}{self._title(card, level)}'
            f"{self._words(card)}{self._costs(card)}{foot}</div></li>"
        )

    def _icon(self, name: str, classes: str = "icon") -> str:
        return f'<svg class="{classes}" aria-hidden="true"><use href="{self._icons}#{escape(name)}"></use></svg>'

    def _cover(self, card: Card) -> str:
        glyph, tone = covers.cover_of(card.subject)
        image = length = ""
        if card.poster_url:
            image = (
                f'<img src="{escape(card.poster_url)}" alt="" loading="lazy" decoding="async" width="320" height="180">'
            )
        if card.duration_s and card.type in _FILMS:
            length = f'<span class="length">{formats.clock(card.duration_s)}</span>'
        return (
            f'<span class="cover tone-{tone}" aria-hidden="true"><span class="cell" lang="zh-CN">{escape(glyph)}</span>'
            f"{self._icon(self._type_icon(card.type))}{image}{length}</span>"
        )

    def _kind(self, card: Card) -> str:
        subject = f'<span dir="auto"{self._chinese}>{escape(card.subject)}</span>' if card.subject else ""
        state = self._state_tag(card.state) if card.state else ""
        ai = self._ai if card.ai_generated else ""
        return f'<p class="kind"><span>{escape(self._type(card.type))}</span>{subject}{ai}{state}</p>'

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
        path = excerpt = school = ""
        if card.path:
            path = f'<p class="path"{self._chinese}><bdi>{escape(" › ".join(card.path))}</bdi></p>'
        if card.excerpt:
            excerpt = f'<p class="excerpt"><bdi>{formats.highlighted(card.excerpt)}</bdi></p>'
        if card.school:
            school = f'<p class="from">{self._place_tag(card.place)}<bdi{self._chinese}>{escape(card.school)}</bdi></p>'
        return path + excerpt + school

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

    def _counted(self, sentence: str, number: int) -> str:
        """A sentence with a number, singular or plural; templates say the same ones, which is where they are found."""
        return escape(self._catalogue.ngettext(sentence, sentence, number) % {"num": number})

    def facet_boxes(self, facets: Iterable[Facet]) -> Markup:
        """What stands inside the search form; every box works without scripts."""
        shown = "".join(self._facet(facet) for facet in facets if facet.values)
        return Markup(f'<div class="facets">{shown}</div>')  # noqa: S704 - escaped below

    def _facet(self, facet: Facet) -> str:
        name = escape(facet.name)
        boxes = "".join(
            f'<li><label><input type="checkbox" name="{name}" value="{escape(value.value)}"'
            f'{" checked" if value.is_on else ""}><span dir="auto">{self._said(value.words)}</span>'
            f"<b>{value.count:,}</b></label></li>"
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

    def _said(self, said: Text | str) -> str:
        return escape(said.in_locale(self._locale) if isinstance(said, Text) else said)
