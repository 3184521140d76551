"""Puts the pages on the application: static files, templates, and the router of every feature."""

from __future__ import annotations

from fastapi import APIRouter, Depends, FastAPI

from tongke.http.deps import current_actor
from tongke_web import rendering
from tongke_web.accounts import frameworks
from tongke_web.accounts import views as accounts_views
from tongke_web.browse import views as browse_views
from tongke_web.care import views as care_views
from tongke_web.collections import views as collections_views
from tongke_web.curriculum import views as curriculum_views
from tongke_web.editing import captions, parts, uploading
from tongke_web.editing import views as editing_views
from tongke_web.help import problems
from tongke_web.help import views as help_views
from tongke_web.home import views as home_views
from tongke_web.me import views as me_views
from tongke_web.people import admin, classes, joining, own, people, person, profile, pupil_sign_in, rosters, schools
from tongke_web.resources import actions, files, history, sharing, uses
from tongke_web.resources import views as resources_views
from tongke_web.review import views as review_views
from tongke_web.shared import views as shared_views
from tongke_web.sign_in import passkeys as sign_in_passkeys
from tongke_web.sign_in import providers as sign_in_providers
from tongke_web.sign_in import second as sign_in_second
from tongke_web.sign_in import views as sign_in_views
from tongke_web.sign_in import ways as sign_in_ways
from tongke_web.static_files import BuiltFiles
from tongke_web.style_guide import views as style_guide_views

ROUTERS: tuple[APIRouter, ...] = (
    browse_views.router,
    home_views.router,
    resources_views.router,
    actions.router,
    files.router,
    history.router,
    sharing.router,
    uses.router,
    uploading.router,
    editing_views.router,
    parts.router,
    captions.router,
    collections_views.router,
    curriculum_views.router,
    me_views.router,
    review_views.router,
    sign_in_views.router,
    sign_in_providers.router,
    sign_in_second.router,
    sign_in_passkeys.router,
    sign_in_ways.router,
    accounts_views.router,
    joining.router,
    admin.router,
    schools.router,
    people.router,
    person.router,
    rosters.router,
    classes.router,
    own.router,
    pupil_sign_in.router,
    profile.router,
    frameworks.router,
    care_views.router,
    help_views.router,
    problems.router,
    shared_views.router,
    style_guide_views.router,
)
"""One router for each feature folder; add yours here."""


def mount_search(app: FastAPI) -> None:
    """The search page under ``app``, by itself: ``mount_pages`` leaves it to this."""
    app.include_router(browse_views.router, dependencies=[Depends(current_actor)], include_in_schema=False)


def mount_pages(app: FastAPI) -> None:
    """Every page under ``app``; who asks is known to each, so that the head of the page can say it."""
    files = BuiltFiles()
    app.mount("/static", files, name="static")
    cache = app.state.platform.settings.data_dir / "cache" / "templates"
    app.state.pages = rendering.Pages(app, files, cache)
    for router in (each for each in ROUTERS if each is not browse_views.router):
        app.include_router(router, dependencies=[Depends(current_actor)], include_in_schema=False)
