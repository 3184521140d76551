"""What is written to people about their accounts, and the job that answers a forgotten password."""

from __future__ import annotations

from urllib.parse import quote

from sqlalchemy import update
from sqlmodel import Session, col, select

from tongke.accounts import codes
from tongke.accounts.codes import LONG, Slip
from tongke.accounts.models import CodePurpose, User
from tongke.config import Settings
from tongke.i18n import SOURCE_LOCALE, say
from tongke.jobs.models import Job
from tongke.jobs.service import enqueue
from tongke.jobs.worker import Handler, Running
from tongke.mail import outbox
from tongke.mail.base import Letter, Mailer, is_address

FORGOTTEN = "accounts.forgotten"


def invite_by_mail(session: Session, user: User, slip: Slip, settings: Settings) -> bool:
    """Post the invitation where the person has an address and letters can be sent; whether it was posted."""
    if not settings.mail_url or not is_address(user.email):
        return False
    outbox.post(session, _invitation(user, slip, settings))
    return True


def ask_for_reset(session: Session, typed: str) -> None:
    """Note that somebody forgot the password of ``typed``.

    The same for everybody: whether there is such a person is looked up by the job, so neither the answer nor its time
    tells.
    """
    address = typed.strip().lower()[:255]
    enqueue(session, FORGOTTEN, {"address": address}, dedupe_key=f"{FORGOTTEN}:{address}", max_attempts=outbox.ATTEMPTS)


def handlers(mailer: Mailer | None, settings: Settings) -> dict[str, Handler]:
    """What the worker does when somebody forgot a password; the address typed is forgotten afterwards."""

    def answer(running: Running) -> None:
        if mailer is not None and (letter := _reset_letter(running, settings)):
            mailer.send(letter)
        with running.finishing() as session:
            session.execute(update(Job).where(col(Job.id) == running.claim.job_id).values(payload={}))

    return {FORGOTTEN: Handler(answer, quick=True)}


def _reset_letter(running: Running, settings: Settings) -> Letter | None:
    address = running.payload["address"]
    with running.holding() as session:
        user = session.exec(select(User).where(User.email == address, col(User.suspended_at).is_(None))).first()
        if user is None or not is_address(user.email):
            return None
        slip = codes.issue(session, user, CodePurpose.MAIL_RESET, key=settings.signing_key, made_by=None, groups=LONG)
    return _reset(user, slip, settings)


def _link(slip: Slip, settings: Settings) -> str:
    return f"{settings.base_url}/join?code={quote(slip.code)}"


def _invitation(user: User, slip: Slip, settings: Settings) -> Letter:
    locale = user.locale or SOURCE_LOCALE
    text = say(
        "{name}老师，您好：\n\n学校为您在同课开通了账号。"
        "请打开下面的地址，设置自己的密码（{days} 天内有效，只能用一次）：\n\n"
        "{link}\n\n登录名：{sign_in_name}\n\n如果您不知道这是什么，不必理会这封邮件。\n",
        name=user.name,
        days=codes.LASTS[CodePurpose.INVITATION].days,
        link=_link(slip, settings),
        sign_in_name=user.email,
    )
    return Letter(user.email, say("您的同课账号").in_locale(locale), text.in_locale(locale))


def _reset(user: User, slip: Slip, settings: Settings) -> Letter:
    locale = user.locale or SOURCE_LOCALE
    text = say(
        "{name}老师，您好：\n\n有人（应该是您）说忘了同课的密码。"
        "请在 30 分钟内打开下面的地址，设置新密码（只能用一次）：\n\n"
        "{link}\n\n如果不是您，不必理会这封邮件，现在的密码照常可用。\n",
        name=user.name,
        link=_link(slip, settings),
    )
    return Letter(user.email, say("设置新的同课密码").in_locale(locale), text.in_locale(locale))
