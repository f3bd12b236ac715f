"""Who else is called as a person is: what others are known by is no word that could be looked for everywhere.

A card may have the digits of somebody's phone, or be somebody's number at a partner; with a hyphen more it is another
card. Such a word is the person's only where the very name stands, and in what is about them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any, Final, NamedTuple

from pymongo.asynchronous.database import AsyncDatabase

from shared.ops import spellings
from shared.ops.databases import IDENTITIES
from shared.ops.spellings import folded

_REFERENCE: Final = "ref:"


class Alike(NamedTuple):
    """words: of the person's, by which other members are known, too, as any kind of name and however it is spelt; keys:
    of the person's names, as identities' keys, those that are somebody else's by now; longer: names of other members
    that have a word of the person's in them; strangers: words by which something waits for somebody who has not signed
    up: perhaps the person, whom a partner calls by their address."""

    words: frozenset[str] = frozenset()
    keys: frozenset[str] = frozenset()
    longer: frozenset[str] = frozenset()
    strangers: frozenset[str] = frozenset()


class Comparing:
    """Compares a person's names with those of others, one by one. words: as `Terms.of_identifiers` has them; keys: as
    identities' keys; freed: whether these may be somebody else's by now. Before, a name of theirs that is nobody's (an
    event of theirs told it, and no signup) is theirs."""

    def __init__(self, words: Iterable[str], keys: Collection[str], *, freed: bool = False) -> None:
        self._keys, self._freed = frozenset(keys), freed
        known = {each.strip() for each in words}
        self._whole = {folded(each): each for each in known if each.startswith(_REFERENCE)}
        forms = {each: spellings.identifier(each) for each in known if not each.startswith(_REFERENCE)}
        self._spelt = {each: re.compile("|".join(sorted(some))) for each, some in forms.items()}
        self._any = re.compile(spellings.any_of({form for some in forms.values() for form in some}))
        self._met: tuple[set[str], set[str], set[str], set[str]] = set(), set(), set(), set()

    def meet(self, other: str, *, stranger: bool = False) -> None:
        """A name of somebody else's, as an identity's key."""
        if stranger and not self._freed and other in self._keys:
            return
        words, keys, longer, strangers = self._met
        words = strangers if stranger else words
        if other in self._keys:
            keys.add(other)
        if (same := self._whole.get(folded(other))) is not None:
            words.add(same)
        called = _name_of(other)
        said = folded(called.strip())
        if self._any.search(said) is None:
            return
        alike = {each for each, pattern in self._spelt.items() if pattern.fullmatch(said)}
        words |= alike
        if not alike and not stranger:
            longer.add(called.strip())

    @property
    def found(self) -> Alike:
        """What all who were met have in common with the person."""
        return Alike(*map(frozenset, self._met))


async def alike(
    earn: AsyncDatabase[dict[str, Any]], persons: list[str], words: Iterable[str], keys: Collection[str], *, freed: bool
) -> Alike:
    """Compares with all who are not these persons: members, and strangers for whom something waits."""
    comparing = Comparing(words, keys, freed=freed)
    async for each in earn[IDENTITIES].find({"member": {"$nin": persons}}, {"member": 1}, batch_size=5_000):
        comparing.meet(each["_id"], stranger=each["member"] is None)
    return comparing.found


def _name_of(key: str) -> str:
    """What somebody is called, without its kind and (a partner's number) the partner."""
    return key.split(":", 2)[-1] if key.startswith(_REFERENCE) else key.partition(":")[2]
