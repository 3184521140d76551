"""Not a Meilisearch: an HTTP double that holds every request and answer against Meilisearch's OpenAPI description.

It keeps documents, runs tasks, understands the filters we send, and finds plain substrings: enough to see that the
adapter speaks the protocol. How well a real server searches is not shown here.
"""

from __future__ import annotations

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import jsonschema
from referencing import Registry, Resource

KEY = "a-key-for-tests"
NOW = "2026-11-23T10:00:00.000000Z"
_IN = re.compile(r"(NOT )?(\w+) IN (\[.*\])", re.DOTALL)


class Contract:
    """The description's operations, and what it says about their bodies."""

    def __init__(self, path: Path) -> None:
        self.document = json.loads(path.read_text(encoding="utf-8"))
        # Described as {"patterns": […]}, but #[serde(transparent)] in the server's source: on the wire it is the list.
        self.document["components"]["schemas"]["AttributePatterns"] = {"type": "array", "items": {"type": "string"}}
        self._registry = Registry().with_resource("urn:api", Resource.opaque(self.document))
        self._operations = [
            (re.compile(re.sub(r"\{\w+\}", "([^/]+)", path) + "$"), path, operations)
            for path, operations in self.document["paths"].items()
        ]

    def find(self, method: str, path: str) -> tuple[str, dict[str, Any], tuple[str, ...]]:
        for pattern, template, operations in self._operations:
            matched = pattern.match(path)
            if matched and method.lower() in operations:
                return template, operations[method.lower()], matched.groups()
        raise AssertionError(f"not in the description: {method} {path}")

    def check(self, schema: dict[str, Any], value: Any) -> None:
        pointed = json.loads(json.dumps(schema).replace('"#/', '"urn:api#/'))
        jsonschema.Draft202012Validator(pointed, registry=self._registry).validate(value)

    def check_request(self, operation: dict[str, Any], query: dict[str, str], body: bytes, media_type: str) -> Any:
        known = {each["name"] for each in operation.get("parameters", []) if each["in"] == "query"}
        assert query.keys() <= known, f"unknown parameters {query.keys() - known}"
        described = operation.get("requestBody")
        if described is None:
            assert body in (b"", b"null"), "a body where none is described"  # the SDK deletes with "null"
            return None
        assert media_type == "application/json", media_type
        value = json.loads(body)
        self.check(described["content"]["application/json"]["schema"], value)
        return value

    def check_answer(self, template: str, operation: dict[str, Any], status: int, value: Any) -> None:
        if status >= 400:  # the description lists only some errors with each operation; all have one shape
            self.check({"$ref": "#/components/schemas/ResponseError"}, value)
        elif template == "/multi-search":  # described in its federated form only
            assert value.keys() == {"results"}
            for each in value["results"]:
                self.check({"$ref": "#/components/schemas/SearchResultWithIndex"}, each)
        else:
            self.check(operation["responses"][str(status)]["content"]["application/json"]["schema"], value)


