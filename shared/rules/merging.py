"""What rules ask of a member who is merged into another: what is known, counted and used goes over. Pure.

Of history nothing is added up: it is counted anew, from the entries of both, when the member is next seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any

from shared.rules.member import TIER, house

Document = dict[str, Any]
Uses = dict[str, dict[str, int]]


def lend(duplicate: Document, survivor: Document) -> dict[str, Any]:
    """Gives the survivor what rules ask about; returns what was given, so that `take_back` can undo it."""
    tags = [each for each in duplicate.get("tags", ()) if each not in survivor.get("tags", ())]
    lent: dict[str, Any] = {
        "lifetime": dict(duplicate.get("lifetime", {})),
        "uses": {key: dict(buckets) for key, buckets in duplicate.get("uses", {}).items()},
        "tags": tags,
        "referrals": duplicate.get("referrals", 0),
        "known": _learnt(duplicate, survivor),
        "joined": survivor["joined"],
    }
    _count(survivor, lent, 1)
    if tags:
        survivor["tags"] = [*survivor.get("tags", ()), *tags]
    survivor["joined"] = min(filter(None, (survivor["joined"], duplicate["joined"])), default=None)
    survivor.pop("history", None)
    house(survivor)
    return lent


def take_back(survivor: Document, lent: Mapping[str, Any]) -> None:
    """The survivor is as if it had not been lent; what has become of them since stays."""
    _count(survivor, lent, -1)
    if lent["tags"]:
        survivor["tags"] = [each for each in survivor.get("tags", ()) if each not in lent["tags"]]
    for name, (stamp, before) in lent["known"].items():
        if survivor["known"].get(name, [])[:2] == stamp:
            if before is None:
                del survivor["known"][name]
            else:
                survivor["known"][name] = before
    survivor["joined"] = lent["joined"]
    survivor.pop("history", None)
    house(survivor)


def returned(duplicate: Document, before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """A purchase of the duplicate's own has come back: what that took from the survivor's counts is neither lent any
    more, nor the duplicate's once they are apart."""
    for mine in (duplicate, duplicate["lent"]):
        _lower(mine.get("lifetime", {}), before.get("lifetime", {}), after.get("lifetime", {}))
        for key, buckets in mine.get("uses", {}).items():
            _lower(buckets, before.get("uses", {}).get(key, {}), after.get("uses", {}).get(key, {}))


def brought_nobody(duplicate: Document) -> None:
    """A reward for somebody whom the duplicate had brought has gone back: one less is lent, and theirs."""
    for mine in (duplicate, duplicate["lent"]):
        mine["referrals"] = max(0, mine.get("referrals", 0) - 1)


def _lower(lent: MutableMapping[str, int], before: Mapping[str, int], after: Mapping[str, int]) -> None:
    for name, number in lent.items():
        lent[name] = number - min(number, max(0, before.get(name, 0) - after.get(name, 0)))


def _learnt(duplicate: Document, survivor: Document) -> dict[str, Any]:
    """The latest word by event time counts, whichever of the two said it. Returns what was there before."""
    before: dict[str, Any] = {}
    for name, said in duplicate.get("known", {}).items():
        held = survivor["known"].get(name)
        # What is known of tiers, tiers says of the survivor.
        if not name.startswith(TIER) and (held is None or held[:2] < said[:2]):
            before[name] = [said[:2], held]
            survivor["known"][name] = said
    return before


def _count(survivor: Document, lent: Mapping[str, Any], sign: int) -> None:
    add(survivor.setdefault("lifetime", {}), lent["lifetime"], sign)
    add_uses(survivor, lent["uses"], sign)
    if lent["referrals"]:
        survivor["referrals"] = survivor.get("referrals", 0) + sign * lent["referrals"]


def add(counts: MutableMapping[str, int], more: Mapping[str, int], sign: int = 1) -> None:
    """Adds numbers by name; with -1 takes them away."""
    for name, number in more.items():
        counts[name] = counts.get(name, 0) + sign * number


def add_uses(document: Document, more: Mapping[str, Mapping[str, int]], sign: int = 1) -> None:
    """Uses of limits, by limit and period: what two used, the one has used."""
    if more:
        uses: dict[str, dict[str, int]] = document.setdefault("uses", {})
        for key, buckets in more.items():
            add(uses.setdefault(key, {}), buckets, sign)


@contextmanager
def charged(way: Sequence[Document]) -> Iterator[None]:
    """What meanwhile becomes less (or more) of the uses of the last of these is the others', too."""
    before = {key: dict(buckets) for key, buckets in way[-1].get("uses", {}).items()} if len(way) > 1 else {}
    yield
    for each in way[:-1]:
        _shift(each.setdefault("uses", {}), before, way[-1].get("uses", {}))


def _shift(uses: Uses, before: Uses, after: Uses) -> None:
    for key in before.keys() | after.keys():
        was, now = before.get(key, {}), after.get(key, {})
        for bucket in was.keys() | now.keys():
            more = now.get(bucket, 0) - was.get(bucket, 0)
            if more:
                mine = uses.setdefault(key, {})
                mine[bucket] = max(0, mine.get(bucket, 0) + more)
