"""Who was merged into whom, as journal entries say it; and what all who are one have bought and given back. Pure.

Whatever comes back while a member is merged is an entry of the survivor's, whoever bought it. What is left of a
purchase is therefore asked of all whom merges have ever made one with its buyer, not of the buyer's journal alone.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson

from shared.ledger.returned import RETURN_OF, in_order

BETWEEN: Final = " :"
"""What stands between a command's key and whose entry it is: a blank; earlier releases wrote a colon."""
Entry = Mapping[str, Any]
Journals = Mapping[str, Sequence[Entry]]
"""Of each member, all their entries."""
Journal = Callable[[str], Iterable[Entry]]
"""A member's entries; none of one who is not known."""


class Family(NamedTuple):
    """Entries of a member and of those who were one with them; and those that took something back of any of these,
    whosever they are."""

    entries: Sequence[Entry]
    returns: Sequence[Entry]


def duplicate_of(entry: Entry) -> str | None:
    """Of a survivor's entry of a merge, or of its undoing, whom it is about; None of any other entry."""
    return _said(entry, "duplicate")


def survivor_of(entry: Entry) -> str | None:
    """Of a duplicate's entry of a merge, or of its undoing, with whom; None of any other entry."""
    return _said(entry, "survivor")


def _said(entry: Entry, name: str) -> str | None:
    if entry["kind"] not in ("merge", "unmerge") or entry["event"] is None:
        return None
    found: str | None = orjson.loads(bytes(entry["event"])).get(name)
    return found


def second_key(key: str, member: str) -> str:
    """The key of another member's entry of a command. With a blank, which no Idempotency-Key has: else somebody could
    have used it, the command could never be committed, and all that came after it would wait for ever."""
    return f"{key}{BETWEEN[0]}{member}"


def other_side(entry: Entry, other: str, journal: Iterable[Entry]) -> Entry | None:
    """The entry that the other has, in their journal, of the same merge or undoing: the duplicate's has the command's
    key."""
    key, mine = entry["_id"], entry["member"]
    wanted = {found for by in BETWEEN for found in (key.removesuffix(f"{by}{mine}"), f"{key}{by}{other}")}
    return next((each for each in journal if each["_id"] in wanted), None)


def merged_by(journal: Iterable[Entry], seq: int | None = None) -> list[str]:
    """Who had been merged into a member before their entry of that number (None: by now), and was so still."""
    return list(_merges(journal, seq))


def _merges(journal: Iterable[Entry], seq: int | None) -> dict[str, Entry]:
    """The same, with the survivor's entry of each merge."""
    found: dict[str, Entry] = {}
    for each in in_order(journal):
        if (seq is None or each["seq"] < seq) and (other := duplicate_of(each)) is not None:
            found.pop(other, None)
            if each["kind"] == "merge":
                found[other] = each
    return found


async def with_kin(journals: Journals, read: Callable[[list[str]], Awaitable[Iterable[Entry]]]) -> Journals:
    """These journals, and those of everybody whom merges have ever made one with these members; no round trip where
    there was no merge. read: the entries of some members, with their bytes."""
    known = dict(journals)
    asked = [entry for each in journals.values() for entry in each]
    while missing := sorted(
        {each for entry in asked for each in (duplicate_of(entry), survivor_of(entry)) if each} - known.keys()
    ):
        found: dict[str, list[Entry]] = {each: [] for each in missing}
        for entry in await read(missing):
            found[entry["member"]].append(entry)
        known |= found
        asked = [entry for each in found.values() for entry in each]
    return known


def family(member: str, journal: Journal, seq: int | None = None) -> Family:
    """What all who were a member before their entry of that number (None: who are they by now) had posted by then, and
    what had come back of it. journal: also of their kin, see `with_kin`."""
    ends = _one_with(member, journal, seq)
    entries = [each for id_, end in ends.items() for each in _until(journal(id_), end)]
    known = _known(ends, journal)
    returns = [each for id_, end in known.items() for each in _until(journal(id_), end) if RETURN_OF in each]
    return Family(entries, returns)


def _until(journal: Iterable[Entry], end: int | None) -> Iterable[Entry]:
    return (each for each in journal if each["seq"] is not None and (end is None or each["seq"] < end))


def _one_with(member: str, journal: Journal, seq: int | None) -> dict[str, int | None]:
    """Whose entries are the member's, and up to which number: a duplicate's up to their merge."""
    found: dict[str, int | None] = {member: seq}
    for other, entry in _merges(journal(member), seq).items():
        theirs = other_side(entry, other, journal(other))
        if theirs is not None:
            found |= _one_with(other, journal, theirs["seq"])
    return found


def _known(ends: Mapping[str, int | None], journal: Journal) -> dict[str, int | None]:
    """Up to which number entries had been posted by then, of everybody: a merge, or its undoing, has an entry in both
    journals, so that what is before the one is before whatever follows the other."""
    found, ahead = dict(ends), list(ends)
    while ahead:
        id_ = ahead.pop()
        for entry in _until(journal(id_), found[id_]):
            other = duplicate_of(entry) or survivor_of(entry)
            theirs = None if other is None else other_side(entry, other, journal(other))
            if other is not None and theirs is not None and _later(theirs["seq"], found.get(other, 0)):
                found[other] = theirs["seq"]
                ahead.append(other)
    return found


def _later(one: int, other: int | None) -> bool:
    return other is not None and one > other
