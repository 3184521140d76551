"""CASE packages for tests, written as a program would."""

from __future__ import annotations

import json


def package(items=(), associations=(), **document) -> str:
    head = {"identifier": "doc", "title": "框架", "uri": "https://x/ims/case/v1p0/CFDocuments/doc", **document}
    return json.dumps({"CFDocument": head, "CFItems": list(items), "CFAssociations": list(associations)})


def item(identifier: str, statement: str = "内容", **more) -> dict:
    return {"identifier": identifier, "fullStatement": statement, "uri": f"https://x/CFItems/{identifier}", **more}


def child(origin: str, destination: str, **more) -> dict:
    return {
        "identifier": f"{origin}-{destination}",
        "associationType": "isChildOf",
        "originNodeURI": {"identifier": origin, "uri": "", "title": ""},
        "destinationNodeURI": {"identifier": destination, "uri": "", "title": ""},
        **more,
    }
