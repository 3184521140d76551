"""What the demo county holds, read from ``content/manifest.json`` and checked as a whole."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from tongke.accounts.models import Locality, Role, SchoolKind
from tongke.resources.models import Relation
from tongke.resources.schemas import RevisionFields

CONTENT = Path(__file__).parent / "content"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class County(_Part):
    name: str
    region_code: str
    note: str


class DemoSchool(_Part):
    code: str
    name: str
    kind: SchoolKind
    locality: Locality
    region_code: str
    bandwidth_kbps: int


class Person(_Part):
    """``key`` is what comes before the @ of the sign-in name."""

    key: str
    name: str
    role: Role
    school: str | None = None
    region_code: str | None = None


class Captions(_Part):
    path: str
    language: str


class File(_Part):
    """``path`` is below the content folder; ``name`` is what readers download it as."""

    path: str
    name: str
    title: str = ""
    captions: tuple[Captions, ...] = ()

    def paths(self) -> Iterator[str]:
        yield self.path
        yield from (c.path for c in self.captions)


class Tie(_Part):
    """A framework item; ``title`` is repeated so that a wrong code is noticed."""

    framework: str
    code: str
    title: str
    relation: Relation = Relation.TEACHES


class Step(_Part):
    """Something that happened to a resource; ``by`` is its author where nobody is named."""

    do: Literal["submit", "claim", "publish", "request_changes", "decline", "revise", "withdraw", "take_down"]
    by: str | None = None
    comment: str = ""
    checklist: dict[str, bool] = {}
    reason: str = ""
    fields: dict[str, Any] = {}
    files: tuple[File, ...] = ()


class DemoResource(_Part):
    """A resource, and what happened to it in order; ``state`` is where that ends."""

    key: str
    author: str
    state: str
    based_on: str | None = None
    fields: dict[str, Any]
    alignments: tuple[Tie, ...] = ()
    files: tuple[File, ...] = Field(min_length=1)
    steps: tuple[Step, ...] = ()
    uses: int = 0

    def all_files(self) -> Iterator[File]:
        """The files of every revision; one that stays may come twice."""
        yield from self.files
        for step in self.steps:
            yield from step.files

    @model_validator(mode="after")
    def _fields_hold(self) -> Self:
        for fields in (self.fields, *(step.fields for step in self.steps)):
            RevisionFields.model_validate(fields)
        return self


class Stars(_Part):
    resource: str
    by: str
    stars: int = Field(ge=1, le=5)
    comment: str


class Place(_Part):
    """A resource in a collection, with the note beside it."""

    resource: str
    note: str = ""


class DemoCollection(_Part):
    key: str
    owner: str
    title: str
    description: str
    is_public: bool
    items: tuple[Place, ...]


class Kept(_Part):
    by: str
    resource: str


class Report(_Part):
    """A problem somebody reported; closed when ``outcome`` is given."""

    resource: str
    by: str
    kind: str
    words: str
    outcome: str = ""
    closed_by: str | None = None


class Manifest(_Part):
    county: County
    password: str
    email_domain: str
    schools: tuple[DemoSchool, ...]
    people: tuple[Person, ...]
    resources: tuple[DemoResource, ...]
    ratings: tuple[Stars, ...]
    collections: tuple[DemoCollection, ...]
    favourites: tuple[Kept, ...]
    reports: tuple[Report, ...]

    def sign_in_name(self, person: str) -> str:
        return f"{person}@{self.email_domain}"

    @model_validator(mode="after")
    def _names_known(self) -> Self:
        people = {p.key for p in self.people}
        told: set[str] = set()
        for resource in self.resources:
            _known(people, resource.author, *(s.by for s in resource.steps))
            _known(told, resource.based_on)  # what it is based on stands before it
            told.add(resource.key)
        _known({s.code for s in self.schools}, *(p.school for p in self.people))
        _known(people, *(r.by for r in self.ratings), *(f.by for f in self.favourites))
        _known(people, *(r.by for r in self.reports), *(r.closed_by for r in self.reports))
        _known(people, *(c.owner for c in self.collections))
        _known(told, *(r.resource for r in self.ratings), *(r.resource for r in self.reports))
        _known(told, *(kept.resource for kept in self.favourites))
        _known(told, *(place.resource for c in self.collections for place in c.items))
        return self


def _known(names: set[str], *wanted: str | None) -> None:
    if missing := {name for name in wanted if name} - names:
        raise ValueError(f"nothing here is called {', '.join(sorted(missing))}")


@lru_cache(maxsize=1)
def read_manifest() -> Manifest:
    """The manifest that ships with this release."""
    return Manifest.model_validate_json((CONTENT / "manifest.json").read_bytes())
