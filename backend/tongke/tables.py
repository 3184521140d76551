"""Every table of the platform, imported in one place for migrations and tests."""

from tongke.accounts import models as accounts
from tongke.accounts import sign_in_models
from tongke.audit import models as audit
from tongke.collections import models as collections
from tongke.curriculum import models as curriculum
from tongke.db import metadata
from tongke.jobs import models as jobs
from tongke.media import models as media
from tongke.resources import models as resources
from tongke.review import models as review
from tongke.search import models as search

__all__ = [
    "accounts",
    "audit",
    "collections",
    "curriculum",
    "jobs",
    "media",
    "metadata",
    "resources",
    "review",
    "search",
    "sign_in_models",
]
