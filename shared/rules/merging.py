"""What rules ask of a member who is merged into another: what is known, counted and used goes over. Pure.

Whose is what of what is known, `merging_words` keeps. Of history nothing is added up: it is counted anew, from the
entries of both, when the member is next seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from contextlib import contextmanager
from typing import Any

from shared.rules import merging_words

Document = dict[str, Any]
Uses = dict[str, dict[str, int]]


def lend(duplicate: Document, survivor: Document) -> dict[str, Any]:
    """Gives the survivor what rules ask about; returns what was counted, so that `take_back` can undo it."""
    lent: dict[str, Any] = {
        "lifetime": dict(duplicate.get("lifetime", {})),
        "uses": {key: dict(buckets) for key, buckets in duplicate.get("uses", {}).items()},
        "referrals": duplicate.get("referrals", 0),
    }
    _count(survivor, lent, 1)
    merging_words.lend(duplicate, survivor)
    survivor.pop("history", None)
    return lent


def take_back(duplicate: Document, survivor: Document, lent: Mapping[str, Any]) -> None:
    """The survivor is as if it had not been lent; what has become of them since stays."""
    _count(survivor, lent, -1)
    merging_words.take_back(duplicate, survivor, lent)
    survivor.pop("history", None)


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
