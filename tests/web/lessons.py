"""Published lessons and who reads them, for the tests of the reader's pages."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from tongke.db import transaction
from tongke.resources import service
from tongke.resources.models import LearningResource
from tongke.resources.schemas import draft_fields
from tongke_indexer import sync

HTMX = {"HX-Request": "true", "HX-Request-Type": "partial"}
ENGLISH = {"Accept-Language": "en"}
_CHINESE = re.compile("[\u3400-\u9fff]+")
_OWN_LANGUAGE = re.compile(r'<(\w+)\b[^>]*\blang="(?!en)[^"]*"[^>]*>.*?</\1>', re.DOTALL)


@dataclass
class Shelf:
    """Puts lessons out and keeps the index with them."""

    platform: object
    publish: Callable[..., LearningResource]
    people: object
    hidden: dict[str, LearningResource] = field(default_factory=dict)

    def put(self, title: str, **fields: object) -> LearningResource:
        made = self.publish(title, **fields)
        self.index()
        return made

    def index(self) -> None:
        sync.drain(self.platform.engine, self.platform.search)

    def hide_some(self) -> None:
        """One lesson in each state and visibility that strangers may not see, all about 浮力."""
        for visibility in ("region", "school", "private"):
            self.hidden[visibility] = self.put(f"浮力之{visibility}", visibility=visibility, subject="物理")
        for name, act in (("withdrawn", service.withdraw), ("taken_down", service.take_down)):
            self.hidden[name] = self.put(f"浮力之{name}", subject="物理")
            actor = self.people.author if name == "withdrawn" else self.people.office
            with transaction(self.platform.engine) as session:
                resource = session.get(LearningResource, self.hidden[name].id)
                act(session, actor, resource, reason="有错")
        with transaction(self.platform.engine) as session:
            fields = draft_fields({"title": "浮力之draft", "subject": "物理"})
            self.hidden["draft"] = service.create_draft(session, self.people.author, fields).resource


@pytest.fixture
def shelf(platform, people, publish) -> Shelf:
    return Shelf(platform, publish, people)


def stray_chinese(html: str) -> list[str]:
    """Chinese in an English page outside what says its own language."""
    body = re.sub(r"<head>.*?</head>", "", html, flags=re.DOTALL)
    before = None
    while before != body:
        before, body = body, _OWN_LANGUAGE.sub("", body)
    return _CHINESE.findall(re.sub(r"<[^>]+>", " ", body))
