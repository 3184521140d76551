"""20,000 people from a spreadsheet against the limit of 60 s: ``python -m tests.bench.roster [PEOPLE]``."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from tongke.accounts import service
from tongke.accounts.actor import Actor
from tongke.accounts.models import Locality, Region, Role, SchoolKind
from tongke.accounts.roster.checking import Wish, check
from tongke.accounts.roster.importing import carry_out, handouts
from tongke.accounts.roster.reading import decoded, read_sheet
from tongke.db import open_database, reading, transaction
from tongke.migrations.runner import migrate

LIMIT_S = 60.0
SCHOOLS = 400
KEY = b"a key for measuring"
OPERATOR = Actor(name="bench", role=Role.PLATFORM_ADMIN, reach="")


def measure(database_url: str, people: int = 20_000) -> float:
    """Seconds from the bytes of the file to the codes of everybody."""
    engine = open_database(database_url)
    migrate(engine)
    with transaction(engine) as session:
        session.add(Region(code="330127", name="淳安县", level="county"))
        session.flush()
        for n in range(SCHOOLS):
            service.create_school(
                session, code=f"S{n:03}", name=f"第{n}小学", kind=SchoolKind.PRIMARY, locality=Locality.TOWN,
                region_code="330127",
            )  # fmt: skip
    rows = "".join(f"老师{n},t{n:06},教师,S{n % SCHOOLS:03}\n" for n in range(people))
    content = ("姓名,登录名,角色,学校代码\n" + rows).encode("gb18030")
    begun = time.perf_counter()
    lines = read_sheet(decoded(content)).lines
    with reading(engine) as session:
        plan = check(session, OPERATOR, lines, Wish())
    checked = time.perf_counter()
    with transaction(engine) as session:
        done = carry_out(session, OPERATOR, lines, Wish(), key=KEY)
    imported = time.perf_counter()
    with reading(engine) as session:
        codes = handouts(session, done.new_ids, key=KEY)
    took = time.perf_counter() - begun
    assert (len(plan.steps), len(codes)) == (people, people)
    print(
        f"  check {checked - begun:.1f} s, import {imported - checked:.1f} s, codes {took - (imported - begun):.1f} s"
    )
    engine.dispose()
    return took


def main(people: int = 20_000) -> int:
    with tempfile.TemporaryDirectory(prefix="tongke-") as folder:
        took = measure(f"sqlite:///{Path(folder) / 'roster.sqlite3'}", people)
    print(f"roster of {people}: {took:.1f} s, {took / LIMIT_S:.2f} of the limit of {LIMIT_S:.0f} s")
    return int(took > LIMIT_S)


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
