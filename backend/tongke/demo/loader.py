"""Loads the demo county through the doors everybody uses; twice, or after a kill, it only adds what is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Engine
from sqlmodel import Session, select

from tongke.collections import service as collections
from tongke.collections.models import Collection
from tongke.config import Settings
from tongke.db import reading, transaction
from tongke.demo import people
from tongke.demo.manifest import DemoCollection, DemoResource, Manifest, Report, Stars, read_manifest
from tongke.demo.stories import Stage, known, tell_story
from tongke.resources import queries, service
from tongke.resources.models import Favourite, LearningResource, ProblemReport, Rating, Standing
from tongke.storage.base import BlobStore


@dataclass(frozen=True, slots=True)
class Loaded:
    """What this run added; all zero when the demo was there."""

    people_and_schools: int
    resources: int
    collections: int


def load_demo(
    engine: Engine,
    store: BlobStore,
    *,
    settings: Settings,
    watch: Callable[[int, int], None] = lambda _done, _all: None,
) -> Loaded:
    """Bring in what of the demo is missing; ``watch`` hears how many of how many resources are done.

    The database holds the shipped regions and frameworks already. Renditions are left to the worker.
    """
    manifest = read_manifest()
    settled = people.settle(engine, manifest)
    stage = Stage(engine, store, settings, people.cast(engine, manifest))
    by_key = {told.key: told for told in manifest.resources}
    added = 0
    for number, told in enumerate(manifest.resources, 1):
        added += tell_story(stage, told, by_key[told.based_on] if told.based_on else None)
        watch(number, len(manifest.resources))
    with transaction(engine) as session:
        _appreciate(session, stage, manifest, by_key)
        gathered = sum(_gather(session, stage, told, by_key) for told in manifest.collections)
    return Loaded(settled, added, gathered)


def is_loaded(engine: Engine) -> bool:
    """Whether every resource of the demo is there."""
    manifest = read_manifest()
    cast = people.cast(engine, manifest)
    with reading(engine) as session:
        return len(cast) == len(manifest.people) and all(known(session, cast, told) for told in manifest.resources)


def _appreciate(session: Session, stage: Stage, manifest: Manifest, by_key: dict[str, DemoResource]) -> None:
    """Ratings, favourites and reports that are not there yet."""
    for stars in manifest.ratings:
        _rate(session, stage, stars, _resource(session, stage, by_key[stars.resource]))
    for kept in manifest.favourites:
        actor, resource = stage.people[kept.by], _resource(session, stage, by_key[kept.resource])
        if session.get(Favourite, (actor.user_id, resource.id)) is None:
            service.keep_favourite(session, actor, resource)
    for report in manifest.reports:
        _report(session, stage, report, _resource(session, stage, by_key[report.resource]))


def _resource(session: Session, stage: Stage, told: DemoResource) -> LearningResource:
    resource = known(session, stage.people, told)
    assert resource is not None, told.key
    return resource


def _is_readable(resource: LearningResource) -> bool:
    """A visitor may have withdrawn it since."""
    return resource.standing == Standing.ACTIVE and resource.published_revision_id is not None


def _rate(session: Session, stage: Stage, stars: Stars, resource: LearningResource) -> None:
    actor = stage.people[stars.by]
    mine = select(Rating.id).where(Rating.resource_id == resource.id, Rating.user_id == actor.user_id)
    if _is_readable(resource) and session.exec(mine).first() is None:
        service.rate(session, actor, resource, stars=stars.stars, comment=stars.comment)


def _report(session: Session, stage: Stage, report: Report, resource: LearningResource) -> None:
    actor = stage.people[report.by]
    mine = select(ProblemReport.id).where(
        ProblemReport.resource_id == resource.id, ProblemReport.reporter_id == actor.user_id
    )
    if not _is_readable(resource) or session.exec(mine).first():
        return
    made = service.report_problem(session, actor, resource, kind=report.kind, words=report.words)
    if report.closed_by:
        session.flush()  # the report is closed by its id
        service.close_report(session, stage.people[report.closed_by], made, outcome=report.outcome)


def _gather(session: Session, stage: Stage, told: DemoCollection, by_key: dict[str, DemoResource]) -> bool:
    actor = stage.people[told.owner]
    mine = select(Collection.id).where(Collection.owner_id == actor.user_id, Collection.title == told.title)
    if session.exec(mine).first():
        return False
    collection = collections.create(session, actor, title=told.title, description=told.description)
    session.flush()  # what is in it refers to it
    for place in told.items:
        resource = _resource(session, stage, by_key[place.resource])
        if _is_readable(resource):
            seen = queries.seen(session, actor, resource.id)
            collections.add(session, actor, collection, seen, note=place.note)
            session.flush()  # the next one goes behind this one
    if told.is_public:
        collections.open_to_all(session, actor, collection, is_public=True)
    return True
