"""Local and school-based curricula: made and kept by administrators."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from tongke.accounts import queries as accounts
from tongke.accounts.actor import Actor
from tongke.accounts.models import Role
from tongke.curriculum import local, policy, queries
from tongke.curriculum.models import CFDocument, CFItem, FrameworkOrigin
from tongke.curriculum.queries import ItemLine
from tongke.errors import Conflict, Forbidden, Invalid, NotFound, TongkeError, require
from tongke.http.deps import Db, SignedIn
from tongke.i18n import say
from tongke.resources.alignments import reindex_aligned
from tongke_web.rendering import page, see_other

router = APIRouter(prefix="/admin/frameworks")
Field = Annotated[str, Form()]
TOLD_IN_FORM = (Invalid, Conflict, Forbidden)


@router.get("", name="admin:frameworks")
def frameworks(request: Request, db: Db, actor: SignedIn) -> Response:
    """The local curricula there are, and a form to begin one."""
    return _list_page(request, db, actor)


def _list_page(
    request: Request,
    db: Db,
    actor: Actor,
    *,
    error: TongkeError | None = None,
    title: str = "",
    subject: str = "",
) -> Response:
    require(policy.may_create_any(actor), say("这个页面只对管理员开放。"))
    found, _ = queries.frameworks(db, origin=FrameworkOrigin.LOCAL, with_retired=False, limit=200)
    return page(
        request,
        "accounts/frameworks.html",
        fragment="form" if error else None,
        status=error.status if error else 200,
        frameworks=found,
        error=error,
        title=title,
        subject=subject,
    )


@router.post("", name="admin:add_framework")
def add_framework(request: Request, db: Db, actor: SignedIn, title: Field = "", subject: Field = "") -> Response:
    """Begin a curriculum: a school admin's for the school, others' for what their rank covers."""
    try:
        school = accounts.school_for(db, actor, "") if actor.is_a(Role.SCHOOL_ADMIN) else None
        region = actor.reach or None
        made = local.create_framework(db, actor, title=title, subject=subject, region_code=region, school=school)
    except TOLD_IN_FORM as error:
        return _list_page(request, db, actor, error=error, title=title, subject=subject)
    return see_other(request, "admin:framework", framework_id=made.id, done=say("已建立。现在添加单元和课。"))


@router.get("/{framework_id}", name="admin:framework")
def framework(request: Request, db: Db, actor: SignedIn, framework_id: UUID) -> Response:
    """One local curriculum with everything that can be done to its items."""
    return _framework_page(request, db, _editable(db, actor, framework_id))


def _framework_page(
    request: Request,
    db: Db,
    document: CFDocument,
    *,
    error: TongkeError | None = None,
    entered: dict[str, str] | None = None,
) -> Response:
    lines, _ = queries.items_page(db, document_id=document.id, limit=1000)
    return page(
        request,
        "accounts/framework.html",
        status=error.status if error else 200,
        framework=document,
        items=_in_tree_order(lines),
        error=error,
        entered=entered or {},
    )


def _in_tree_order(lines: Sequence[ItemLine]) -> list[ItemLine]:
    """Each item followed by what stands below it; siblings stay as they come."""
    below: dict[UUID | None, list[ItemLine]] = {}
    for line in lines:
        below.setdefault(line.parent_id, []).append(line)

    def walk(parent: UUID | None) -> Iterator[ItemLine]:
        for line in below.get(parent, ()):
            yield line
            yield from walk(line.id)

    return list(walk(None))


def _editable(db: Db, actor: Actor, framework_id: UUID) -> CFDocument:
    document = queries.framework(db, framework_id)
    if not policy.may_edit(actor, document):
        raise NotFound
    return document


@router.post("/{framework_id}/items", name="admin:add_item")
def add_item(
    request: Request,
    db: Db,
    actor: SignedIn,
    framework_id: UUID,
    title: Field = "",
    item_type: Field = "",
    parent: Annotated[UUID | None, Form()] = None,
) -> Response:
    document = _editable(db, actor, framework_id)
    try:
        above = _item(db, document, parent) if parent else None
        local.add_item(db, actor, document, title=title, parent=above, item_type=item_type)
    except TOLD_IN_FORM as error:
        entered = {"title": title, "item_type": item_type, "parent": str(parent or "")}
        return _framework_page(request, db, document, error=error, entered=entered)
    return see_other(request, "admin:framework", framework_id=framework_id, done=say("已添加。"))


@router.post("/{framework_id}/items/{item_id}", name="admin:change_item")
def change_item(
    request: Request,
    db: Db,
    actor: SignedIn,
    framework_id: UUID,
    item_id: UUID,
    do: Annotated[str, Form(pattern="^(rename|up|down|retire)$")],
    title: Field = "",
) -> Response:
    """Rename an item, move it among its siblings, or stop offering it; what is aligned to it is indexed anew."""
    document = _editable(db, actor, framework_id)
    item = _item(db, document, item_id)
    try:
        match do:
            case "rename":
                changed = local.rename_item(db, actor, item, title=title)
            case "retire":
                changed = local.retire_item(db, actor, item)
            case _:
                step = -1 if do == "up" else 1
                above = _item(db, document, item.parent_id) if item.parent_id else None
                changed = local.move_item(db, actor, item, parent=above, position=max(0, item.position + step))
    except TOLD_IN_FORM as error:
        return _framework_page(request, db, document, error=error)
    reindex_aligned(db, changed)
    return see_other(request, "admin:framework", framework_id=framework_id, done=say("已保存。"))


def _item(db: Db, document: CFDocument, item_id: UUID) -> CFItem:
    item = queries.item(db, item_id)
    if item.document_id != document.id:
        raise NotFound
    return item
