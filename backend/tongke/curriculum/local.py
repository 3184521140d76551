"""Local and school-based curricula (地方课程, 校本课程), kept by hand by those whose school or region it is."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from tongke.accounts.actor import Actor
from tongke.accounts.models import Region, School
from tongke.audit.service import record
from tongke.curriculum import policy
from tongke.curriculum.arrangement import MAX_DEPTH, path_mark, trail_below
from tongke.curriculum.models import CFDocument, CFItem, FrameworkFamily, FrameworkOrigin
from tongke.curriculum.outline import clean, id_of
from tongke.curriculum.titles import label
from tongke.db import new_id
from tongke.errors import Conflict, Invalid, require
from tongke.i18n import say

MAX_TITLE = 500


def create_framework(
    session: Session,
    actor: Actor,
    *,
    title: str,
    subject: str = "",
    stage: str = "",
    region_code: str | None = None,
    school: School | None = None,
    notes: str = "",
) -> CFDocument:
    """An empty local curriculum, of a school or of a region (of the platform when neither is given)."""
    if school is not None:
        region_code = school.region_code
    school_id = school.id if school else None
    allowed = policy.may_create(actor, region_code=region_code, school_id=school_id)
    require(allowed, say("您只能为自己的学校或所管的地区建立课程。"))
    if region_code and session.get(Region, region_code) is None:
        raise Invalid(say("没有这个地区。"), fields={"region_code": say("没有这个地区。")})
    document = CFDocument(
        identifier=f"local-{new_id()}",
        title=_title(title),
        family=FrameworkFamily.LOCAL,
        origin=FrameworkOrigin.LOCAL,
        subject=clean(subject, MAX_TITLE),
        stage=clean(stage, MAX_TITLE),
        notes=clean(notes),
        creator=school.name if school else actor.name,
        region_code=region_code,
        school_id=school_id,
    )
    document.id = id_of(document.identifier)
    session.add(document)
    session.flush()  # its items and the audit event refer to it
    record(session, actor, "framework.create", "framework", document.id, title=document.title)
    return document


def rename_framework(session: Session, actor: Actor, document: CFDocument, *, title: str) -> list[UUID]:
    """Give a local curriculum another title; the ids of its items, whose label paths follow."""
    _require_editable(actor, document)
    before, document.title = document.title, _title(title)
    session.add(document)
    record(session, actor, "framework.rename", "framework", document.id, before=before, after=document.title)
    changed: list[UUID] = []
    for root in _children(session, document.id, None):
        root.trail = label(document.title)
        changed += _replace_below(session, root)
    return changed


def retire_framework(session: Session, actor: Actor, document: CFDocument, *, reason: str = "") -> None:
    """Stop offering a local curriculum; what is aligned to it keeps its place."""
    _require_editable(actor, document)
    document.retired = True
    session.add(document)
    session.execute(update(CFItem).where(col(CFItem.document_id) == document.id).values(retired=True))
    session.expire_all()
    record(session, actor, "framework.retire", "framework", document.id, reason=reason)


def add_item(
    session: Session,
    actor: Actor,
    document: CFDocument,
    *,
    title: str,
    parent: CFItem | None = None,
    item_type: str = "",
    code: str = "",
    grade: int | None = None,
    notes: str = "",
) -> CFItem:
    """A new item, last among its siblings."""
    _require_editable(actor, document)
    if parent is not None:
        _require_parent(document, parent)
    identifier = f"{document.identifier}:{new_id()}"
    item = CFItem(
        id=id_of(identifier),
        document_id=document.id,
        parent_id=parent.id if parent else None,
        identifier=identifier,
        human_coding_scheme=_free_code(session, document, clean(code, 200)),
        full_statement=_title(title),
        item_type=clean(item_type, 200),
        position=_next_position(session, document.id, parent),
        subject=document.subject,
        stage=document.stage,
        grade=grade if grade is not None or parent is None else parent.grade,
        extra={"notes": clean(notes)} if clean(notes) else {},
    )
    _place(document, item, parent)
    session.add(item)
    session.flush()  # its children and the audit event refer to it
    record(session, actor, "framework_item.add", "framework_item", item.id, title=item.full_statement)
    return item


def rename_item(session: Session, actor: Actor, item: CFItem, *, title: str, code: str | None = None) -> list[UUID]:
    """Give an item another title (and code); the ids whose label path changed, itself first."""
    document = _document_of(session, actor, item)
    before, item.full_statement = item.full_statement, _title(title)
    if code is not None and clean(code, 200) != item.human_coding_scheme:
        item.human_coding_scheme = _free_code(session, document, clean(code, 200))
    session.add(item)
    record(session, actor, "framework_item.rename", "framework_item", item.id, before=before, after=item.full_statement)
    return _replace_below(session, item)


def move_item(
    session: Session, actor: Actor, item: CFItem, *, parent: CFItem | None, position: int | None = None
) -> list[UUID]:
    """Put an item, with all below it, under another parent or at another place; the ids whose path changed."""
    document = _document_of(session, actor, item)
    if parent is not None:
        _require_parent(document, parent)
        if parent.path.startswith(item.path):
            raise Conflict(say("不能把条目移到它自己的下级里。"))
    siblings = [one for one in _children(session, document.id, parent) if one.id != item.id]
    place = len(siblings) if position is None else max(0, min(position, len(siblings)))
    item.parent_id = parent.id if parent else None
    for number, one in enumerate([*siblings[:place], item, *siblings[place:]]):
        one.position = number
        session.add(one)
    _place(document, item, parent)
    record(session, actor, "framework_item.move", "framework_item", item.id, parent=str(item.parent_id), place=place)
    return _replace_below(session, item)


def retire_item(session: Session, actor: Actor, item: CFItem, *, reason: str = "") -> list[UUID]:
    """Stop offering an item and all below it; what is aligned to them keeps its place. The ids retired."""
    _document_of(session, actor, item)
    retired = _set_retired(session, [item, *_below(session, item)], retired=True)
    record(session, actor, "framework_item.retire", "framework_item", item.id, reason=reason, count=len(retired))
    return retired


def restore_item(session: Session, actor: Actor, item: CFItem) -> list[UUID]:
    """Offer a retired item again, with all below it; refused while what stands above it is retired."""
    _document_of(session, actor, item)
    above = session.get(CFItem, item.parent_id) if item.parent_id else None
    if above is not None and above.retired:
        raise Conflict(say("请先恢复上级条目“{title}”。", title=above.full_statement))
    restored = _set_retired(session, [item, *_below(session, item)], retired=False)
    record(session, actor, "framework_item.restore", "framework_item", item.id, count=len(restored))
    return restored


def _set_retired(session: Session, items: list[CFItem], *, retired: bool) -> list[UUID]:
    changed = [one for one in items if one.retired is not retired]
    for one in changed:
        one.retired = retired
        session.add(one)
    return [one.id for one in changed]


def _require_editable(actor: Actor, document: CFDocument) -> None:
    if document.origin != FrameworkOrigin.LOCAL:
        raise Conflict(say("随平台发布或从文件导入的框架不能在页面上修改。"))
    require(policy.may_edit(actor, document), say("您不能修改这个课程。"))


def _document_of(session: Session, actor: Actor, item: CFItem) -> CFDocument:
    document = session.get_one(CFDocument, item.document_id)
    _require_editable(actor, document)
    return document


def _require_parent(document: CFDocument, parent: CFItem) -> None:
    if parent.document_id != document.id:
        raise Conflict(say("上级条目属于另一个课程。"))
    if parent.retired:
        raise Conflict(say("上级条目已停用。"))


def _title(title: str) -> str:
    cleaned = clean(title, MAX_TITLE + 1)
    if not cleaned or len(cleaned) > MAX_TITLE:
        message = say("请填写标题，不超过 {length} 字。", length=MAX_TITLE)
        raise Invalid(message, fields={"title": message})
    return cleaned


def _free_code(session: Session, document: CFDocument, code: str) -> str:
    same = select(CFItem.id).where(col(CFItem.document_id) == document.id, col(CFItem.human_coding_scheme) == code)  # type: ignore[call-overload]
    if code and session.scalars(same).first() is not None:
        message = say("编码“{code}”已经用过。", code=code)
        raise Invalid(message, fields={"code": message})
    return code


def _next_position(session: Session, document_id: UUID, parent: CFItem | None) -> int:
    last = select(func.max(col(CFItem.position))).where(col(CFItem.document_id) == document_id)
    wanted = col(CFItem.parent_id) == parent.id if parent else col(CFItem.parent_id).is_(None)
    found = session.scalar(last.where(wanted))
    return 0 if found is None else found + 1


def _children(session: Session, document_id: UUID, parent: CFItem | None) -> list[CFItem]:
    wanted = col(CFItem.parent_id) == parent.id if parent else col(CFItem.parent_id).is_(None)
    statement = select(CFItem).where(col(CFItem.document_id) == document_id, wanted)
    return list(session.scalars(statement.order_by(col(CFItem.position), col(CFItem.id))))


def _below(session: Session, item: CFItem) -> list[CFItem]:
    """Everything below an item, parents before children."""
    inside = (col(CFItem.path) > item.path) & (col(CFItem.path) < item.path[:-1] + "0")
    statement = select(CFItem).where(col(CFItem.document_id) == item.document_id, inside)
    return list(session.scalars(statement.order_by(col(CFItem.depth), col(CFItem.position))))


def _place(document: CFDocument, item: CFItem, parent: CFItem | None) -> None:
    """Set the depth, path and trail that follow from the parent."""
    item.depth = parent.depth + 1 if parent else 0
    if item.depth >= MAX_DEPTH:
        raise Conflict(say("层级太深，最多 {depth} 层。", depth=MAX_DEPTH))
    item.path = (parent.path if parent else "/") + path_mark(item.id) + "/"
    item.trail = trail_below(parent.trail, parent.full_statement) if parent else label(document.title)


def _replace_below(session: Session, item: CFItem) -> list[UUID]:
    """Let everything below an item that was renamed or moved follow it; the ids, the item first."""
    session.flush()
    document = session.get_one(CFDocument, item.document_id)
    statement = select(CFItem).where(col(CFItem.document_id) == item.document_id, col(CFItem.id) != item.id)
    children: dict[UUID | None, list[CFItem]] = {}
    for one in session.scalars(statement):
        children.setdefault(one.parent_id, []).append(one)
    changed, waiting = [item.id], [item]
    while waiting:
        above = waiting.pop()
        for one in children.get(above.id, []):
            _place(document, one, above)
            session.add(one)
            changed.append(one.id)
            waiting.append(one)
    return changed
