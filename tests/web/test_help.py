"""The page that problem details lead to."""

from __future__ import annotations


def test_type_of_a_problem_leads_to_a_line_of_the_page(client) -> None:
    problem = client.get("/api/v1/resources?page_size=1000")
    path, _, code = problem.json()["type"].partition("#")

    page = client.get(path, headers={"Accept-Language": "en"})

    assert problem.status_code == 422
    assert path == "/docs/problems"
    assert page.status_code == 200
    assert f'<dt id="{code}"><code>{code}</code> 422</dt>' in page.text
    assert "<dd>Something filled in does not hold</dd>" in page.text
