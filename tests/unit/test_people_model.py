"""Random lives of four members (earning, spending, giving, merging, taking apart, closing) against a plain model.

The model knows no lots: who is merged into whom, and how many points each has. All points end on one day, so that an
unmerge brings back as many as were brought, as far as the survivor has them.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from services.earn.counter.commands import Answer, Asked, Caller, Capture, Denied, Done, Hold, Transfer
from services.earn.counter.people_commands import Close, Merge, Unmerge
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.ledger import lots
from shared.runtime.memory import MemoryStore
from tests.unit.partnerkit import Mall, member

WHO = [member(number) for number in range(4)]
CLERK, TILL = Caller("office", person="staff-7"), Caller("till", partner="grocer")
PERSON = st.integers(0, 3)
STEP = st.one_of(
    st.tuples(st.just("earn"), PERSON, st.integers(1, 30)),
    st.tuples(st.just("spend"), PERSON, st.integers(1, 30)),
    st.tuples(st.just("give"), PERSON, PERSON, st.integers(1, 20)),
    st.tuples(st.just("merge"), PERSON, PERSON),
    st.tuples(st.just("merge"), PERSON, PERSON),
    st.tuples(st.just("unmerge"), PERSON),
    st.tuples(st.just("close"), PERSON),
)


@dataclass
class Model:
    """Points by member; whom each leads to, with what they brought; who has left; what is gone from all."""

    points: list[int] = field(default_factory=lambda: [0] * 4)
    into: dict[int, tuple[int, int]] = field(default_factory=dict)
    left: set[int] = field(default_factory=set)
    spent: int = 0
    ended: int = 0

    def last(self, who: int) -> int:
        while who in self.into:
            who = self.into[who][0]
        return who

    def free(self, *who: int) -> bool:
        """Whether none of them has been merged, or has left."""
        return not any(each in self.into or each in self.left for each in who)

    def step(self, what: str, who: int, *more: int) -> bool:
        """Does it, where it can be done; whether it could."""
        match what:
            case "earn":
                who = self.last(who)
                if who not in self.left:
                    self.points[who] += more[0]
                return True  # an event is never denied: at worst it is a dead letter
            case "spend":
                return self.free(who) and self._take(who, more[0], "spent")
            case "give":
                done = self.free(who, more[0]) and who != more[0] and self._take(who, more[1], None)
                if done:
                    self.points[more[0]] += more[1]
                return done
            case "merge":
                if who == more[0] or not self.free(who, more[0]):
                    return False
                self.into[who] = more[0], self.points[who]
                self.points[more[0]] += self.points[who]
                self.points[who] = 0
                return True
            case "unmerge":
                return self._apart(who)
        if not self.free(who):
            return False
        self.left.add(who)
        self.ended += self.points[who]
        self.points[who] = 0
        return True

    def _take(self, who: int, points: int, where: str | None) -> bool:
        if self.points[who] < points:
            return False
        self.points[who] -= points
        self.spent += points if where == "spent" else 0
        return True

    def _apart(self, who: int) -> bool:
        if who not in self.into:
            return False
        survivor, brought = self.into[who]
        if not self.free(survivor):
            return False
        back = min(brought, self.points[survivor])
        self.points[survivor] -= back
        self.points[who] = back
        del self.into[who]
        return True


async def asked(mall: Mall, what: str, who: int, *more: int) -> bool:
    """The same of the ledger; whether it was done."""
    head = {**mall.key(), "caller": CLERK}
    answer: Answer
    match what:
        case "earn":
            await mall.buys(WHO[who], "grocer", more[0] * 10_000)
            return True
        case "spend":
            return await spent(mall, WHO[who], more[0])
        case "give":
            answer = await mall.ask(Transfer(**head, member=WHO[who], to=WHO[more[0]], wallet="stars", points=more[1]))
        case "merge":
            answer = await mall.ask(Merge(**head, member=WHO[who], into=WHO[more[0]], reason="one person"))
        case "unmerge":
            answer = await mall.ask(Unmerge(**head, member=WHO[who], reason="two persons"))
        case _:
            answer = await mall.ask(Close(**head, member=WHO[who], reason="has left"))
    return isinstance(answer, Done)


async def spent(mall: Mall, who: str, points: int) -> bool:
    wanted = Asked(wallet="stars", points=points)
    held = await mall.ask(Hold(**mall.key(), caller=TILL, member=who, asked=wanted, partner="grocer"))
    if isinstance(held, Denied):
        return False
    return isinstance(await mall.ask(Capture(**mall.key(), caller=TILL, member=who, hold=str(held.body["hold"]))), Done)


async def lived(steps: list[tuple[str, int, *tuple[int, ...]]]) -> None:
    mall, model = Mall(MemoryStore()), Model()
    for each in range(4):
        await asked(mall, "earn", each, 10)
        model.step("earn", each, 10)
    assert isinstance(mall.store, MemoryStore)
    for step in steps:
        assert await asked(mall, *step) == model.step(*step), step
        members = mall.store.collection(MEMBERS)
        assert [members[id_]["balances"]["stars"] for id_ in WHO] == model.points, step
        for document in members.values():
            assert lots.accounted(document).get("stars", 0) == document["balances"]["stars"]
    sums: dict[str, int] = {}
    for entry in mall.store.collection(JOURNAL).values():
        assert sum(posting["amount"] for posting in entry["postings"]) == 0
        for posting in entry["postings"]:
            sums[posting["account"]] = sums.get(posting["account"], 0) + posting["amount"]
    assert [sums.get(f"member:{id_}", 0) for id_ in WHO] == model.points
    assert sums.get("partner:grocer:redeemed", 0) == model.spent
    assert sums.get("programme:breakage", 0) == model.ended


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(STEP, min_size=4, max_size=25))
def test_whatever_happens_everybody_has_what_the_model_says(steps: list[tuple[str, int, *tuple[int, ...]]]) -> None:
    """Refusals included: the model says which steps cannot be done, and then nothing has changed."""
    asyncio.run(lived(steps))
