"""Random merges and unmerges beside a plain note of who is whom: for tests of lives that are told by a list."""

from __future__ import annotations

from abc import ABC, abstractmethod
from random import Random

from services.earn.counter.commands import Answer, Done


class Related(ABC):
    """Some members, of whom two are one now and then. into: who was merged into whom, and is so still."""

    def __init__(self, chance: Random, who: list[str]) -> None:
        self.chance, self.who = chance, who
        self.into: dict[str, str] = {}

    @abstractmethod
    async def merged(self, one: str, other: str) -> Answer:
        """The ledger is told."""

    @abstractmethod
    async def unmerged(self, one: str) -> Answer:
        """The ledger is told."""

    def last(self, who: str) -> str:
        """Whom a member leads to."""
        while who in self.into:
            who = self.into[who]
        return who

    def one_with(self, who: str) -> list[str]:
        """All who are that person."""
        return [each for each in self.who if self.last(each) == self.last(who)]

    async def merges(self) -> None:
        """Two at random; refused where either is merged already."""
        one, other = self.chance.sample(self.who, 2)
        answer = await self.merged(one, other)
        assert isinstance(answer, Done) == (one not in self.into and other not in self.into), answer
        if isinstance(answer, Done):
            self.into[one] = other

    async def parts(self) -> None:
        """One at random; refused where they are not merged, or into one who was merged further."""
        one = self.chance.choice(self.who)
        answer = await self.unmerged(one)
        assert isinstance(answer, Done) == (one in self.into and self.into[one] not in self.into), answer
        if isinstance(answer, Done):
            del self.into[one]
