"""What an administrator should do something about today, most pressing first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlmodel import Session

from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.care.figures import Figures, figures
from tongke.config import MEBIBYTE, Settings
from tongke.db import now
from tongke.errors import require
from tongke.i18n import Text, say
from tongke.resources.reports import open_reports
from tongke.review.queries import waiting_within
from tongke.storage.base import BlobStore

COMFORT_BYTES = 4096 * MEBIBYTE
LONGEST_WAIT = timedelta(days=3)
"""A teacher who waits longer for a reviewer's word loses heart."""
OLDEST_JOB = timedelta(minutes=10)
CERTIFICATE_WARNING = timedelta(days=21)
UNINDEXED = 1000


class Level(StrEnum):
    NOW = "now"  # something does not work, or will be lost
    SOON = "soon"


@dataclass(frozen=True, slots=True)
class Need:
    """One sentence on what to do, and the page to do it on (a route's name) where there is one."""

    kind: str
    level: Level
    sentence: Text
    page: str = ""


def needs(
    session: Session, actor: Actor, settings: Settings, store: BlobStore, certificate_ends: datetime | None = None
) -> list[Need]:
    """What needs this administrator; the machine itself only the platform's administrators."""
    require(actor.is_a(Role.SCHOOL_ADMIN, Role.REGION_ADMIN, Role.PLATFORM_ADMIN), say("这个页面只对管理员开放。"))
    found = [*_people_wait(session, actor)]
    if actor.is_a(Role.PLATFORM_ADMIN):
        seen = figures(session, now())
        found += [*_disk(settings, store), *_backup(settings, seen), *_work(seen), *_certificate(certificate_ends)]
    return sorted(found, key=lambda need: need.level is not Level.NOW)


def _people_wait(session: Session, actor: Actor) -> Iterator[Need]:
    waiting, since = waiting_within(session, actor)
    if waiting and since and now() - since > LONGEST_WAIT:
        days = (now() - since).days
        yield Need("queue", Level.NOW, say("有 {n} 份课等待审核，最久的等了 {days} 天。", n=waiting, days=days))
    elif waiting:
        yield Need("queue", Level.SOON, say("有 {n} 份课等待审核。", n=waiting))
    if reports := open_reports(session, actor):
        yield Need("reports", Level.SOON, say("有 {n} 条问题反馈还没有处理。", n=reports), "me:reports")


def _disk(settings: Settings, store: BlobStore) -> Iterator[Need]:
    free = store.free_bytes()
    if free is None:
        return
    gb = f"{free / 1024 / MEBIBYTE:.1f}"
    if free < settings.free_space_reserve_bytes:
        yield Need("disk", Level.NOW, say("磁盘只剩 {gb} GB，老师已经不能上传。", gb=gb))
    elif free < settings.free_space_reserve_bytes + COMFORT_BYTES:
        yield Need("disk", Level.SOON, say("磁盘只剩 {gb} GB，快满了。", gb=gb))


def _backup(settings: Settings, seen: Figures) -> Iterator[Need]:
    if seen.last_backup_at is None:
        yield Need("backup", Level.NOW, say("还没有做过备份。请按运维手册安排每晚备份：tongke backup。"))
    elif (age := now() - seen.last_backup_at) > timedelta(hours=settings.backup_max_age_hours):
        yield Need("backup", Level.NOW, say("上一次备份是 {hours} 小时以前。", hours=int(age.total_seconds() // 3600)))


def _work(seen: Figures) -> Iterator[Need]:
    if seen.failed_lately:
        yield Need("jobs", Level.SOON, say("最近一周有 {n} 个后台任务失败。", n=seen.failed_lately), "admin:jobs")
    if seen.oldest_due_job_at and now() - seen.oldest_due_job_at > OLDEST_JOB:
        minutes = int((now() - seen.oldest_due_job_at).total_seconds() // 60)
        yield Need("worker", Level.NOW, say("后台任务已经等了 {n} 分钟：请检查工作进程。", n=minutes), "admin:jobs")
    if seen.reindex_requests > UNINDEXED:
        yield Need("index", Level.SOON, say("有 {n} 处修改还没有进入搜索。", n=seen.reindex_requests))


def _certificate(ends: datetime | None) -> Iterator[Need]:
    if ends is None:
        return
    left = ends - now()
    if left < timedelta(0):
        yield Need("certificate", Level.NOW, say("网站证书已经过期，浏览器会拒绝打开。"))
    elif left < CERTIFICATE_WARNING:
        yield Need("certificate", Level.SOON, say("网站证书还有 {n} 天到期。", n=left.days))
