"""An edition: which new versions follow from what is to be published, and what the registry holds afterwards. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from shared.publishing.registry import (
    NO_PROGRAMME,
    Document,
    RefusedError,
    Registry,
    Version,
    check_names,
    instant,
    newest,
)
from shared.rules.definition import Challenge, Definition, Programme, as_data
from shared.rules.reading import content, readable
from shared.rules.rulebook import fingerprint
from shared.rules.sources import Source


class ImmutableVersionError(RefusedError):
    """A published version was edited instead of a new one being written."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A definition to publish; `version` and `effective` are None where its file leaves them to the publication.

    source: where it is written; None of what comes from no file (a rollback, a proposal).
    """

    definition: Definition
    version: int | None = None
    effective: datetime | None = None
    repeats: int | None = None
    source: Source | None = field(default=None, compare=False)

    @property
    def id(self) -> str:
        """The definition's id."""
        return self.definition.id


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version as it joins the registry; `before` is the newest one until now."""

    id: str
    kind: str
    version: int
    effective: datetime
    body: dict[str, Any]
    hash: str
    repeats: int | None
    before: Version | None


@dataclass(frozen=True, slots=True)
class Signature:
    """Who publishes, why, when; who approved, where the programme asks for a second person."""

    author: str
    note: str
    published: datetime
    approved_by: str | None = None


def draft(definition: Definition, source: Source | None = None) -> Draft:
    """What a file says, knowing which of `version` and `effective` it says."""
    said = definition.model_fields_set
    return Draft(
        definition,
        definition.version if "version" in said else None,
        definition.effective if "effective" in said else None,
        source=source,
    )


def drafts_of(sources: Iterable[Source]) -> list[Draft]:
    """What files say, with the places of it."""
    return [draft(each.definition, each) for each in sources if each.definition is not None]


def as_the_files_say(drafts: Sequence[Draft], registry: Registry) -> list[NewVersion]:
    """The new versions when campaigns starts: the files say all themselves, and nothing is published by surprise.

    Raises ImmutableVersionError for files that contradict what is published, RefusedError for a new definition that
    does not say from when. What is in the files and equals any published version is known, also after a rollback.
    """

    def one(each: Draft) -> list[NewVersion]:
        document = _document(each, registry)
        if document is None or each.version is not None:
            return _numbered(each, document, None)
        if _published_as(each, document["versions"]):
            return []
        number = int(newest(document)["version"])
        raise ImmutableVersionError(
            f"{each.id}: version {number} is published and differs; publish it with `doublestar rules publish`, "
            f"or write `version: {number + 1}` and the time from which it is `effective`"
        )

    return _of_all(drafts, registry, one)


def new_versions(drafts: Sequence[Draft], registry: Registry, said: datetime | None) -> list[NewVersion]:
    """The new versions of a publication; `said` is from when those are effective that do not say it themselves.

    A draft that equals its newest version is none. Raises RefusedError.
    """

    def one(each: Draft) -> list[NewVersion]:
        document = _document(each, registry)
        if document is None or each.version is not None:
            return _numbered(each, document, said)
        if _unchanged(each, document):
            return []
        return [_new(each, int(newest(document)["version"]) + 1, said, newest(document))]

    return _of_all(drafts, registry, one)


def _of_all(drafts: Sequence[Draft], registry: Registry, one: Callable[[Draft], list[NewVersion]]) -> list[NewVersion]:
    """The new versions of all drafts. Raises what is wrong with any of them, all at once."""
    _check_programme(drafts, registry)
    found: list[NewVersion] = []
    refused: list[RefusedError] = []
    for each in drafts:
        try:
            found += one(each)
        except RefusedError as error:
            refused.append(type(error)(f"{_place(each)}{error}"))
    if refused:
        kind = ImmutableVersionError if any(isinstance(e, ImmutableVersionError) for e in refused) else RefusedError
        raise kind("\n".join(map(str, refused)))
    return found


def _place(each: Draft) -> str:
    """Where a draft is written, as faults have it."""
    if each.source is None:
        return ""
    mark = each.source.node.start_mark
    return f"{each.source.file}:{mark.line + 1}:{mark.column + 1}: "


def joined(registry: Registry, new: Sequence[NewVersion], signature: Signature) -> dict[str, Document]:
    """The documents that new versions change, by id, as they are to be stored."""
    return {each.id: _with(registry.get(each.id), each, signature) for each in new}


def rolled_back(document: Mapping[str, Any], to: int | None) -> Draft:
    """A draft that says once more what an earlier version said: `to`, or the one before the newest.

    Raises RefusedError where there is no such version, or this release cannot read it.
    """
    id_, last = document["_id"], int(newest(document)["version"])
    known = {int(each["version"]): each for each in document["versions"]}
    earlier = sorted(number for number in known if number < last)
    if not earlier:
        raise RefusedError(
            f"{id_} has one version only: there is nothing to go back to. To end it, write in its file "
            "`schedule: {until: 2027-01-31}` (the first local day on which it no longer runs; a day to come), and "
            "publish the file with --effective now"
        )
    target = earlier[-1] if to is None else to
    if target not in earlier:
        what = "is the newest" if target == last else "does not exist"
        raise RefusedError(f"{id_}: version {target} {what}; earlier ones: {', '.join(map(str, earlier))}")
    definition = readable(known[target]["body"])
    if definition is None:
        raise RefusedError(f"{id_}: this release cannot read version {target}; use the one that published it")
    return Draft(definition, repeats=target)


def _check_programme(drafts: Sequence[Draft], registry: Registry) -> None:
    check_names(each.id for each in drafts)
    kept = [id_ for id_, document in registry.items() if document["kind"] == "programme"]
    ours = [each.id for each in drafts if isinstance(each.definition, Programme)]
    other = [id_ for id_ in ours if kept and id_ not in kept]
    if other:
        raise RefusedError(
            f"these servers keep programme {kept[0]}, not {other[0]}: give {other[0]} its own DOUBLESTAR_NAMESPACE"
        )
    if not kept and len(ours) != 1:
        raise RefusedError(f"these files have {len(ours)} programmes: {', '.join(ours)}" if ours else NO_PROGRAMME)


def _document(each: Draft, registry: Registry) -> Document | None:
    document = registry.get(each.id)
    if document is not None and document["kind"] != each.definition.kind:
        raise ImmutableVersionError(f"{each.id} is a {document['kind']}; give the {each.definition.kind} another id")
    if document is not None and isinstance(each.definition, Challenge):
        _same_progress(each.definition, readable(newest(document)["body"]))
    return document


def _same_progress(challenge: Challenge, known: Definition | None) -> None:
    """What members have counted of a challenge is days, or a sum, of a period: in another unit it means nothing."""
    if not isinstance(known, Challenge):
        return
    for what in ("count", "period"):
        was, now = getattr(known.progress, what), getattr(challenge.progress, what)
        if was != now:
            raise ImmutableVersionError(
                f"{challenge.id}: its `progress.{what}` is {was}, and what members have is kept by that; give the "
                f"challenge with {now} another id, and end this one with `schedule: {{until: ...}}`"
            )


def _numbered(each: Draft, document: Document | None, said: datetime | None) -> list[NewVersion]:
    """Of a definition that is new, or whose file writes its version: that version, unless it is published."""
    number = each.version or 1
    if document is None:
        return [_new(each, number, said, None)]
    last = newest(document)
    known = next((version for version in document["versions"] if version["version"] == number), None)
    if known is not None:
        if not _published_as(each, [known]):
            raise ImmutableVersionError(
                f"{each.id}: version {number} is published and differs; write `version: {int(last['version']) + 1}` "
                "with the time from which it is `effective`"
            )
        return []
    if number < int(last["version"]):
        raise ImmutableVersionError(f"{each.id}: version {number} is older than {last['version']}, the newest")
    return [_new(each, number, said, last)]


def _published_as(each: Draft, versions: Sequence[Version]) -> bool:
    """Whether one of the versions says the same, and from the same time on where the draft says from when."""
    says = content(as_data(each.definition))
    return any(
        content(version["body"]) == says and (each.effective is None or instant(version) == each.effective)
        for version in versions
    )


def _unchanged(each: Draft, document: Document) -> bool:
    """Whether the newest version says the same.

    A file keeps the time it was written with, while a rollback or a publication gives its content another: it is a
    change only where no version with this content was ever effective from then.
    """
    same = content(newest(document)["body"]) == content(as_data(each.definition))
    return same and _published_as(each, document["versions"])


def _new(each: Draft, number: int, said: datetime | None, before: Version | None) -> NewVersion:
    effective = each.effective or said
    if effective is None:
        raise RefusedError(
            f"{each.id}: nothing says from when version {number} is in force: write `effective` in the file, or "
            "publish with `doublestar rules publish ... --effective TIME`"
        )
    numbered = each.definition.model_copy(update={"version": number, "effective": effective})
    body = as_data(numbered)
    return NewVersion(each.id, each.definition.kind, number, effective, body, fingerprint(body), each.repeats, before)


def _with(document: Document | None, new: NewVersion, signature: Signature) -> Document:
    version = {
        "version": new.version,
        "effective": new.effective.astimezone(UTC).isoformat(),
        "hash": new.hash,
        "body": new.body,
        "author": signature.author,
        "note": signature.note,
        "published": signature.published.astimezone(UTC).isoformat(),
    }
    if new.repeats is not None:
        version["repeats"] = new.repeats
    if signature.approved_by is not None:
        version["approved_by"] = signature.approved_by
    kept = document or {"_id": new.id, "kind": new.kind, "versions": []}
    return {**kept, "versions": [*kept["versions"], version]}
