"""CASE packages, 1.0 and 1.1, read leniently: what real programs write, not only what the schema says."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

from tongke.curriculum.importers.case_fields import (
    first,
    grade_of,
    identifier_of,
    language_of,
    listed,
    number_of,
    word_of,
)
from tongke.curriculum.models import FrameworkFamily
from tongke.curriculum.outline import (
    MAX_ITEMS,
    MAX_TEXT,
    Outline,
    OutlineItem,
    OutlineLink,
    clean,
    id_of,
    without_duplicates,
)
from tongke.errors import Invalid
from tongke.i18n import say

Json = dict[str, Any]
_KEPT_OF_ITEM = ("notes", "listEnumeration", "alternativeLabel", "statusStartDate", "statusEndDate", "uri")
_KEPT_OF_DOCUMENT = ("uri", "officialSourceURL", "version", "statusStartDate", "statusEndDate", "frameworkType")


def read_case(text: str) -> Outline:
    """The framework in a CFPackage; what was mended is in its warnings. Raises ``Invalid``."""
    package = _package(text)
    document = package["CFDocument"]
    items = listed(package.get("CFItems"))
    if len(items) > MAX_ITEMS or len(listed(package.get("CFAssociations"))) > 2 * MAX_ITEMS:
        raise Invalid(say("条目超过 {count} 个，或关系超过它的两倍，请分成几个框架导入。", count=MAX_ITEMS))
    version, evidence = _version(package)
    outline = _outline(document, version, evidence)
    by_uri: dict[str, str] = {}
    outline.items = without_duplicates(outline, _items(outline, items, by_uri))
    _tie(outline, listed(package.get("CFAssociations")), identifier_of(document), by_uri)
    if not outline.items:
        raise Invalid(say("文件里没有可用的条目（CFItems）。"))
    return outline


def _package(text: str) -> Json:
    try:
        whole = json.loads(text)
    except RecursionError:
        raise Invalid(say("JSON 嵌套太深，无法读取。")) from None
    except ValueError as error:
        where = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        raise Invalid(say("文件不是有效的 JSON（位置 {where}）。", where=where or "?")) from None
    package = whole.get("CFPackage", whole) if isinstance(whole, dict) else None
    if not isinstance(package, dict) or not isinstance(package.get("CFDocument"), dict):
        raise Invalid(say("这不是 CASE 框架包：缺少 CFDocument。"))
    return package


def _version(package: Json) -> tuple[str, str]:
    """Which CASE the package follows, and what says so."""
    document = package["CFDocument"]
    said = clean(document.get("caseVersion"), 20)
    if said:
        return ("1.1" if said.startswith("1.1") else said), "caseVersion"
    beginning = [node for node in listed(package.get("CFItems"))[:5] if isinstance(node, dict)]
    addresses = [clean(node.get("uri")) for node in [document, *beginning]]
    for mark, version in (("/v1p1/", "1.1"), ("/v1p0/", "1.0")):
        if any(mark in address for address in addresses):
            return version, mark
    if "frameworkType" in document or "extensions" in package:
        return "1.1", "frameworkType, extensions"
    return "1.0", ""


def _outline(document: Json, version: str, evidence: str) -> Outline:
    title = clean(document.get("title"), 500)
    identifier = identifier_of(document) or (str(id_of(f"case:{title}")) if title else "")
    if not identifier:
        raise Invalid(say("CFDocument 既没有标识（identifier），也没有标题（title）。"))
    outline = Outline(
        identifier=identifier,
        title=title or identifier,
        family=FrameworkFamily.STANDARD,
        read_as=f"CASE {version}",
        subject=", ".join(word_of(one) for one in listed(document.get("subject")) if word_of(one))[:200],
        creator=clean(document.get("creator"), 500),
        publisher=clean(document.get("publisher"), 500),
        language=language_of(document),
        adoption_status=clean(document.get("adoptionStatus"), 100),
        source=clean(document.get("officialSourceURL") or document.get("uri"), 2000),
        notes="\n".join(note for note in (clean(document.get(key)) for key in ("description", "notes")) if note),
        case_version=version,
        extra=_kept(document, _KEPT_OF_DOCUMENT),
    )
    if not evidence:
        outline.warn(identifier, say("文件没有写明 CASE 版本，按 1.0 读取。"))
    if not identifier_of(document):
        outline.warn(identifier, say("CFDocument 没有标识，已按标题生成。"))
    return outline


def _items(outline: Outline, nodes: list[Json], by_uri: dict[str, str]) -> Iterable[OutlineItem]:
    for place, node in enumerate(nodes, start=1):
        item = _item(outline, node, place) if isinstance(node, dict) else None
        if item is None:
            outline.warn(_name(node, place), say("第 {place} 个条目没有内容（fullStatement），已跳过。", place=place))
            continue
        address = clean(node.get("uri"))
        if address:
            by_uri.setdefault(address, item.identifier)
        yield item


def _name(node: Any, place: int) -> str:
    return (identifier_of(node) if isinstance(node, dict) else "") or f"#{place}"


def _item(outline: Outline, node: Json, place: int) -> OutlineItem | None:
    code = clean(node.get("humanCodingScheme"), 200)
    short = clean(node.get("abbreviatedStatement"), 500)
    title = clean(node.get("fullStatement")) or short or code
    identifier = identifier_of(node)
    if not title:
        return None
    if not clean(node.get("fullStatement")):
        outline.warn(_name(node, place), say("条目没有 fullStatement，已用简称或编码代替。"))
    if not identifier:
        identifier = str(id_of(f"{outline.identifier}:{code}:{title}"))
        outline.warn(identifier, say("第 {place} 个条目没有标识，已按内容生成。", place=place))
    if len(str(node.get("fullStatement") or "")) > MAX_TEXT:
        outline.warn(identifier, say("内容超过 {length} 字，已截短。", length=MAX_TEXT))
    levels = [word_of(level) for level in listed(first(node, "educationLevel", "educationalLevel"))][:50]
    extra = _kept(node, _KEPT_OF_ITEM)
    if levels:
        extra["education_levels"] = levels
    return OutlineItem(
        identifier=identifier,
        title=title,
        code=code,
        short=short,
        item_type=clean(node.get("CFItemType"), 200) or word_of(node.get("CFItemTypeURI")),
        position=number_of(node.get("listEnumeration")),
        subject=", ".join(word_of(one) for one in listed(node.get("subject")) if word_of(one))[:200],
        grade=grade_of(levels),
        extra=extra,
    )


def _kept(node: Json, names: Iterable[str]) -> Json:
    values = {name: clean(node.get(name), 5000) for name in names}
    return {name: value for name, value in values.items() if value}


def _tie(outline: Outline, nodes: list[Json], document: str, by_uri: dict[str, str]) -> None:
    """Make the first isChildOf of each item its place in the tree; keep every other relation as a link."""
    by_name = {item.identifier: item for item in outline.items}
    placed: set[str] = set()
    for place, node in enumerate((node for node in nodes if isinstance(node, dict)), start=1):
        kind = re.sub(r"[\s_]", "", clean(node.get("associationType"), 100))
        origin, destination = (_end(node, name, by_uri) for name in ("origin", "destination"))
        name = identifier_of(node) or str(id_of(f"{kind}:{origin}:{destination}"))
        if not (kind and origin and destination):
            outline.warn(name, say("第 {place} 条关系不完整，已跳过。", place=place))
        elif kind.casefold() != "ischildof" or origin in placed:
            _link(outline, name, kind, origin, destination, document)
        elif origin in by_name:
            placed.add(origin)
            by_name[origin].parent = None if destination == document else destination
            number = number_of(node.get("sequenceNumber"))
            by_name[origin].position = by_name[origin].position if number is None else number
        else:
            outline.warn(name, say("关系的一端“{origin}”不在文件里，已跳过。", origin=origin))


def _link(outline: Outline, name: str, kind: str, origin: str, destination: str, document: str) -> None:
    if kind.casefold() == "ischildof":
        outline.warn(origin, say("有不止一个上级，只用第一个，其余作为关系保留。"))
        if destination == document:
            return
    outline.links.append(OutlineLink(name, kind, origin, destination))


def _end(node: Json, end: str, by_uri: dict[str, str]) -> str:
    """The identifier an association names at one end, by link object, by address or bare."""
    target = first(node, f"{end}NodeURI", f"{end}NodeUri", f"{end}NodeIdentifier", f"{end}Node")
    if isinstance(target, dict):
        named = identifier_of({"identifier": target.get("identifier")})
        return named or by_uri.get(clean(target.get("uri")), "") or identifier_of(target)
    written = clean(target)
    return by_uri.get(written, "") or identifier_of({"uri": written})
