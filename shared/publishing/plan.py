"""A publication, decided: new versions, whether they reach into the past, whether somebody else must approve. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.publishing.counting import uncounted
from shared.publishing.edition import Draft, NewVersion, as_the_files_say, new_versions
from shared.publishing.registry import (
    RefusedError,
    Registry,
    in_force,
    instant,
    latest,
    newest,
    number,
    programme_of,
    rulebook,
)
from shared.rules.checks.joining import Joining
from shared.rules.checks.joining import judged as judge
from shared.rules.definition import Definition, Programme
from shared.rules.faults import Fault
from shared.rules.reading import readable
from shared.rules.rulebook import Rulebook
from shared.rules.usable import uncompiled


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody wants to publish.

    effective: from when, for drafts that do not say it; None means the moment in which it is published.
    shown: the newest versions (by id) that its author saw: what came meanwhile is not overtaken unseen.
    """

    drafts: Sequence[Draft]
    effective: datetime | None
    author: str
    note: str
    retroactive: bool = False
    shown: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a publication comes to.

    past: those of the new versions that are effective before now; overtaken: (id, version) of published versions
    that were to come into force later and then never are, as a higher number is in force by then; replaced: those that
    are or were in force already, and whose time is decided by the new one from now on; warnings: what the
    checker says of the new versions beside what is published, and is no fault; uncounted: (id, line) of limits and
    budgets that begin to count.
    """

    new: list[NewVersion]
    past: list[NewVersion]
    overtaken: list[tuple[str, int]]
    needs_approval: bool
    warnings: list[Fault] = field(default_factory=list)
    replaced: list[tuple[str, int]] = field(default_factory=list)
    uncounted: list[tuple[str, str]] = field(default_factory=list)


def plan(request: Request, registry: Registry, now: datetime) -> Plan:
    """Decides a publication. Raises RefusedError or DefinitionError, with what to do instead."""
    new = new_versions(request.drafts, registry, request.effective or now)
    for each in new:
        last = number(registry, each.id)
        if request.shown.get(each.id, last) != last:
            raise RefusedError(f"{each.id}: version {last} was published meanwhile; see `doublestar rules diff` again")
    # Nothing was decided yet where nothing is published: a programme may begin in the past.
    past = [each for each in new if each.effective < now] if registry else []
    if past and not request.retroactive:
        raise RefusedError(_in_the_past(past, _zone(request, registry)))
    warnings = judged(request.drafts, new, registry)
    overtaken, replaced = _overtaken(new, registry, now)
    begin = [(each.id, line) for each in new for line in _uncounted(each, registry)]
    return Plan(new, past, overtaken, needs_approval(registry, now), warnings, replaced, begin)


def _uncounted(new: NewVersion, registry: Registry) -> list[str]:
    definition = readable(new.body)
    return [] if definition is None else uncounted(definition, registry.get(new.id, {"versions": []})["versions"])


def plan_start(drafts: Sequence[Draft], registry: Registry) -> Plan:
    """What a programme's files publish when campaigns starts. Raises RefusedError or DefinitionError."""
    new = as_the_files_say(drafts, registry)
    overtaken, _ = _overtaken(new, registry)
    return Plan(new, [], overtaken, False, judged(drafts, new, registry))


def needs_approval(registry: Registry, now: datetime) -> bool:
    """Whether the programme asks for a second person: the version in force, or the newest, which may come later.

    Turning it off needs approval, as the version that asks for it is in force until then.
    """
    document = programme_of(registry)
    if document is None:
        return False
    asking = [newest(document), in_force(document, now)]
    return any(version is not None and version["body"].get("approvals", 0) > 0 for version in asking)


def judged(drafts: Sequence[Draft], new: Sequence[NewVersion], registry: Registry) -> list[Fault]:
    """Warnings of new versions beside what is published. Raises DefinitionError where they do not fit.

    Every publication comes through here, whatever its way: by command, as a proposal, from campaigns' files.
    """
    by_id = {each.id: each for each in drafts}
    joining = [_joining(by_id[each.id], each) for each in new]
    warnings = judge(joining, latest(registry))
    _refuse_unusable([each.definition for each in joining], registry)
    return warnings


def _refuse_unusable(new: Sequence[Definition], registry: Registry) -> None:
    """The checker looks at the newest versions; others decide until those are effective. Raises RefusedError.

    What is left out already, as it was published otherwise, keeps nobody from publishing what mends it.
    """
    for each in new:
        if (why := uncompiled(each)) is not None:
            raise RefusedError(f"{each.id} cannot be compiled, which is a fault of Doublestar: {why}")
    before = rulebook(registry.values())
    known = {each.name for each in before.left_out}
    for wrong in Rulebook([*before.versions, *new]).left_out:
        if wrong.name not in known:
            since = wrong.definition.effective.isoformat(" ")
            raise RefusedError(
                f"{wrong.name} could not be used from {since} on: {wrong.why}; take one of them out, or let what "
                "ends the circle be effective no later"
            )


def _joining(draft: Draft, new: NewVersion) -> Joining:
    said = {"version": new.version, "effective": new.effective}
    return Joining(draft.definition.model_copy(update=said), draft.source)


def _zone(request: Request, registry: Registry) -> ZoneInfo:
    """The programme's, in which people say times."""
    document = programme_of(registry)
    ours = next((each.definition for each in request.drafts if isinstance(each.definition, Programme)), None)
    name = ours.time_zone if ours is not None else newest(document)["body"]["time_zone"] if document else "UTC"
    return ZoneInfo(name)


def _in_the_past(past: Sequence[NewVersion], zone: ZoneInfo) -> str:
    lines = [
        f"{each.id}: version {each.version} would be effective {each.effective.astimezone(zone).isoformat(' ')}"
        for each in past
    ]
    return "\n".join(
        [
            *lines,
            "that is past: events of that time are decided and posted already. Give a later --effective (and take "
            "`effective` out of the file where it says it), or --retroactive, which first shows what it would change",
        ]
    )


def _overtaken(
    new: Sequence[NewVersion], registry: Registry, now: datetime | None = None
) -> tuple[list[tuple[str, int]], list[tuple[str, int]]]:
    """Versions whose time the new ones take, from the same instant on or an earlier one: those that are to come, and
    those that came before now."""
    coming: list[tuple[str, int]] = []
    came: list[tuple[str, int]] = []
    for each in new:
        document = registry.get(each.id, {"versions": []})
        for version in document["versions"]:
            later = instant(version)
            chosen = in_force(document, later)
            if later >= each.effective and chosen is not None and chosen["version"] == version["version"]:
                (came if now is not None and later <= now else coming).append((each.id, int(version["version"])))
    return coming, came
