"""What programs get: frameworks, items and regions, paged, open to anybody."""

from __future__ import annotations

import pytest
from starlette.testclient import TestClient

from tongke.accounts import regions
from tongke.curriculum import shipped, store
from tongke.curriculum.models import FrameworkOrigin
from tongke.curriculum.outline import id_of
from tongke.db import transaction

CHINESE = "cn-textbook-primary-63-chinese-tongbian"


@pytest.fixture
def api(client, engine) -> TestClient:
    with transaction(engine) as session:
        for name in ("textbooks/primary-63-chinese-tongbian.json", "standards/math.json"):
            store.save(
                session, shipped.read_framework(shipped.framework_files()[name].read_bytes()), FrameworkOrigin.SHIPPED
            )
    return client


def test_frameworks_are_listed_with_their_source(api):
    answer = api.get("/api/v1/frameworks").json()

    assert (answer["total"], answer["page"], answer["page_size"]) == (2, 1, 20)
    assert [f["identifier"] for f in answer["items"]] == ["cn-standard-2022-math", CHINESE]
    assert answer["items"][0]["items"] == 64
    assert all(f["source"] for f in answer["items"])
    assert api.get("/api/v1/frameworks?family=textbook&subject=语文").json()["total"] == 1
    assert api.get("/api/v1/frameworks?subject=化学").json() == {"items": [], "total": 0, "page": 1, "page_size": 20}


def test_items_are_found_by_framework_and_code(api):
    answer = api.get("/api/v1/framework-items", params={"framework": CHINESE, "code": "3a.1.1"}).json()

    assert answer["total"] == 1
    lesson = answer["items"][0]
    assert lesson["id"] == str(id_of(f"{CHINESE}:3a.1.1"))
    assert (lesson["title"], lesson["grade"], lesson["volume"], lesson["edition"]) == (
        "1 大青树下的小学",
        3,
        "上册",
        "统编版",
    )
    assert lesson["trail"] == "语文 统编版 › 三年级上册 › 第一单元"


def test_items_below_a_parent_come_in_order(api):
    unit = id_of(f"{CHINESE}:3a.1")

    answer = api.get("/api/v1/framework-items", params={"parent": str(unit), "page_size": 2}).json()

    assert [i["title"] for i in answer["items"]] == ["1 大青树下的小学", "2 花的学校"]
    assert answer["total"] > 2


def test_pages_tile_the_whole_and_end_empty(api):
    params = {"framework": "cn-standard-2022-math", "page_size": 30}
    pages = [api.get("/api/v1/framework-items", params={**params, "page": n}).json() for n in (1, 2, 3, 4)]

    assert [len(page["items"]) for page in pages] == [30, 30, 4, 0]
    assert len({i["id"] for page in pages for i in page["items"]}) == 64


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/frameworks?page_size=101", 422),
        ("/api/v1/frameworks?page=0", 422),
        ("/api/v1/framework-items?parent=no-uuid", 422),
        ("/api/v1/framework-items?framework=unknown", 404),
        ("/api/v1/framework-items?code=%00", 200),
        ("/api/v1/framework-items?q=%00%25_'", 200),
        ("/api/v1/regions?level=planet", 422),
    ],
)
def test_odd_requests_get_a_clear_status(api, path, status):
    assert api.get(path).status_code == status


def test_regions_are_walked_from_the_provinces_down(client, engine):
    with transaction(engine) as session:
        regions.load_regions(session)

    provinces = client.get("/api/v1/regions").json()
    assert (provinces["total"], provinces["items"][0]["name"]) == (31, "北京市")
    counties = client.get("/api/v1/regions?parent=3301").json()["items"]
    assert {"code": "330127", "name": "淳安县", "level": "county", "kind": "县", "parent": "3301"} in counties
    towns = client.get("/api/v1/regions?within=330127&level=town").json()
    assert towns["total"] == 23
    assert [r["code"] for r in client.get("/api/v1/regions?q=淳安").json()["items"]] == ["330127"]
