"""What is published, what differs and what would change, as lines for people and as data for programs. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from shared.ops.telling import columns
from shared.publishing.difference import Difference, FieldChange, field_changes
from shared.publishing.edition import NewVersion
from shared.publishing.plan import Plan
from shared.publishing.proposals import standing
from shared.publishing.registry import Document, Registry
from shared.rules.reading import content

_HASH_SHOWN = 10


def tell_difference(found: Difference) -> list[str]:
    """What is added, what differs field by field, how many do not, what only the registry has."""
    lines = [f"+ {id_} ({kind}) is not published yet" for id_, kind in found.added]
    for each in found.changed:
        lines.append(f"~ {each.id} ({each.kind}) differs from version {each.version}")
        lines += [f"    {_field(change)}" for change in each.fields]
        lines += [f"    {line}" for line in each.uncounted]
    lines += [f"- {id_} is published and in none of these files: it stays in force" for id_ in found.only_published]
    return [*lines, f"{found.unchanged:,} unchanged"]


def difference_data(found: Difference) -> Document:
    """The same for programs."""
    return {
        "added": [{"id": id_, "kind": kind} for id_, kind in found.added],
        "changed": [
            {
                "id": each.id,
                "kind": each.kind,
                "version": each.version,
                "fields": [_field_data(one) for one in each.fields],
                "uncounted": each.uncounted,
            }
            for each in found.changed
        ],
        "unchanged": found.unchanged,
        "only_published": found.only_published,
    }


def tell_plan(plan: Plan, zone: ZoneInfo) -> list[str]:
    """What the checker warns of, the new versions with what they say otherwise, the scheduled ones they overtake."""
    lines = [str(each) for each in plan.warnings]
    for each in plan.new:
        again = f", as version {each.repeats} said" if each.repeats is not None else ""
        lines.append(f"{each.id} ({each.kind}): version {each.version}{again}, effective {local(each.effective, zone)}")
        lines += [f"    {_field(change)}" for change in _changes(each)]
        lines += [f"    {line}" for id_, line in plan.uncounted if id_ == each.id]
        lines += [
            f"    version {number}, which was to come later, never does" for number in _of(each.id, plan.overtaken)
        ]
        lines += [
            f"    version {number} was in force: its time is decided by version {each.version} from now on"
            for number in _of(each.id, plan.replaced)
        ]
    return lines


def _of(id_: str, versions: Iterable[tuple[str, int]]) -> list[int]:
    return [number for name, number in versions if name == id_]


def history(registry: Registry, id_: str | None = None) -> list[Document]:
    """Every version (of one definition), the newest publication first, without the bodies."""
    rows = [
        {"id": document["_id"], "kind": document["kind"]} | {k: v for k, v in version.items() if k != "body"}
        for document in registry.values()
        if id_ is None or document["_id"] == id_
        for version in document["versions"]
    ]
    return sorted(rows, key=lambda row: (str(row.get("published", "")), row["id"], row["version"]), reverse=True)


def tell_history(rows: Iterable[Mapping[str, Any]], zone: ZoneInfo) -> list[str]:
    """The versions as a table, times in the programme's zone."""
    table = [("id", "version", "effective", "published", "author", "hash", "note")]
    for row in rows:
        published = local(datetime.fromisoformat(row["published"]), zone) if row.get("published") else "-"
        author = row.get("author") or "-"
        if row.get("approved_by"):
            author += f", approved by {row['approved_by']}"
        note = row.get("note") or "-"
        if row.get("repeats"):
            note += f" (repeats version {row['repeats']})"
        effective = local(datetime.fromisoformat(row["effective"]), zone)
        hash_ = str(row["hash"])[:_HASH_SHOWN]
        table.append((row["id"], str(row["version"]), effective, published, author, hash_, note))
    return columns(table)


def proposal_data(proposal: Mapping[str, Any], registry: Registry) -> Document:
    """A proposal for programs: its content, and what it is worth now."""
    return {"id": proposal["_id"], "standing": standing(proposal, registry)} | {
        name: value for name, value in proposal.items() if name not in ("_id", "status")
    }


def tell_proposals(rows: Sequence[Mapping[str, Any]], zone: ZoneInfo) -> list[str]:
    """Proposals as a table."""
    if not rows:
        return ["no proposal waits"]
    table = [("proposal", "standing", "author", "proposed", "effective", "definitions", "note")]
    for row in rows:
        said = row["effective"]
        effective = "when approved" if said is None else local(datetime.fromisoformat(said), zone)
        created = local(datetime.fromisoformat(row["created"]), zone)
        ids = ", ".join(row["base"])
        table.append((row["id"], row["standing"], row["author"], created, effective, ids, row["note"]))
    return columns(table)


def _changes(new: NewVersion) -> list[FieldChange]:
    return [] if new.before is None else field_changes(content(new.before["body"]), content(new.body))


def _field_data(change: FieldChange) -> Document:
    said: Document = {"field": change.field, "old": change.old, "new": change.new}
    return said if change.part is None else {**said, "part": change.part}


def _field(change: FieldChange) -> str:
    if change.part == "left out":
        return f"{change.field}: left out; it was {_value(change.old)}"
    if change.part == "added":
        return f"{change.field}: added, {_value(change.new)}"
    if change.part == "order":
        return f"{change.field}: in another order, {', '.join(change.old)} → {', '.join(change.new)}"
    return f"{change.field}: {_value(change.old)} → {_value(change.new)}"


def _value(value: Any) -> str:
    return "not written" if value is None else json.dumps(value, ensure_ascii=False)


def local(moment: datetime, zone: ZoneInfo) -> str:
    """A time in a zone, to the minute."""
    return moment.astimezone(zone).isoformat(sep=" ", timespec="minutes")
