"""Every kind of job with what to do for it: one table for all who work."""

from __future__ import annotations

from tongke.accounts import letters
from tongke.accounts.roster import desk
from tongke.http.platform import Platform
from tongke.jobs.worker import Handler
from tongke.mail import open_mail, outbox
from tongke.main.doctor.work import answer_ping
from tongke.media.renditions import SLOW_KINDS
from tongke.media.works import handlers as media_handlers
from tongke_indexer.renditions import text_ready

WORKER_KINDS = [*SLOW_KINDS, outbox.SEND, letters.FORGOTTEN, desk.WORK]
"""For these the embedded profile starts its worker: they are slow, or wait for another machine."""


def job_table(platform: Platform) -> dict[str, Handler]:
    """What a worker can do."""
    settings = platform.settings
    media = media_handlers(platform.store, settings, text_ready)
    mailer = open_mail(settings)
    return (
        media
        | outbox.handlers(mailer)
        | letters.handlers(mailer, settings)
        | desk.handlers(settings.signing_key)
        | answer_ping()
    )


def quick_table(platform: Platform) -> dict[str, Handler]:
    """What is done beside the pages, in their process: nobody waits two seconds for a worker to start."""
    media = media_handlers(platform.store, platform.settings, text_ready)
    return {kind: one for kind, one in media.items() if one.quick}
