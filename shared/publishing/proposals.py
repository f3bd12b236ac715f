"""Two people: a publication that waits for somebody else's approval, and what may become of it. Pure.

A proposal's content never changes: what is approved is exactly what was proposed, and its hash is checked. Who an
author is, is what the command line was told; names are compared without case and outer spaces.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final, Literal

from shared.access.persons import same_person
from shared.publishing.edition import Draft
from shared.publishing.plan import Plan, Request, plan
from shared.publishing.registry import Document, RefusedError, Registry, number
from shared.rules.definition import DEFINITION, as_data
from shared.rules.rulebook import fingerprint

OPEN: Final = "open"
PUBLISHED: Final = "published"
Standing = Literal["open", "published", "stale"]
_CONTENT: Final = ("author", "note", "created", "retroactive", "effective", "base", "drafts")


def proposed(request: Request, planned: Plan, now: datetime) -> Document:
    """The document of a proposal; its id is made of its content."""
    content: Document = {
        "author": request.author,
        "note": request.note,
        "created": now.astimezone(UTC).isoformat(),
        "retroactive": request.retroactive,
        "effective": None if request.effective is None else request.effective.astimezone(UTC).isoformat(),
        "base": {each.id: 0 if each.before is None else int(each.before["version"]) for each in planned.new},
        "drafts": [_draft_data(each) for each in request.drafts if each.id in {new.id for new in planned.new}],
    }
    hash_ = fingerprint(content)
    return {"_id": f"p-{hash_[:8]}", "status": OPEN, "hash": hash_, **content}


def standing(proposal: Mapping[str, Any], registry: Registry) -> Standing:
    """What a proposal is worth now: stale when another publication changed what it is about."""
    if proposal["status"] == PUBLISHED:
        return "published"
    return "stale" if _moved(proposal, registry) else "open"


def approved(proposal: Mapping[str, Any], registry: Registry, approver: str) -> Request:
    """The request that an approval carries out. Raises RefusedError where this person may not, or it is too late."""
    id_ = proposal["_id"]
    if proposal["status"] == PUBLISHED:
        raise RefusedError(
            f"{id_} was approved by {proposal['approved_by']} and published at {proposal['approved_at']}"
        )
    if same_person(approver, proposal["author"]):
        raise RefusedError(
            f"{id_} is {proposal['author']}'s own: the programme asks that somebody else than its author approves"
        )
    if fingerprint({name: proposal[name] for name in _CONTENT}) != proposal["hash"]:
        raise RefusedError(f"{id_} is not what was proposed: it was changed in the database; propose it anew")
    moved = _moved(proposal, registry)
    if moved:
        raise RefusedError(f"{id_} is stale: {', '.join(moved)} since; look at it again and propose it anew")
    effective = proposal["effective"]
    return Request(
        drafts=[_draft(each) for each in proposal["drafts"]],
        effective=None if effective is None else datetime.fromisoformat(effective),
        author=proposal["author"],
        note=proposal["note"],
        retroactive=proposal["retroactive"],
        shown=proposal["base"],
    )


def planned_of(proposal: Mapping[str, Any], request: Request, registry: Registry, now: datetime) -> Plan:
    """The plan of an approval. Raises RefusedError where its time has passed while it waited."""
    try:
        return plan(request, registry, now)
    except RefusedError as error:
        raise RefusedError(
            f"{proposal['_id']} can no longer be published as it is: {error}\npropose it anew"
        ) from error


def closed(proposal: Mapping[str, Any], approver: str, now: datetime) -> Document:
    """The proposal's document once it is published."""
    return {**proposal, "status": PUBLISHED, "approved_by": approver, "approved_at": now.astimezone(UTC).isoformat()}


def _moved(proposal: Mapping[str, Any], registry: Registry) -> list[str]:
    now = {id_: number(registry, id_) for id_ in proposal["base"]}
    return [f"version {now[id_]} of {id_} was published" for id_, was in proposal["base"].items() if now[id_] != was]


def _draft_data(each: Draft) -> Document:
    data: Document = {"body": as_data(each.definition)}
    if each.version is not None:
        data["version"] = each.version
    if each.effective is not None:
        data["effective"] = each.effective.astimezone(UTC).isoformat()
    if each.repeats is not None:
        data["repeats"] = each.repeats
    return data


def _draft(data: Mapping[str, Any]) -> Draft:
    effective = data.get("effective")
    return Draft(
        DEFINITION.validate_python(data["body"]),
        data.get("version"),
        None if effective is None else datetime.fromisoformat(effective),
        data.get("repeats"),
    )
