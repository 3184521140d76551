"""What the database itself refuses: wrong steps of a revision, changed history, publication by nobody.

The conditions are written once, in SQL both databases understand; each becomes a trigger. ``install_constraints``
replaces what is there, so a migration that rebuilt a table (SQLite drops its triggers) just calls it again.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, Table

from tongke.audit.models import AuditEvent
from tongke.db import metadata
from tongke.resources.models import RevisionState, Standing

TRANSITIONS = frozenset(
    {
        (RevisionState.DRAFT, RevisionState.SUBMITTED),
        (RevisionState.DRAFT, RevisionState.PUBLISHED),  # an approved import
        (RevisionState.SUBMITTED, RevisionState.IN_REVIEW),
        (RevisionState.IN_REVIEW, RevisionState.SUBMITTED),
        (RevisionState.IN_REVIEW, RevisionState.CHANGES_REQUESTED),
        (RevisionState.IN_REVIEW, RevisionState.DECLINED),
        (RevisionState.IN_REVIEW, RevisionState.PUBLISHED),
        (RevisionState.PUBLISHED, RevisionState.SUPERSEDED),
    }
)
STANDING_TRANSITIONS = frozenset(
    {
        (Standing.ACTIVE, Standing.WITHDRAWN),
        (Standing.ACTIVE, Standing.TAKEN_DOWN),
        (Standing.ACTIVE, Standing.DELETED),
        (Standing.WITHDRAWN, Standing.ACTIVE),
        (Standing.WITHDRAWN, Standing.TAKEN_DOWN),
        (Standing.WITHDRAWN, Standing.DELETED),
        (Standing.TAKEN_DOWN, Standing.ACTIVE),
        (Standing.TAKEN_DOWN, Standing.DELETED),
    }
)
_MOVES = frozenset({"state", "published_at"})
"""The only columns of a revision that change once it is no draft."""


@dataclass(frozen=True, slots=True)
class Rule:
    """Refuse ``event`` on ``table`` when ``wrong`` holds (``OLD`` and ``NEW`` are the row before and after)."""

    name: str
    table: str
    event: str
    wrong: str


def rules() -> list[Rule]:
    """Every rule, from the tables as they are now."""
    return [*_revision_rules(), *_frozen_parts(), *_pointer_rules(), *_review_rules(), *_history_rules()]


def install_constraints(connection: Connection) -> None:
    """Create every trigger, replacing older ones of the same name."""
    for rule in rules():
        for statement in _drop(rule, connection.dialect.name) + _create(rule, connection.dialect.name):
            connection.exec_driver_sql(statement)


def remove_constraints(connection: Connection) -> None:
    """Drop every trigger: for a restore, which puts rows in place in whatever state they were."""
    for rule in rules():
        for statement in _drop(rule, connection.dialect.name):
            connection.exec_driver_sql(statement)


def _revision_rules() -> list[Rule]:
    frozen = [c.name for c in _table("revision").columns if c.name not in _MOVES]
    decided = "SELECT 1 FROM review v WHERE v.revision_id = NEW.id AND v.reviewer_id <> NEW.author_id AND v.decision ="
    verdicts = {"published": "publish", "changes_requested": "request_changes", "declined": "decline"}
    return [
        Rule("revision_starts_as_draft", "revision", "INSERT", "NEW.state <> 'draft'"),
        Rule("revision_moves", "revision", "UPDATE", _other_than("state", TRANSITIONS)),
        Rule("revision_is_frozen", "revision", "UPDATE", f"OLD.state <> 'draft' AND ({_changed(frozen)})"),
        Rule("revision_stays", "revision", "DELETE", "OLD.state <> 'draft'"),
        Rule(
            "revision_published_once",
            "revision",
            "UPDATE",
            "NEW.published_at IS DISTINCT FROM OLD.published_at AND NOT (OLD.state <> NEW.state"
            " AND NEW.state = 'published')",
        ),
        Rule(
            "revision_import_approved",
            "revision",
            "UPDATE",
            "OLD.state = 'draft' AND NEW.state = 'published' AND NEW.import_approved_by IS NULL",
        ),
        Rule(
            "revision_review_claimed",
            "revision",
            "UPDATE",
            "OLD.state = 'submitted' AND NEW.state = 'in_review' AND NOT EXISTS (SELECT 1 FROM review v"
            " WHERE v.revision_id = NEW.id AND v.reviewer_id IS NOT NULL)",
        ),
        *(
            Rule(
                f"revision_decided_{state}",
                "revision",
                "UPDATE",
                f"OLD.state = 'in_review' AND NEW.state = '{state}' AND NOT EXISTS ({decided} '{verdict}')",
            )
            for state, verdict in verdicts.items()
        ),
        Rule(
            "revision_pointed_at_stays_published",
            "revision",
            "UPDATE",
            "OLD.state = 'published' AND NEW.state <> 'published' AND EXISTS (SELECT 1 FROM learning_resource r"
            " WHERE r.id = NEW.resource_id AND r.published_revision_id = NEW.id)",
        ),
    ]


def _frozen_parts() -> list[Rule]:
    found = []
    for table in ("alignment", "revision_file"):
        frozen = "(SELECT r.state FROM revision r WHERE r.id = {row}.revision_id) <> 'draft'"
        for event, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
            found.append(Rule(f"{table}_frozen_{event.lower()}", table, event, frozen.format(row=row)))
        found.append(Rule(f"{table}_keeps_revision", table, "UPDATE", _changed(["revision_id"])))
    return found


def _pointer_rules() -> list[Rule]:
    names_none = (
        "NEW.published_revision_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM revision r"
        " WHERE r.id = NEW.published_revision_id AND r.resource_id = NEW.id AND r.state = 'published')"
    )
    return [
        Rule("resource_points_at_published", "learning_resource", "UPDATE", names_none),
        Rule("resource_starts_unpublished", "learning_resource", "INSERT", names_none),
        Rule("resource_standing", "learning_resource", "UPDATE", _other_than("standing", STANDING_TRANSITIONS)),
        Rule("resource_identity", "learning_resource", "UPDATE", _changed(["id", "short_code"])),
    ]


def _review_rules() -> list[Rule]:
    authors = (
        "NEW.author_id <> (SELECT r.author_id FROM revision r WHERE r.id = NEW.revision_id)"
        " OR NEW.reviewer_id = (SELECT o.owner_id FROM learning_resource o JOIN revision r ON r.resource_id = o.id"
        " WHERE r.id = NEW.revision_id)"
    )
    return [
        Rule("review_not_by_owner_insert", "review", "INSERT", authors),
        Rule("review_not_by_owner_update", "review", "UPDATE", authors),
        Rule("review_decided_once", "review", "UPDATE", "OLD.decision IS NOT NULL"),
        Rule("review_stays", "review", "DELETE", "OLD.decision IS NOT NULL"),
        Rule("review_of_one_revision", "review", "UPDATE", _changed(["id", "revision_id", "author_id"])),
    ]


def _history_rules() -> list[Rule]:
    audit = str(AuditEvent.__tablename__)
    return [
        Rule("audit_event_unchanged", audit, "UPDATE", "1 = 1"),
        Rule("audit_event_kept", audit, "DELETE", "1 = 1"),
    ]


def _other_than(
    column: str, allowed: frozenset[tuple[RevisionState, RevisionState]] | frozenset[tuple[Standing, Standing]]
) -> str:
    steps = " OR ".join(f"(OLD.{column} = '{a}' AND NEW.{column} = '{b}')" for a, b in sorted(allowed))
    return f"OLD.{column} <> NEW.{column} AND NOT ({steps})"


def _changed(columns: list[str]) -> str:
    return " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in columns)


def _table(name: str) -> Table:
    return metadata.tables[name]


def _name(rule: Rule) -> str:
    return f"tongke_{rule.name}"


def _drop(rule: Rule, dialect: str) -> list[str]:
    if dialect == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {_name(rule)}"]
    return [
        f'DROP TRIGGER IF EXISTS {_name(rule)} ON "{rule.table}"',
        f"DROP FUNCTION IF EXISTS {_name(rule)}()",
    ]


def _create(rule: Rule, dialect: str) -> list[str]:
    name, table = _name(rule), f'"{rule.table}"'
    if dialect == "sqlite":
        refuse = f"SELECT RAISE(ABORT, 'tongke: {rule.name}')"
        return [f"CREATE TRIGGER {name} BEFORE {rule.event} ON {table} WHEN {rule.wrong} BEGIN {refuse}; END"]
    row = "OLD" if rule.event == "DELETE" else "NEW"
    refuse = f"RAISE EXCEPTION 'tongke: {rule.name}' USING ERRCODE = 'check_violation'"
    body = f"BEGIN IF {rule.wrong} THEN {refuse}; END IF; RETURN {row}; END"
    return [
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $tongke$ {body} $tongke$",
        f"CREATE TRIGGER {name} BEFORE {rule.event} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]
