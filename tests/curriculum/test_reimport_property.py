"""Whatever versions of a framework come in one after another, the database holds the last one, in its shape."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from tests.curriculum.packages import child, item, package

from tongke.curriculum import queries, service
from tongke.curriculum.importers.case import read_case
from tongke.curriculum.models import CFItem
from tongke.curriculum.outline import id_of

NAMES = st.sampled_from("abcdefgh")
VERSIONS = st.lists(
    st.tuples(
        st.dictionaries(NAMES, st.sampled_from(["甲", "乙", "丙"]), min_size=1),
        st.lists(st.tuples(NAMES, NAMES), max_size=8),
    ),
    min_size=1,
    max_size=4,
)


def text_of(version) -> str:
    items, ties = version
    return package(
        [item(n, t) for n, t in items.items()], [child(a, b, sequenceNumber=i) for i, (a, b) in enumerate(ties)]
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(VERSIONS)
def test_the_last_import_is_what_is_there(session, admin, versions):
    for version in versions:
        service.import_framework(session, admin, text_of(version).encode())
    again = service.import_framework(session, admin, text_of(versions[-1]).encode())

    expected = {i.identifier: i.title for i in read_case(text_of(versions[-1])).items}
    rows = {row.identifier: row for row in session.scalars(select(CFItem))}
    assert {name: row.full_statement for name, row in rows.items()} == expected
    assert (again.added, again.updated, again.removed, again.unchanged) == (0, 0, 0, len(expected))
    for row in rows.values():
        above = [line.id for line in queries.ancestors(session, row)]
        assert queries.ancestor_ids(session, [row.id])[row.id] == (*above, row.id)
        assert (above[-1] if above else None) == row.parent_id
        assert len(above) == row.depth
    roots = queries.children(session, id_of("doc"))
    assert sorted(i for root in roots for i in queries.descendant_ids(session, root)) == sorted(
        r.id for r in rows.values()
    )
