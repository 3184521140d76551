"""The contract of /api/v1/resources, as other people's programs rely on it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlmodel import select

from tongke.accounts.models import Role
from tongke.audit.models import AuditEvent
from tongke.curriculum.models import CFDocument, CFItem
from tongke.db import reading, transaction
from tongke.media.ingest import ingest

URL = "/api/v1/resources"


@pytest.fixture
def author(make_user, make_school):
    return make_user("王老师", school=make_school())


@pytest.fixture
def as_author(author, token_of) -> dict[str, str]:
    return token_of(author)


@pytest.fixture
def as_reviewer(make_user, token_of) -> dict[str, str]:
    return token_of(make_user("李教研员", role=Role.REVIEWER))


@pytest.fixture
def as_colleague(make_user, token_of) -> dict[str, str]:
    return token_of(make_user("陈老师"))


@pytest.fixture
def create(client, as_author) -> Callable[..., str]:
    def make(**fields: object) -> str:
        answer = client.post(URL, json={"title": "小数除法", **fields}, headers=as_author)
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    return make


@pytest.fixture
def publish(client, create, as_author, as_reviewer) -> Callable[..., str]:
    def make(**fields: object) -> str:
        made = create(**fields)
        client.post(f"{URL}/{made}/submission", json={"commitment": True}, headers=as_author)
        answer = client.post(f"{URL}/{made}/publication", headers=as_reviewer)
        assert answer.status_code == 200, answer.text
        return made

    return make


@pytest.fixture
def asset(platform, author, actor_of, tmp_path: Path):
    path = tmp_path / "讲义.txt"
    path.write_text("小数点要对齐。", encoding="utf-8")
    return ingest(platform.engine, platform.store, actor_of(author), path, "讲义.txt", settings=platform.settings)


def test_draft_is_created_with_the_bulk_records_fields(client, as_author) -> None:
    body = {
        "external_id": "x1", "title": "小数除法", "type": "lesson-video", "subject": "数学", "stage": "小学",
        "grade": 5, "volume": "上册", "edition": "人教版", "unit": "第三单元", "keywords": ["竖式"],
        "language": "zh-CN", "licence": "CC-BY-4.0", "author": "王秀英", "school": "一小", "region": "330127",
        "visibility": "public", "description": "",
    }  # fmt: skip

    answer = client.post(URL, json=body, headers=as_author)

    assert answer.status_code == 201
    made = answer.json()
    assert made["state"] == "draft"
    assert {k: made[k] for k in body} == body
    assert made["url"] == f"http://testserver/resources/{made['id']}"
    assert answer.headers["location"] == f"{URL}/{made['id']}"


@pytest.mark.parametrize("extra", [{"files": ["a.mp4"]}, {"published": True}, {"nonsense": 1}, {"author_name": "x"}])
def test_unknown_keys_are_refused(client, as_author, extra) -> None:
    answer = client.post(URL, json={"title": "t", **extra}, headers=as_author)

    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.parametrize(
    "wrong",
    [{"title": ""}, {"type": "film"}, {"grade": 0}, {"licence": "mine"}, {"region": "33O1"}, {"title": "a\0b"}],
)
def test_nonsense_is_refused(client, as_author, wrong) -> None:
    assert client.post(URL, json={"title": "t", **wrong}, headers=as_author).status_code == 422


def test_external_id_is_given_once(client, create, as_author) -> None:
    create(external_id="x1")

    assert client.post(URL, json={"title": "t", "external_id": "x1"}, headers=as_author).status_code == 409


def test_nobody_and_pupils_create_nothing(client, make_user, token_of) -> None:
    pupil = token_of(make_user("学生一", role=Role.PUPIL))

    assert client.post(URL, json={"title": "t"}).status_code == 401
    assert client.post(URL, json={"title": "t"}, headers=pupil).status_code == 403


def test_draft_is_its_authors_alone(client, create, as_author, as_colleague, as_reviewer) -> None:
    made = create()

    assert client.get(f"{URL}/{made}", headers=as_author).json()["state"] == "draft"
    for others in (None, as_colleague, as_reviewer):
        assert client.get(f"{URL}/{made}", headers=others).status_code == 404
        assert client.patch(f"{URL}/{made}", json={"title": "x"}, headers=others).status_code == (
            404 if others else 401
        )


@pytest.mark.parametrize("body", [{"commitment": False}, {}, {"commitment": "yes"}, None])
def test_submission_needs_the_commitment(client, create, as_author, body) -> None:
    made = create()

    assert client.post(f"{URL}/{made}/submission", json=body, headers=as_author).status_code == 422
    assert client.get(f"{URL}/{made}", headers=as_author).json()["state"] == "draft"


def test_published_resource_is_open_to_everybody(client, publish, as_author) -> None:
    made = publish()

    answer = client.get(f"{URL}/{made}")

    assert (answer.status_code, answer.json()["state"]) == (200, "published")


def test_author_is_refused_and_a_second_decision_conflicts(
    client, create, as_author, as_reviewer, as_colleague
) -> None:
    made = create()
    door = f"{URL}/{made}/publication"
    assert client.post(door, json={}, headers=as_author).status_code == 403
    assert client.post(door, json={}, headers=as_reviewer).status_code == 404
    client.post(f"{URL}/{made}/submission", json={"commitment": True}, headers=as_author)

    assert client.post(door, json={}, headers=as_author).status_code == 403
    assert client.post(door, json={}, headers=as_colleague).status_code == 404
    published = client.post(door, json={"decision": "publish", "comment": "", "checklist": {}}, headers=as_reviewer)

    assert (published.status_code, published.json()["state"]) == (200, "published")
    assert client.post(door, json={}, headers=as_reviewer).status_code == 409
    assert client.post(door, json={}, headers=as_colleague).status_code == 403


@pytest.mark.parametrize(("decision", "state"), [("request_changes", "changes_requested"), ("decline", "declined")])
def test_refusal_carries_its_reason(client, create, as_author, as_reviewer, decision, state) -> None:
    made = create()
    client.post(f"{URL}/{made}/submission", json={"commitment": True}, headers=as_author)

    assert client.post(f"{URL}/{made}/publication", json={"decision": decision}, headers=as_reviewer).status_code == 422
    answer = client.post(
        f"{URL}/{made}/publication", json={"decision": decision, "comment": "缺竖式"}, headers=as_reviewer
    )

    assert (answer.status_code, answer.json()["state"]) == (200, state)
    assert client.get(f"{URL}/{made}", headers=as_author).json()["state"] == state
    assert client.get(f"{URL}/{made}").status_code == 404


@pytest.mark.parametrize(
    "odd",
    [
        {"checklist": {"a": "\0"}},
        {"checklist": {"a": "x" * 20_000}},
        {"decision": "decline", "comment": "x" * 5000},
        {"decision": "decline", "comment": "\0"},
        {"decision": "maybe"},
        {"nonsense": 1},
    ],
)
def test_odd_decisions_are_refused(client, create, as_author, as_reviewer, odd) -> None:
    made = create()
    client.post(f"{URL}/{made}/submission", json={"commitment": True}, headers=as_author)

    assert client.post(f"{URL}/{made}/publication", json=odd, headers=as_reviewer).status_code == 422
    assert client.get(f"{URL}/{made}", headers=as_author).json()["state"] == "submitted"


@pytest.mark.parametrize("raw", [b'{"checklist": {"a": NaN}}', b'{"checklist": {"a": "\\ud800"}}', b"[" * 5000, b"{"])
def test_unreadable_decisions_are_refused(client, create, as_author, as_reviewer, raw) -> None:
    made = create()
    client.post(f"{URL}/{made}/submission", json={"commitment": True}, headers=as_author)
    headers = {**as_reviewer, "content-type": "application/json"}

    answer = client.post(f"{URL}/{made}/publication", content=raw, headers=headers)

    assert 400 <= answer.status_code < 500, answer.text


def test_change_to_a_published_resource_waits(client, publish, as_author, as_reviewer) -> None:
    made = publish()

    changed = client.patch(f"{URL}/{made}", json={"title": "第二版"}, headers=as_author).json()

    assert (changed["state"], changed["title"]) == ("published", "小数除法")
    assert changed["pending"] == {"number": 2, "state": "draft", "title": "第二版"}
    assert client.get(f"{URL}/{made}").json()["pending"] is None
    client.post(f"{URL}/{made}/submission", json={"commitment": True}, headers=as_author)
    assert client.patch(f"{URL}/{made}", json={"title": "x"}, headers=as_author).status_code == 409
    client.post(f"{URL}/{made}/publication", headers=as_reviewer)
    assert client.get(f"{URL}/{made}").json()["title"] == "第二版"


def test_withdrawn_resource_answers_404_to_others(client, publish, as_author, as_colleague) -> None:
    made = publish()

    assert client.post(f"{URL}/{made}/withdrawal", json={"reason": "x"}, headers=as_colleague).status_code == 403
    assert client.post(f"{URL}/{made}/withdrawal", json={"reason": " "}, headers=as_author).status_code == 422
    answer = client.post(f"{URL}/{made}/withdrawal", json={"reason": "教材已更新"}, headers=as_author).json()

    assert (answer["state"], answer["state_reason"]) == ("withdrawn", "教材已更新")
    assert client.get(f"{URL}/{made}").status_code == 404
    assert client.post(f"{URL}/{made}/withdrawal", json={"reason": "x"}, headers=as_author).status_code == 409


def test_school_resource_is_for_the_school(
    client, publish, as_reviewer, as_colleague, make_user, token_of, engine
) -> None:
    from tongke.accounts.models import School

    made = publish(visibility="school")
    with reading(engine) as session:
        school = session.exec(select(School)).one()
    insider = token_of(make_user("赵老师", school=school))

    assert client.get(f"{URL}/{made}", headers=insider).status_code == 200
    for others in (None, as_colleague, as_reviewer):
        assert client.get(f"{URL}/{made}", headers=others).status_code == 404


def test_assets_are_shown_with_both_digests(client, create, as_author, asset) -> None:
    made = create(assets=[str(asset.id)])

    shown = client.get(f"{URL}/{made}", headers=as_author).json()["assets"][0]

    assert {k: shown[k] for k in ("id", "sha256", "received_sha256", "size_bytes", "media_type")} == {
        "id": str(asset.id),
        "sha256": asset.sha256,
        "received_sha256": asset.received_sha256,
        "size_bytes": asset.size_bytes,
        "media_type": asset.media_type,
    }
    assert shown["url"].startswith("http://content.testserver/")


def test_somebody_elses_asset_cannot_be_attached(client, asset, as_colleague) -> None:
    answer = client.post(URL, json={"title": "t", "assets": [str(asset.id)]}, headers=as_colleague)

    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "assets")


def test_public_asset_may_be_used_by_everybody(client, publish, asset, as_colleague) -> None:
    publish(assets=[str(asset.id)])

    answer = client.post(URL, json={"title": "t", "assets": [str(asset.id)]}, headers=as_colleague)

    assert answer.status_code == 201


def test_publication_conflicts_while_an_original_is_missing(
    client, create, platform, asset, as_author, as_reviewer
) -> None:
    from tongke.storage.base import blob_key

    made = create(assets=[str(asset.id)])
    client.post(f"{URL}/{made}/submission", json={"commitment": True}, headers=as_author)
    platform.store.delete(blob_key(asset.sha256))

    assert client.post(f"{URL}/{made}/publication", headers=as_reviewer).status_code == 409


def test_alignments_name_framework_and_code(client, create, engine, as_author) -> None:
    with transaction(engine) as session:
        document = CFDocument(identifier="math-2022", title="义务教育数学课程标准", family="standard")
        session.add(document)
        session.flush()
        item = CFItem(document_id=document.id, identifier="i1", human_coding_scheme="2.1", full_statement="小数")
        session.add(item)
        wanted = item.id

    made = create(alignments=[{"framework": "math-2022", "code": "2.1", "relation": "teaches"}])
    unknown = client.post(
        URL, json={"title": "t", "alignments": [{"framework": "math-2022", "code": "9.9"}]}, headers=as_author
    )

    shown = client.get(f"{URL}/{made}", headers=as_author).json()["alignments"]
    assert [(a["framework_item"], a["code"], a["relation"]) for a in shown] == [(str(wanted), "2.1", "teaches")]
    assert unknown.status_code == 422


def test_deleted_draft_leaves_a_tombstone(client, create, as_author, engine) -> None:
    made = create()

    assert client.delete(f"{URL}/{made}", headers=as_author).status_code == 204
    assert client.get(f"{URL}/{made}", headers=as_author).status_code == 404
    with reading(engine) as session:
        assert "resource.delete" in session.exec(select(AuditEvent.action)).all()


def test_unknown_resource_answers_404_as_a_problem(client) -> None:
    answer = client.get(f"{URL}/00000000-0000-0000-0000-000000000000")

    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("count", [1, 3])
def test_reading_costs_a_fixed_number_of_queries(
    client, create, platform, author, actor_of, tmp_path, as_author, queries_of, count
) -> None:
    assets = []
    for n in range(count):
        path = tmp_path / f"{n}.txt"
        path.write_text(f"第{n}份讲义", encoding="utf-8")
        assets.append(
            ingest(platform.engine, platform.store, actor_of(author), path, path.name, settings=platform.settings)
        )
    made = create(assets=[str(a.id) for a in assets])

    with queries_of() as statements:
        answer = client.get(f"{URL}/{made}", headers=as_author)

    assert len(answer.json()["assets"]) == count
    assert len(statements) == 10


def test_schools_are_listed_by_region(client, make_school) -> None:
    make_school("千岛湖镇中心小学")

    assert [s["name"] for s in client.get("/api/v1/schools?region=33").json()["items"]] == ["千岛湖镇中心小学"]
    assert client.get("/api/v1/schools?region=44").json()["total"] == 0
    assert client.get("/api/v1/schools?page_size=101").status_code == 422


def test_search_answers_what_is_published_with_absolute_addresses(client, publish, create, platform) -> None:
    from tongke_indexer import sync

    made = publish(subject="数学", external_id="x1")
    create(title="小数除法草稿")
    sync.drain(platform.engine, platform.search)

    answer = client.get(URL, params={"q": "小数", "subject": ["数学", "语文"]}).json()

    assert [(i["id"], i["external_id"], i["url"]) for i in answer["items"]] == [
        (made, "x1", f"http://testserver/resources/{made}")
    ]
    assert (answer["total"], answer["total_is_exact"], answer["page"], answer["page_size"]) == (1, True, 1, 20)
    assert answer["facets"]["subject"] == {"数学": 1}
    assert client.get(URL, params={"page": 9}).json()["items"] == []


@pytest.mark.parametrize("wrong", [{"page_size": 101}, {"page_size": 0}, {"page": 0}, {"sort": "best"}, {"grade": "x"}])
def test_search_refuses_nonsense(client, wrong) -> None:
    assert client.get(URL, params=wrong).status_code == 422


def test_description_gives_every_operation_of_resources(client) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]

    assert {path: sorted(methods) for path, methods in paths.items() if path.startswith(URL)} == {
        URL: ["get", "post"],
        f"{URL}/{{resource_id}}": ["delete", "get", "patch"],
        f"{URL}/{{resource_id}}/submission": ["post"],
        f"{URL}/{{resource_id}}/publication": ["post"],
        f"{URL}/{{resource_id}}/withdrawal": ["post"],
    }
