"""Pupils by class card: a number in a class, four pictures to remember, a card with a code. Nothing else is known."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlmodel import Session, col, func, select

from tongke.accounts import codes, passwords, policy
from tongke.accounts.actor import Actor
from tongke.accounts.models import PupilCard, PupilClass, Role, School, SchoolMembership, User
from tongke.accounts.service import end_all_sessions
from tongke.audit.service import record
from tongke.db import new_id, now, today
from tongke.errors import Conflict, Invalid, NotFound, require
from tongke.i18n import say

PICTURES: dict[str, str] = {
    "苹果": "🍎", "香蕉": "🍌", "西瓜": "🍉", "萝卜": "🥕", "小猫": "🐱", "小狗": "🐶", "兔子": "🐰", "小鸟": "🐦",
    "金鱼": "🐟", "太阳": "🌞", "月亮": "🌙", "星星": "⭐", "汽车": "🚗", "飞机": "✈️", "雨伞": "☂️", "足球": "⚽",
}  # fmt: skip
CHOSEN = 4
"""65,536 ways, and whoever guesses waits (tries.py)."""
LARGEST_CLASS = 80
_CODE_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Secret:
    """A card before it is printed: hashed outside the transaction, since that takes long."""

    number: int
    pictures: tuple[str, ...]
    password_hash: str
    card_code: str


@dataclass(frozen=True, slots=True)
class Card:
    """What is printed, this once."""

    class_name: str
    number: int
    sign_in_name: str
    pictures: tuple[str, ...]
    card_code: str


def prepare(numbers: Sequence[int]) -> list[Secret]:
    """Make up pictures and codes for ``numbers``; raises ``Invalid`` for too many or impossible ones."""
    if not numbers or len(set(numbers)) != len(numbers) or min(numbers) < 1 or max(numbers) > LARGEST_CLASS:
        message = say("一个班 1 到 {n} 人。", n=LARGEST_CLASS)
        raise Invalid(message, fields={"size": message})
    return [_secret(number) for number in numbers]


def _secret(number: int) -> Secret:
    pictures = tuple(secrets.choice(list(PICTURES)) for _ in range(CHOSEN))
    return Secret(number, pictures, passwords.hash_password(password_of(pictures)), codes.new_code(codes.LONG))


def password_of(pictures: Sequence[str]) -> str:
    """The pictures as the password that is typed on the ordinary page."""
    return "".join(pictures)


def open_class(
    session: Session, actor: Actor, school: School, *, name: str, prepared: Sequence[Secret], key: bytes
) -> tuple[PupilClass, list[Card]]:
    """Make a class with its pupils; the cards cannot be shown again."""
    require(policy.may_administer_school(actor, school), say("这所学校不归您管理。"))
    assert actor.user_id is not None
    if not name.strip() or len(name) > 40:  # noqa: PLR2004 a class's name on a card
        message = say("请填写班级名称，最多 40 个字。")
        raise Invalid(message, fields={"name": message})
    made = PupilClass(school_id=school.id, code=_class_code(), name=name.strip(), made_by=actor.user_id)
    session.add(made)
    session.flush()  # the pupils refer to the class
    record(session, actor, "class.open", "class", made.id, school=school.code, pupils=len(prepared))
    return made, [_add_pupil(session, made, secret, key) for secret in prepared]


def _class_code() -> str:
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(5))


def _add_pupil(session: Session, of: PupilClass, secret: Secret, key: bytes) -> Card:
    pupil = User(
        id=new_id(),
        email=f"{of.code}-{secret.number:02}",
        name=f"{of.name} {secret.number}",
        role=Role.PUPIL,
        password_hash=secret.password_hash,
    )
    session.add(pupil)
    session.flush()  # membership and card refer to the pupil
    session.add(SchoolMembership(user_id=pupil.id, school_id=of.school_id, since=today()))
    digest = codes.digest_of(secret.card_code, key)
    session.add(PupilCard(user_id=pupil.id, class_id=of.id, number=secret.number, card_digest=digest))
    return Card(of.name, secret.number, pupil.email, secret.pictures, secret.card_code)


def new_cards(session: Session, actor: Actor, of: PupilClass, *, prepared: Sequence[Secret], key: bytes) -> list[Card]:
    """Give pupils new pictures and cards, adding who is new; old cards stop working and open sign-ins end."""
    _require_class(session, actor, of)
    present = {card.number: (card, user) for card, user in pupils_of(session, of.id)}
    return [
        _renew(session, of, *present[secret.number], secret, key)
        if secret.number in present
        else _add_pupil(session, of, secret, key)
        for secret in prepared
    ]


def _renew(session: Session, of: PupilClass, card: PupilCard, user: User, secret: Secret, key: bytes) -> Card:
    user.password_hash = secret.password_hash
    card.card_digest = codes.digest_of(secret.card_code, key)
    session.add_all((user, card))
    end_all_sessions(session, user.id)
    return Card(of.name, secret.number, user.email, secret.pictures, secret.card_code)


def close_class(session: Session, actor: Actor, of: PupilClass) -> None:
    """Let nobody of the class sign in any more; erasing them is a step of its own."""
    _require_class(session, actor, of)
    of.closed_at = now()
    session.add(of)
    for _card, user in pupils_of(session, of.id):
        user.suspended_at = now()
        session.add(user)
    record(session, actor, "class.close", "class", of.id)


def holder_of_card(session: Session, card_code: str, *, key: bytes) -> User:
    """Whose card this is; raises ``Invalid``."""
    found = session.exec(
        select(User)
        .join(PupilCard, col(PupilCard.user_id) == col(User.id))
        .where(PupilCard.card_digest == codes.digest_of(card_code, key), col(User.suspended_at).is_(None))
    ).first()
    if found is None:
        raise Invalid(say("这张卡不能用了。请老师发一张新的。"))
    return found


def classes(session: Session, actor: Actor, school: School) -> list[tuple[PupilClass, int]]:
    """The classes of a school with how many pupils each has."""
    require(policy.may_administer_school(actor, school), say("这所学校不归您管理。"))
    counted = (
        select(PupilClass, func.count(col(PupilCard.user_id)))
        .join(PupilCard, col(PupilCard.class_id) == col(PupilClass.id), isouter=True)
        .where(PupilClass.school_id == school.id)
        .group_by(col(PupilClass.id))
        .order_by(col(PupilClass.closed_at).is_not(None), PupilClass.name, col(PupilClass.created_at))
    )
    return [(one, count) for one, count in session.exec(counted)]


def class_in_reach(session: Session, actor: Actor, class_id: UUID) -> PupilClass:
    """A class of a school the actor administers; ``NotFound`` for any other."""
    found = session.get(PupilClass, class_id)
    school = session.get(School, found.school_id) if found else None
    if found is None or school is None or not policy.may_administer_school(actor, school):
        raise NotFound
    return found


def pupils_of(session: Session, class_id: UUID) -> list[tuple[PupilCard, User]]:
    """The pupils by number."""
    both = select(PupilCard, User).join(User, col(User.id) == col(PupilCard.user_id))
    return list(session.exec(both.where(PupilCard.class_id == class_id).order_by(col(PupilCard.number))))


def pupil(session: Session, of: PupilClass, user_id: UUID) -> User:
    card = session.get(PupilCard, user_id)
    user = session.get(User, user_id)
    if card is None or user is None or card.class_id != of.id:
        raise NotFound
    return user


def _require_class(session: Session, actor: Actor, of: PupilClass) -> None:
    class_in_reach(session, actor, of.id)
    if of.closed_at is not None:
        raise Conflict(say("这个班已经关闭。"))
