"""CASE packages as programs really write them, and as nobody should."""

from __future__ import annotations

import json
from contextlib import suppress
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.curriculum.packages import child, item, package

from tongke.curriculum.arrangement import arrange
from tongke.curriculum.importers import read_framework_file
from tongke.curriculum.importers.case import read_case
from tongke.curriculum.importers.encoding import text_of
from tongke.curriculum.outline import MAX_TEXT
from tongke.errors import Invalid

DOCUMENT = UUID(int=1)
SAMPLES = {
    "opensalt-framework-sample.json": (16, "20c5134f-423d-4097-a971-3dd5152bf507"),
    "smarterbalanced_hs_math.json": (86, "f5fcd780-0539-11e8-b5aa-2b654ff8ee27"),
    "smarterbalanced_math_package.json": (48, "1796d9a2-d5ee-11e7-b39f-71a145b86a18"),
    "smarterbalanced_pt.json": (164, "c60fa750-d5d2-11e7-8f78-23d147275a57"),
}
NOT_PACKAGES = [
    "OpenCASE.postman_collection.json",
    "case-v1p0-cfpackage-schema.json",
    "case-v1p0-swagger.json",
    "case-v1p1-cfpackage.schema.json",
    "ccsso_ela_common_core.xlsx",
    "opensalt-spreadsheet_import_sample.xlsx",
]


def titles_by_depth(outline) -> list[tuple[int, str]]:
    return [(row["depth"], row["full_statement"]) for row in arrange(outline, DOCUMENT)]


@pytest.mark.parametrize("name", SAMPLES)
def test_real_packages_are_read_whole(shared, name):
    count, identifier = SAMPLES[name]

    outline = read_framework_file(shared / "data/case_samples" / name)

    assert (len(outline.items), outline.identifier, outline.read_as) == (count, identifier, "CASE 1.0")
    rows = arrange(outline, DOCUMENT)
    assert len(rows) == count
    assert max(row["depth"] for row in rows) in {2, 3, 4}


def test_opensalt_package_says_that_its_version_is_a_guess(shared):
    outline = read_framework_file(shared / "data/case_samples/opensalt-framework-sample.json")

    assert [w.message.source for w in outline.warnings] == ["文件没有写明 CASE 版本，按 1.0 读取。"]
    assert {i.grade for i in outline.items} == {6, 7}


@pytest.mark.parametrize("name", NOT_PACKAGES)
def test_other_files_are_refused_with_a_reason(shared, name):
    with pytest.raises(Invalid) as refused:
        read_framework_file(shared / "data/case_samples" / name)
    assert any(word in str(refused.value) for word in ("CFDocument", "Excel"))


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"caseVersion": "1.1"}, "CASE 1.1"),
        ({"uri": "https://x/ims/case/v1p1/CFDocuments/d"}, "CASE 1.1"),
        ({"uri": "https://x/d", "frameworkType": "standard"}, "CASE 1.1"),
        ({"uri": "https://x/ims/case/v1p0/CFDocuments/d"}, "CASE 1.0"),
        ({"uri": "https://x/d"}, "CASE 1.0"),
    ],
)
def test_version_read_is_said(document, expected):
    assert read_case(package([item("a")], **document)).read_as == expected


def test_tree_follows_sequence_numbers():
    text = package(
        [item("a", "一"), item("b", "二"), item("c", "一之二"), item("d", "一之一")],
        [
            child("a", "doc", sequenceNumber=1),
            child("b", "doc", sequenceNumber="2"),
            child("c", "a", sequenceNumber=2),
            child("d", "a", sequenceNumber=1),
        ],
    )

    assert titles_by_depth(read_case(text)) == [(0, "一"), (1, "一之一"), (1, "一之二"), (0, "二")]


def test_second_parent_becomes_a_relation():
    outline = read_case(package([item("a"), item("b"), item("c")], [child("c", "a"), child("c", "b")]))

    assert {i.identifier: i.parent for i in outline.items} == {"a": None, "b": None, "c": "a"}
    assert [(x.kind, x.origin, x.destination) for x in outline.links] == [("isChildOf", "c", "b")]
    assert [w.identifier for w in outline.warnings] == ["c"]


def test_ends_may_be_bare_addresses_or_identifiers():
    links = [
        {
            "identifier": "1",
            "associationType": "Is Child Of",
            "originNodeURI": "https://x/CFItems/b",
            "destinationNodeURI": "https://x/CFItems/a",
        },
        {
            "identifier": "2",
            "associationType": "isRelatedTo",
            "originNodeIdentifier": "b",
            "destinationNodeIdentifier": "a",
        },
    ]
    outline = read_case(package([item("a"), item("b")], links))

    assert outline.items[1].parent == "a"
    assert [(x.kind, x.origin, x.destination) for x in outline.links] == [("isRelatedTo", "b", "a")]


def test_wrapped_package_and_items_by_key_are_read():
    inner = json.loads(package([]))
    inner["CFItems"] = {"a": item("a"), "b": item("b")}

    assert [i.identifier for i in read_case(json.dumps({"CFPackage": inner})).items] == ["a", "b"]


