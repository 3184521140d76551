"""Every verb of learning resources, in one place for callers; each lives in the module of its group."""

from __future__ import annotations

from tongke.resources.alignments import align_to, remove_alignment, set_alignments
from tongke.resources.appreciation import (
    close_report,
    count_use,
    drop_favourite,
    keep_favourite,
    rate,
    report_problem,
    withdraw_rating,
)
from tongke.resources.drafts import (
    Draft,
    create_draft,
    derive,
    discard_draft,
    open_draft,
    restore_revision,
    save_draft,
    start_revision,
)
from tongke.resources.files import attach, attach_captions, detach, entitle, reorder, set_files
from tongke.resources.standing import delete, put_back, take_down, withdraw

__all__ = [
    "Draft",
    "align_to",
    "attach",
    "attach_captions",
    "close_report",
    "count_use",
    "create_draft",
    "delete",
    "derive",
    "detach",
    "discard_draft",
    "drop_favourite",
    "entitle",
    "keep_favourite",
    "open_draft",
    "put_back",
    "rate",
    "remove_alignment",
    "reorder",
    "report_problem",
    "restore_revision",
    "save_draft",
    "set_alignments",
    "set_files",
    "start_revision",
    "take_down",
    "withdraw",
    "withdraw_rating",
]
