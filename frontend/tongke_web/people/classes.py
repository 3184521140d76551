"""Classes of pupils: opening one, printing cards, new cards, exporting and erasing."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from tongke.accounts import erasure, pupils, schools
from tongke.accounts.actor import Actor
from tongke.accounts.models import PupilClass, School
from tongke.accounts.pupils import PICTURES, Card
from tongke.db import reading, transaction
from tongke.errors import TongkeError
from tongke.http.deps import CurrentPlatform, Db, SignedIn
from tongke.http.platform import Platform
from tongke.i18n import say
from tongke_web.people.admin import TOLD_IN_FORM, Field
from tongke_web.people.own import exported
from tongke_web.people.qr import qr_svg
from tongke_web.rendering import page, see_other

router = APIRouter(prefix="/admin")


@router.get("/schools/{school_id}/classes", name="admin:classes")
def class_list(request: Request, db: Db, actor: SignedIn, school_id: UUID) -> Response:
    """The classes of a school, and a form to open one."""
    return _list_page(request, db, actor, schools.school_in_reach(db, actor, school_id))


def _list_page(
    request: Request, db: Db, actor: Actor, school: School, *, error: TongkeError | None = None, name: str = ""
) -> Response:
    return page(
        request,
        "people/classes.html",
        fragment="form" if error else None,
        status=error.status if error else 200,
        school=school,
        classes=pupils.classes(db, actor, school),
        error=error,
        name=name,
    )


@router.post("/schools/{school_id}/classes", name="admin:open_class")
def open_class(
    request: Request,
    platform: CurrentPlatform,
    actor: SignedIn,
    school_id: UUID,
    size: Annotated[int, Form()] = 0,
    name: Field = "",
) -> Response:
    """Make a class and show its cards, this once; passwords are hashed before the database is asked to write."""
    with reading(platform.engine) as db:
        school = schools.school_in_reach(db, actor, school_id)
        try:
            prepared = pupils.prepare(range(1, min(size, 1000) + 1))
        except TOLD_IN_FORM as error:
            return _list_page(request, db, actor, school, error=error, name=name)
    with transaction(platform.engine) as db:
        try:
            made, cards = pupils.open_class(
                db, actor, school, name=name, prepared=prepared, key=platform.settings.signing_key
            )
        except TOLD_IN_FORM as error:
            return _list_page(request, db, actor, school, error=error, name=name)
    return _cards_page(request, platform, made, cards)


def _cards_page(request: Request, platform: Platform, of: PupilClass, cards: list[Card]) -> Response:
    base = platform.settings.base_url
    return page(
        request,
        "people/cards.html",
        of=of,
        cards=[(card, qr_svg(f"{base}/class/card?c={card.card_code}")) for card in cards],
        pictures=PICTURES,
        address=f"{base}/class",
    )


@router.get("/classes/{class_id}", name="admin:class")
def class_page(request: Request, db: Db, actor: SignedIn, class_id: UUID) -> Response:
    """The numbers of a class, with what can be done for each."""
    of = pupils.class_in_reach(db, actor, class_id)
    return page(request, "people/class.html", of=of, pupils=pupils.pupils_of(db, class_id))


@router.post("/classes/{class_id}/cards", name="admin:new_cards")
def new_cards(
    request: Request, platform: CurrentPlatform, actor: SignedIn, class_id: UUID, numbers: Annotated[list[int], Form()]
) -> Response:
    """New cards for some numbers: lost ones, new pupils."""
    prepared = pupils.prepare(numbers)
    with transaction(platform.engine) as db:
        of = pupils.class_in_reach(db, actor, class_id)
        cards = pupils.new_cards(db, actor, of, prepared=prepared, key=platform.settings.signing_key)
    return _cards_page(request, platform, of, cards)


@router.post("/classes/{class_id}/closing", name="admin:close_class")
def close_class(request: Request, db: Db, actor: SignedIn, class_id: UUID) -> Response:
    of = pupils.class_in_reach(db, actor, class_id)
    pupils.close_class(db, actor, of)
    return see_other(request, "admin:class", class_id=class_id, done=say("这个班已经关闭。"))


@router.get("/classes/{class_id}/pupils/{user_id}/data.json", name="admin:pupil_data")
def pupil_data(db: Db, actor: SignedIn, class_id: UUID, user_id: UUID) -> Response:
    """Everything kept about one pupil."""
    of = pupils.class_in_reach(db, actor, class_id)
    return exported(erasure.export(db, pupils.pupil(db, of, user_id)))


@router.post("/classes/{class_id}/pupils/{user_id}/erasure", name="admin:erase_pupil")
def erase_pupil(request: Request, db: Db, actor: SignedIn, class_id: UUID, user_id: UUID) -> Response:
    of = pupils.class_in_reach(db, actor, class_id)
    erasure.erase(db, actor, pupils.pupil(db, of, user_id))
    return see_other(request, "admin:class", class_id=class_id, done=say("已删除，不能恢复。"))