def test_missing_names_are_made_up_the_same_way_each_time():
    text = package([{"fullStatement": "没有标识"}, {"humanCodingScheme": "M.1"}, {"identifier": "空"}, "不是条目"])

    first, second = read_case(text), read_case(text)
    assert [i.identifier for i in first.items] == [i.identifier for i in second.items]
    assert [i.title for i in first.items] == ["没有标识", "M.1"]
    assert {w.identifier for w in first.warnings} >= {"空", "#4", first.items[0].identifier}


def test_circles_are_cut_and_every_item_stays():
    outline = read_case(package([item("a"), item("b"), item("c")], [child("a", "b"), child("b", "c"), child("c", "a")]))

    rows = arrange(outline, DOCUMENT)

    assert [(row["identifier"], row["depth"]) for row in rows] == [("a", 0), ("c", 1), ("b", 2)]
    assert [w.identifier for w in outline.warnings] == ["a"]


def test_own_parent_and_missing_parent_are_mended():
    outline = read_case(package([item("a"), item("b")], [child("a", "a"), child("b", "nowhere")]))

    assert [(row["identifier"], row["depth"]) for row in arrange(outline, DOCUMENT)] == [("b", 0), ("a", 0)]
    assert sorted(w.identifier for w in outline.warnings) == ["a", "b"]


def test_duplicate_identifiers_keep_the_first():
    outline = read_case(package([item("a", "先"), item("a", "后")]))

    assert [i.title for i in outline.items] == ["先"]
    assert [w.identifier for w in outline.warnings] == ["a"]


def test_nul_surrogates_and_huge_strings_are_mended():
    text = package([item("a\u0000b", "坏\u0000字\ud800符"), item("x" * 5000, "长" * 3 * MAX_TEXT)])

    outline = read_case(text)

    assert (outline.items[0].identifier, outline.items[0].title) == ("ab", "坏字符")
    assert len(outline.items[1].identifier) == 36
    assert len(outline.items[1].title) == MAX_TEXT
    assert any("截短" in w.message.source for w in outline.warnings)
    json.dumps([i.title for i in outline.items], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "text",
    [
        "[" * 200_000,
        '{"CFDocument":' * 50_000,
        '{"CFDocument": {"title": "x"',
        "[]",
        '"text"',
        "{}",
        '{"CFDocument": 3}',
        '{"CFDocument": {}, "CFItems": []}',
        '{"CFDocument": {"title": "x"}, "CFItems": 3}',
        '{"a": ' + "9" * 10_000 + "}",
    ],
)
def test_broken_files_are_refused_with_a_sentence(text):
    with pytest.raises(Invalid) as refused:
        read_framework_file(text.encode())
    assert str(refused.value)


def test_a_chain_too_deep_is_refused():
    names = [f"i{n}" for n in range(40)]
    outline = read_case(package([item(n) for n in names], [child(b, a) for a, b in pairwise(names)]))

    with pytest.raises(Invalid):
        arrange(outline, DOCUMENT)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from(["a", "b", "c", "d", "doc", "", "\x00", "长" * 300])
NODES = st.fixed_dictionaries(
    {},
    optional={
        "identifier": NAMES | JSON,
        "fullStatement": st.text(max_size=10) | JSON,
        "uri": JSON,
        "educationLevel": JSON,
        "humanCodingScheme": JSON,
        "listEnumeration": JSON,
        "CFItemTypeURI": JSON,
        "subject": JSON,
        "language": JSON,
        "title": JSON,
        "caseVersion": JSON,
    },
)
ENDS = st.fixed_dictionaries({}, optional={"identifier": NAMES, "uri": JSON}) | NAMES | JSON
LINKS = st.fixed_dictionaries(
    {},
    optional={
        "associationType": st.sampled_from(["isChildOf", "exactMatchOf", ""]) | JSON,
        "originNodeURI": ENDS,
        "destinationNodeURI": ENDS,
        "sequenceNumber": JSON,
        "identifier": NAMES | JSON,
    },
)
PACKAGES = st.fixed_dictionaries(
    {"CFDocument": NODES},
    optional={
        "CFItems": st.lists(NODES | JSON, max_size=8) | JSON,
        "CFAssociations": st.lists(LINKS | JSON, max_size=10) | JSON,
    },
)


@settings(deadline=None)
@given(JSON | PACKAGES)
def test_any_json_is_read_or_refused_and_placed_once(whole):
    try:
        outline = read_case(json.dumps(whole))
        rows = arrange(outline, DOCUMENT)
    except Invalid:
        return
    places = {row["id"]: row for row in rows}
    assert sorted(row["identifier"] for row in rows) == sorted(i.identifier for i in outline.items)
    assert len(places) == len(rows)
    for row in rows:
        above = places.get(row["parent_id"])
        assert row["path"].startswith(above["path"] if above else "/")
        assert row["depth"] == (above["depth"] + 1 if above else 0) == row["path"].count("/") - 2
        assert row["full_statement"].strip()
        assert not set(row["full_statement"] + row["identifier"]) & {"\x00", "\ud800"}


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_text_or_refused(raw):
    with suppress(Invalid):
        assert isinstance(text_of(raw), str)
