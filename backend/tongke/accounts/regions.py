"""The region tree: provinces, cities, counties, towns by the statistics office's codes of 2023."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlmodel import Session, col

from tongke.accounts.models import Region

DATA = Path(__file__).parent / "data" / "regions.tsv.gz"
LEVELS = {2: "province", 4: "city", 6: "county", 9: "town"}
_PARENT_DIGITS = {4: 2, 6: 4, 9: 6}
_TABLE = Region.__table__  # type: ignore[attr-defined]
_MUNICIPAL = {"市辖区", "县", "省直辖县级行政区划", "自治区直辖县级行政区划"}


def load_regions(session: Session) -> int:
    """Add the shipped regions and update their names; those no longer listed stay, since schools may be there.

    The number of regions shipped.
    """
    shipped = list(_shipped())
    present = {row.code: (row.name, row.kind) for row in session.execute(select(_TABLE))}
    fresh = [row for row in shipped if row["code"] not in present]
    changed = [row for row in shipped if present.get(row["code"]) not in (None, (row["name"], row["kind"]))]
    if fresh:
        session.execute(insert(_TABLE), fresh)
    if changed:
        renamed = update(_TABLE).where(_TABLE.c.code == bindparam("row_code"))
        renamed = renamed.values(name=bindparam("new_name"), kind=bindparam("new_kind"))
        values = [{"row_code": r["code"], "new_name": r["name"], "new_kind": r["kind"]} for r in changed]
        session.connection().execute(renamed, values)
        session.expire_all()
    return len(shipped)


def _shipped() -> Iterator[dict[str, Any]]:
    """Rows of the data file, those with fewer digits first, so that parents stand before children."""
    text = gzip.decompress(DATA.read_bytes()).decode()
    lines = [line.split("\t") for line in text.splitlines() if not line.startswith("#")]
    for code, name, kind in sorted(lines, key=lambda fields: (len(fields[0]), fields[0])):
        parent = code[: _PARENT_DIGITS[len(code)]] if len(code) > 2 else None  # noqa: PLR2004 (a province's digits)
        yield {"code": code, "name": name, "level": LEVELS[len(code)], "kind": kind, "parent_code": parent}


def region(session: Session, code: str) -> Region | None:
    return session.get(Region, code)


def regions_below(session: Session, parent_code: str | None) -> list[Region]:
    """The regions right below ``parent_code``, in the order of their codes; the provinces for None."""
    parent = col(Region.parent_code)
    wanted = parent.is_(None) if parent_code is None else parent == parent_code
    return list(session.scalars(select(Region).where(wanted).order_by(col(Region.code))))


def regions_page(
    session: Session,
    *,
    parent_code: str = "",
    within: str = "",
    level: str = "",
    text: str = "",
    limit: int = 20,
    offset: int = 0,
) -> tuple[list[Region], int]:
    """Regions right below one, within a code prefix, of a level, with a name; and how many.

    With ``text``, names that begin with it and wider regions come first; else the order is that of the codes.
    """
    wanted = [col(Region.name).contains(text, autoescape=True)] if text else []
    if parent_code:
        wanted.append(col(Region.parent_code) == parent_code)
    if within:
        wanted.append(col(Region.code).startswith(within, autoescape=True))
    if level:
        wanted.append(col(Region.level) == level)
    closest = [col(Region.name).startswith(text, autoescape=True).desc(), func.length(_TABLE.c.code)] if text else []
    found = session.scalars(
        select(Region).where(*wanted).order_by(*closest, col(Region.code)).limit(limit).offset(offset)
    )
    total = session.scalar(select(func.count()).select_from(Region).where(*wanted))
    return list(found), total or 0


def lineage(session: Session, code: str) -> list[Region]:
    """The regions from the province down to ``code``, itself included."""
    codes = [code[:digits] for digits in LEVELS if digits <= len(code)]
    return list(session.scalars(select(Region).where(col(Region.code).in_(codes)).order_by(func.length(_TABLE.c.code))))


def full_names(session: Session, codes: set[str]) -> dict[str, str]:
    """“浙江省 杭州市 淳安县” for each code, in one query; the statistics office's stand-in cities are left out."""
    wanted = {code[:digits] for code in codes for digits in LEVELS if digits <= len(code)}
    names = {
        r.code: r.name for r in session.execute(select(_TABLE.c.code, _TABLE.c.name).where(_TABLE.c.code.in_(wanted)))
    }
    return {code: _full_name(code, names) for code in codes if code in names}


def _full_name(code: str, names: dict[str, str]) -> str:
    above = [names[code[:digits]] for digits in LEVELS if digits < len(code) and code[:digits] in names]
    return " ".join([*(name for name in above if name not in _MUNICIPAL), names[code]])
