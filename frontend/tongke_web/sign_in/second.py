"""The second step: a code of the person's program or from paper, or setting the program up where a role needs it."""

from __future__ import annotations

from typing import Annotated, Any

import segno
from fastapi import APIRouter, Form, Request
from markupsafe import Markup
from starlette.responses import Response

from tongke.accounts import steps, tries
from tongke.accounts.models import User
from tongke.accounts.sign_in_models import FailedSignIn, StepKind
from tongke.accounts.steps import Step
from tongke.accounts.tries import Guesser
from tongke.db import transaction
from tongke.errors import Invalid, TooManyRequests
from tongke.http.deps import CurrentPlatform
from tongke.http.platform import Platform
from tongke_web.rendering import page
from tongke_web.sign_in.cookies import browser_of, keep_session
from tongke_web.sign_in.opening import open_session, opening_of, session_token
from tongke_web.sign_in.views import address_of

router = APIRouter()
Field = Annotated[str, Form()]


@router.get("/sign-in/second", name="sign_in:second")
def second(request: Request, platform: CurrentPlatform, step: str = "") -> Response:
    """Ask for the code; ``Invalid`` when the step is over or belongs to another browser."""
    return _second_page(request, platform, step)


def _second_page(request: Request, platform: Platform, token: str, error: Any = None, status: int = 200) -> Response:
    from tongke.accounts import authenticators  # slow import: ciphers

    settings = platform.settings
    enrolment: dict[str, Any] = {"qr": "", "secret": ""}
    with transaction(platform.engine) as session:
        step = steps.look(session, StepKind.SECOND, browser_of(request, settings), token)
        user = session.get(User, step.user_id)
        assert user is not None
        needs_enrolment = step.body["need"] == authenticators.Need.ENROLMENT
        if needs_enrolment:
            secret = authenticators.pending_secret(session, settings.signing_key, user)
            enrolment = drawn(secret, authenticators.address_of(secret, user, settings.base_url))
    name = "sign_in/enrol.html" if needs_enrolment else "sign_in/second.html"
    return page(request, name, status=status, step=token, error=error, **enrolment)


def drawn(secret: str, address: str) -> dict[str, Any]:
    """The QR code as a drawing in the page, and the secret in groups for whoever types it."""
    drawing = segno.make(address, error="m", micro=False).svg_inline(scale=5, border=2, omitsize=True)
    groups = " ".join(secret[n : n + 4] for n in range(0, len(secret), 4))
    return {"qr": Markup(drawing), "secret": groups}  # noqa: S704 - segno's drawing holds squares only


@router.post("/sign-in/second", name="sign_in:second_post")
def second_post(request: Request, platform: CurrentPlatform, step: Field = "", code: Field = "") -> Response:
    """Take the code; wrong ones come back as the form and are slowed down like wrong passwords."""
    try:
        who, failed_id = _count(request, platform, step)
        return _take(request, platform, step, code, who, failed_id)
    except TooManyRequests as error:
        response = _second_page(request, platform, step, error, 429)
        response.headers["Retry-After"] = str(error.retry_after_s)
        return response
    except Invalid as error:
        return _second_page(request, platform, step, error, 422)


def _count(request: Request, platform: Platform, token: str) -> tuple[Guesser, Any]:
    settings, address = platform.settings, address_of(request)
    with transaction(platform.engine) as session:
        begun = steps.look(session, StepKind.SECOND, browser_of(request, settings), token)
        who = tries.guesser(settings.signing_key, name=f"second step of {begun.user_id}", address=address)
        tries.count_try(session, who)
        assert begun.user_id is not None
        agent = request.headers.get("user-agent", "")[:200]
        failed = FailedSignIn(user_id=begun.user_id, address=address, user_agent=agent)
        session.add(failed)
        return who, failed.id


def _take(request: Request, platform: Platform, token: str, code: str, who: Guesser, failed_id: Any) -> Response:
    from tongke.accounts import authenticators  # slow import: ciphers

    settings = platform.settings
    with transaction(platform.engine) as session:
        step: Step = steps.end(session, StepKind.SECOND, browser_of(request, settings), token)
        user = session.get(User, step.user_id)
        if user is None or user.suspended_at or user.erased_at:
            raise authenticators.wrong_code()
        codes: list[str] = []
        if step.body["need"] == authenticators.Need.ENROLMENT:
            codes = authenticators.confirm(session, settings.signing_key, user.id, code)
        else:
            authenticators.check(session, settings.signing_key, user.id, code)
        tries.forgive(session, who)
        session.delete(session.get_one(FailedSignIn, failed_id))
        opening = opening_of(step.body["opening"])
        if not codes:
            return open_session(request, session, settings, user, opening)
        response = page(request, "sign_in/recovery_codes.html", codes=codes, next=opening.next_path)
        keep_session(response, settings, session_token(request, session, settings, user, opening))
        return response