class Double(ThreadingHTTPServer):
    """``requests`` are those received, ``violations`` what was wrong with any of them or with our answers."""

    daemon_threads = True

    def __init__(self, contract: Contract) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.contract = contract
        self.requests: list[tuple[str, str, Any]] = []
        self.violations: list[str] = []
        self.indexes: dict[str, dict[str, dict[str, Any]]] = {}
        self.settings: dict[str, dict[str, Any]] = {}
        self.tasks: list[dict[str, Any]] = []
        self.polls_until_done = 0
        self.failing: dict[str, str] = {}  # task type → error code
        self.broken_answer: bytes | None = None
        self.guard = threading.Lock()

    @property
    def address(self) -> str:
        return f"http://:{KEY}@127.0.0.1:{self.server_address[1]}"

    def sent(self, method: str, ending: str) -> list[Any]:
        return [body for m, path, body in self.requests if m == method and path.endswith(ending)]

    # What it does

    def answer(self, template: str, method: str, names: tuple[str, ...], query: dict[str, str], body: Any) -> Any:  # noqa: PLR0911
        match method, template:
            case "GET", "/tasks/{task_id}":
                return 200, self._progress(int(names[0]))
            case "GET", "/indexes":
                found = [self._index(uid) for uid in self.indexes]
                return 200, {"results": found, "offset": 0, "limit": int(query["limit"]), "total": len(found)}
            case "POST", "/indexes":
                return self._begin("indexCreation", lambda: self.indexes.setdefault(body["uid"], {}))
            case "POST", "/swap-indexes":
                return self._begin("indexSwap", lambda: self._swap(*body[0]["indexes"]))
            case "POST", "/multi-search":
                missing = [each["indexUid"] for each in body["queries"] if each["indexUid"] not in self.indexes]
                return (
                    _missing(missing[0]) if missing else (200, {"results": [self._found(q) for q in body["queries"]]})
                )
        if names[0] not in self.indexes:
            return _missing(names[0])
        return self._of_index(template, method, names[0], body)

    def _of_index(self, template: str, method: str, uid: str, body: Any) -> Any:  # noqa: PLR0911
        index = self.indexes[uid]
        match method, template:
            case "GET", "/indexes/{index_uid}":
                return 200, self._index(uid)
            case "DELETE", "/indexes/{index_uid}":
                return self._begin("indexDeletion", lambda: self.indexes.pop(uid))
            case "PATCH", "/indexes/{index_uid}/settings":
                return self._begin("settingsUpdate", lambda: self.settings.update({uid: body}))
            case "POST", "/indexes/{index_uid}/documents":
                return self._begin("documentAdditionOrUpdate", lambda: index.update({d["id"]: d for d in body}))
            case "POST", "/indexes/{index_uid}/documents/delete":
                gone = [each for each, document in index.items() if _passes(document, body["filter"])]
                return self._begin("documentDeletion", lambda: [index.pop(each) for each in gone])
            case "POST", "/indexes/{index_uid}/documents/fetch":
                some = [{name: d[name] for name in body["fields"]} for d in index.values()]
                page = some[body["offset"] : body["offset"] + body["limit"]]
                return 200, {"results": page, "offset": body["offset"], "limit": body["limit"], "total": len(some)}
            case "POST", "/indexes/{index_uid}/search":
                found = self._found({**body, "indexUid": uid})
                return 200, {name: value for name, value in found.items() if name != "indexUid"}
        raise AssertionError(f"the double does not know {method} {template}")

    def _index(self, uid: str) -> dict[str, Any]:
        return {"uid": uid, "primaryKey": "id", "createdAt": NOW, "updatedAt": NOW}

    def _begin(self, kind: str, change: Any) -> tuple[int, dict[str, Any]]:
        uid = len(self.tasks)
        self.tasks.append({"uid": uid, "type": kind, "change": change, "polls": 0, "status": "enqueued"})
        return 202, {"taskUid": uid, "indexUid": None, "status": "enqueued", "type": kind, "enqueuedAt": NOW}

    def _progress(self, uid: int) -> dict[str, Any]:
        task = self.tasks[uid]
        task["polls"] += 1
        error = None
        if task["polls"] > self.polls_until_done and task["status"] == "enqueued":
            task["status"] = "failed" if task["type"] in self.failing else "succeeded"
            if task["status"] == "succeeded":
                task["change"]()
        if task["status"] == "failed":
            error = {"message": "no", "code": self.failing[task["type"]], "type": "internal", "link": "https://docs"}
        return {"uid": uid, "status": task["status"], "type": task["type"], "enqueuedAt": NOW, "error": error}

    def _swap(self, first: str, second: str) -> None:
        for kept in (self.indexes, self.settings):
            kept[first], kept[second] = kept.get(second, {}), kept.get(first, {})

    def _found(self, query: dict[str, Any]) -> dict[str, Any]:
        words = query["q"].strip()
        hits = [d for d in self.indexes[query["indexUid"]].values() if all(_passes(d, f) for f in query["filter"])]
        hits = [d for d in hits if words in json.dumps(d, ensure_ascii=False)]
        for rule in reversed(query.get("sort") or []):
            name, direction = rule.split(":")
            hits.sort(key=lambda d, name=name: d[name], reverse=direction == "desc")
        answer: dict[str, Any] = {"query": query["q"], "processingTimeMs": 1, "indexUid": query["indexUid"]}
        if query.get("facets"):
            answer["facetDistribution"] = {name: _counted(hits, name) for name in query["facets"]}
        if "hitsPerPage" not in query:
            shown = hits[: query["limit"]]
            return (
                answer
                | {"hits": [_shown(d, query) for d in shown], "limit": query["limit"], "offset": 0}
                | {"estimatedTotalHits": len(hits)}
            )
        size = query["hitsPerPage"]
        shown = hits[(query["page"] - 1) * size : query["page"] * size]
        paging = {
            "page": query["page"],
            "hitsPerPage": size,
            "totalHits": len(hits),
            "totalPages": -(-len(hits) // size),
        }
        return answer | paging | {"hits": [_shown(d, query) for d in shown]}


def _missing(uid: str) -> tuple[int, dict[str, str]]:
    link = "https://docs.meilisearch.com/errors#index_not_found"
    return 404, {
        "message": f"Index `{uid}` not found.",
        "code": "index_not_found",
        "type": "invalid_request",
        "link": link,
    }


def _passes(document: dict[str, Any], condition: str) -> bool:
    matched = _IN.fullmatch(condition)
    assert matched, f"a filter the double does not know: {condition}"
    value = document.get(matched[2])
    held = not {str(v) for v in (value if isinstance(value, list) else [value])}.isdisjoint(
        json.loads(matched[3], strict=False)
    )
    return held is not bool(matched[1])


def _counted(hits: list[dict[str, Any]], name: str) -> dict[str, int]:
    counts: dict[str, int] = {}
    for value in (d.get(name) for d in hits):
        if value is not None:
            counts[str(value)] = counts.get(str(value), 0) + 1
    return counts


def _shown(document: dict[str, Any], query: dict[str, Any]) -> dict[str, Any]:
    shown = {name: document[name] for name in query["attributesToRetrieve"]}
    if query.get("attributesToHighlight") and query["q"]:
        mark = f"{query['highlightPreTag']}{query['q']}{query['highlightPostTag']}"
        formatted = {n: str(document.get(n, "")).replace(query["q"], mark) for n in query["attributesToHighlight"]}
        shown["_formatted"] = formatted
    return shown


class _Handler(BaseHTTPRequestHandler):
    server: Double

    def _answer(self) -> None:
        parts = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        query = dict(parse_qsl(parts.query))
        with self.server.guard:
            try:
                status, value = self._checked(parts.path, query, body)
            except Exception as error:  # noqa: BLE001 (told by the test that sees ``violations``)
                self.server.violations.append(f"{self.command} {self.path} {body[:300]!r}: {error!s:.600}")
                status, value = 500, {"message": "violation", "code": "internal", "type": "internal", "link": ""}
        raw = self.server.broken_answer or json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _checked(self, path: str, query: dict[str, str], body: bytes) -> tuple[int, Any]:
        contract = self.server.contract
        assert self.headers["Authorization"] == f"Bearer {KEY}"
        template, operation, names = contract.find(self.command, path)
        value = contract.check_request(operation, query, body, self.headers.get("Content-Type", ""))
        self.server.requests.append((self.command, path, value))
        status, answer = self.server.answer(template, self.command, names, query, value)
        contract.check_answer(template, operation, status, answer)
        return status, answer

    do_GET = do_POST = do_PATCH = do_DELETE = do_PUT = _answer  # noqa: N815 (the names http.server calls)

    def log_message(self, *_: Any) -> None:
        """Silence: the tests look at ``requests``."""
