"""Ties of a draft to framework items, of any number of frameworks at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import select as select_columns
from sqlmodel import Session, col, delete, or_, select

from tongke.accounts.actor import Actor
from tongke.curriculum.models import CFDocument, CFItem
from tongke.curriculum.store import chunks
from tongke.errors import Invalid
from tongke.i18n import Text, say
from tongke.resources.content import alignments_of, touched
from tongke.resources.drafts import open_draft
from tongke.resources.models import Alignment, LearningResource, Relation, Revision
from tongke.resources.schemas import AlignmentWish
from tongke.search.outbox import request_reindex

Tie = tuple[UUID, Relation]


def set_alignments(
    session: Session, actor: Actor, resource: LearningResource, ties: Sequence[Tie], *, provenance: str = "author"
) -> Revision:
    """Make the draft's alignments exactly these; one that stays keeps who said so."""
    revision = open_draft(session, actor, resource)
    wanted = list(dict.fromkeys((item_id, Relation(relation)) for item_id, relation in ties))
    known = set(session.exec(select(CFItem.id).where(col(CFItem.id).in_([i for i, _ in wanted]))))
    if unknown := [str(i) for i, _ in wanted if i not in known]:
        message = say("没有找到课程条目 {listed}。", listed="、".join(unknown))
        raise Invalid(message, fields={"alignments": message})
    said_by = {(a.framework_item_id, Relation(a.relation)): a.provenance for a in alignments_of(session, revision)}
    session.exec(delete(Alignment).where(col(Alignment.revision_id) == revision.id))
    session.add_all(
        Alignment(
            revision_id=revision.id,
            framework_item_id=item_id,
            relation=relation,
            provenance=said_by.get((item_id, relation), provenance),
        )
        for item_id, relation in wanted
    )
    return touched(revision)


def align_to(
    session: Session, actor: Actor, resource: LearningResource, item_id: UUID, relation: Relation = Relation.TEACHES
) -> Revision:
    """Add one alignment to the draft."""
    revision = open_draft(session, actor, resource)
    ties = [(a.framework_item_id, Relation(a.relation)) for a in alignments_of(session, revision)]
    return set_alignments(session, actor, resource, [*ties, (item_id, relation)])


def remove_alignment(
    session: Session, actor: Actor, resource: LearningResource, item_id: UUID, relation: Relation
) -> Revision:
    """Take one alignment out of the draft."""
    revision = open_draft(session, actor, resource)
    ties = [(a.framework_item_id, Relation(a.relation)) for a in alignments_of(session, revision)]
    return set_alignments(session, actor, resource, [t for t in ties if t != (item_id, relation)])


def reindex_aligned(session: Session, item_ids: Collection[UUID]) -> None:
    """Have what is published and aligned to these items indexed again: their names or places changed."""
    for some in chunks(item_ids):
        aligned = (
            select(LearningResource.id)
            .join(Alignment, col(Alignment.revision_id) == col(LearningResource.published_revision_id))
            .where(col(Alignment.framework_item_id).in_(some))
        )
        request_reindex(session, *session.exec(aligned.distinct()))


class FrameworkCodes:
    """Finds framework items by framework (identifier, title or id) and code; remembers what it found."""

    def __init__(self) -> None:
        self._items: dict[tuple[str, str], UUID | None] = {}
        self._ids: dict[UUID, bool] = {}

    def learn(self, session: Session, wishes: Iterable[AlignmentWish]) -> None:
        """Look up, in two queries, every wish not yet known."""
        listed = list(wishes)
        codes = {(w.framework, w.code) for w in listed if w.framework_item is None} - self._items.keys()
        ids = {w.framework_item for w in listed if w.framework_item is not None} - self._ids.keys()
        if codes:
            self._items.update(dict.fromkeys(codes))
            self._learn_codes(session, codes)
        if ids:
            found = set(session.exec(select(CFItem.id).where(col(CFItem.id).in_(ids))))
            self._ids.update({i: i in found for i in ids})

    def _learn_codes(self, session: Session, codes: set[tuple[str, str]]) -> None:
        frameworks, notations = {f for f, _ in codes}, {c for _, c in codes}
        rows = session.execute(
            select_columns(
                col(CFDocument.identifier),
                col(CFDocument.title),
                col(CFItem.human_coding_scheme),
                col(CFItem.identifier),
                col(CFItem.id),
            )
            .join(CFDocument, col(CFDocument.id) == col(CFItem.document_id))
            .where(or_(col(CFDocument.identifier).in_(frameworks), col(CFDocument.title).in_(frameworks)))
            .where(or_(col(CFItem.human_coding_scheme).in_(notations), col(CFItem.identifier).in_(notations)))
            .order_by(col(CFItem.depth).desc(), col(CFItem.identifier).desc())
        )
        for identifier, title, code, item_identifier, item_id in rows:
            for key in ((identifier, code), (title, code), (identifier, item_identifier), (title, item_identifier)):
                if key in codes:
                    self._items[key] = item_id  # the shallowest item of a code twice used comes last and stays

    def ties(self, wishes: Sequence[AlignmentWish]) -> list[Tie]:
        """The wishes as ties; raises ``Invalid`` naming those that no framework has. ``learn`` them first."""
        found: list[Tie] = []
        wrong: dict[str, Text] = {}
        for n, wish in enumerate(wishes):
            item_id = self._item(wish)
            if item_id is None:
                wrong[f"alignments.{n}"] = _unknown(wish)
            else:
                found.append((item_id, wish.relation))
        if wrong:
            raise Invalid(next(iter(wrong.values())), fields=wrong)
        return found

    def _item(self, wish: AlignmentWish) -> UUID | None:
        if wish.framework_item is not None:
            return wish.framework_item if self._ids.get(wish.framework_item) else None
        return self._items.get((wish.framework, wish.code))


def _unknown(wish: AlignmentWish) -> Text:
    if wish.framework_item is not None:
        return say("没有找到课程条目 {listed}。", listed=wish.framework_item)
    return say("框架“{framework}”里没有代码为“{code}”的条目。", framework=wish.framework, code=wish.code)
