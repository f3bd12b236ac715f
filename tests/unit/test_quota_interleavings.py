"""Quotas: any interleaving of transactions against a model that only counts.

The model knows one number: how much is given. Each transaction must answer exactly as a single counter would that holds
what was committed when it began; and what commits must never bring more than the newest total allows.
"""

from __future__ import annotations

from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from shared.rules.quotas import Quota, Quotas
from shared.runtime.memory import MemoryStore, MemoryUnit
from shared.runtime.quotas import QUOTAS, read_quotas
from shared.runtime.store import ConflictError

LANES = 3
SHARERS = 1  # slices of a quarter: leases hold units that nobody has used for most of the time
AMOUNTS = st.integers(0, 3) | st.integers(0, 40)
ACTS = ["take", "take", "whole", "back", "left"]
TOTALS = st.integers(0, 60)


def quota(total: int, version: int = 1, step: int = 1) -> Quota:
    """The one counter of these tests."""
    return Quota("double-star", "points", "2017-03", total, version, step)


def now(work: Coroutine[Any, Any, Any]) -> Any:
    """Runs what never really waits: the store in memory."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("the store in memory waited")


@dataclass
class Open:
    """A transaction that is not committed yet, and what the model said when it began."""

    unit: MemoryUnit
    lanes: list[int]
    quota: Quota
    commits: int
    given: int
    total: int
    most: int | None
    done: list[tuple[str, int, int]] = field(default_factory=list)
    delta: int = 0
    quotas: Quotas | None = None


class Interleaved(RuleBasedStateMachine):
    """Up to four transactions at once; versions come and go up and down; the loser of a conflict is forgotten.

    Fails when any of these is taken away: taking over writes the other lane's lease; lowering takes unused leases back;
    giving back lowers `spent`; unread leases are asked for; a new lane is listed in the main document; other lanes'
    leases are taken over at all. What only a return in the same moment tells (lowering and noting the end write every
    lease) is held by races set up by hand in the contract test.
    """

    def __init__(self) -> None:
        super().__init__()
        self.store = MemoryStore()
        self.open: list[Open] = []
        self.given = self.commits = 0
        self.seen = 0  # newest version that a committed transaction brought
        self.totals: list[int] = []

    @initialize(total=TOTALS)
    def first(self, total: int) -> None:
        """The definition's first version."""
        self.totals = [total]

    @rule(total=TOTALS)
    def publish(self, total: int) -> None:
        """The next version, for transactions that begin from now on."""
        self.totals.append(total)

    @precondition(lambda self: len(self.open) < 4)
    @rule(
        lanes=st.lists(st.integers(0, LANES - 1), min_size=1, max_size=2, unique=True),
        old=st.booleans(),
        step=st.sampled_from([1, 1, 3]),
        most=st.none() | st.integers(0, 40),
    )
    def begin(self, lanes: list[int], old: bool, step: int, most: int | None) -> None:
        """A worker with the newest definitions, or with those of a moment ago."""
        version = max(1, len(self.totals) - old)
        newest = max(version, self.seen)
        here = Open(
            MemoryUnit(self.store),
            lanes,
            quota(self.totals[version - 1], version, step),
            self.commits,
            self.given,
            self.totals[newest - 1],
            most,
        )
        self.open.append(here)

    @precondition(lambda self: self.open)
    @rule(
        which=st.integers(0, 3), what=st.sampled_from(ACTS), amount=AMOUNTS,
        lane=st.integers(0, 1),
    )  # fmt: skip
    def act(self, which: int, what: str, amount: int, lane: int) -> None:
        """One more step of a transaction; decided again from its start, with more read, while something is unread."""
        here = self.open[which % len(self.open)]
        here.done.append((what, here.lanes[lane % len(here.lanes)], amount))
        room, step = max(0, here.total - here.given - here.delta), here.quota.step
        part = min(amount, room) // step * step
        expected = {
            "take": part,
            "left": part,
            "whole": amount if amount <= room else 0,
            "back": -min(amount, here.given + here.delta),
        }[what]
        assert self._decide(here) == expected
        here.delta += 0 if what == "left" else expected

    def _decide(self, here: Open) -> int:
        # As batches do, each quota that is taken from is asked for with its own step: one that needs fewer units than
        # another may be served by leases that are of no use to that one.
        wanted = {_whole(here.quota, amount): here.most for what, _, amount in here.done if what == "whole"}
        quotas: Quotas = now(read_quotas(here.unit, {here.quota: here.most, **wanted}, here.lanes, SHARERS))
        documents = dict(quotas._documents)
        while True:
            answer = 0
            for what, lane, amount in here.done:
                answer = _step(quotas, here.quota, what, lane, amount)
            if not quotas.unread:
                here.quotas = quotas
                return answer
            # `further` was told the most that the transaction would want: then nothing may be unread.
            takes = sum(amount for what, _, amount in here.done if what != "back")
            assert (here.most is not None and here.most < takes) or any(what == "back" for what, _, _ in here.done)
            with pytest.raises(RuntimeError, match="without having read"):
                quotas.changes()
            found = now(here.unit.get(QUOTAS, quotas.unread))
            assert set(found) == quotas.unread
            documents |= found
            quotas = Quotas(documents, SHARERS)

    @rule(lane=st.integers(0, LANES - 1), what=st.sampled_from(ACTS), amount=AMOUNTS, old=st.booleans())
    def alone(self, lane: int, what: str, amount: int, old: bool) -> None:
        """A whole transaction, while the others wait."""
        self.begin([lane], old, 1, None)
        self.act(len(self.open) - 1, what, amount, 0)
        self.commit(len(self.open) - 1)

    @precondition(lambda self: self.open)
    @rule(which=st.integers(0, 3))
    def commit(self, which: int) -> None:
        """The transaction ends; where another wrote the same documents since it began, it may lose."""
        here = self.open.pop(which % len(self.open))
        if here.quotas is None:
            return
        inserts, replaces = here.quotas.changes()
        ids = [each["_id"] for each in [*inserts, *replaces]]
        assert len(set(ids)) == len(ids)
        try:
            now(here.unit.commit({QUOTAS: inserts}, {QUOTAS: replaces}))
        except ConflictError:
            assert self.commits > here.commits, "conflicted with nobody"
            return
        if here.quota.id in ids:
            self.seen = max(self.seen, here.quota.version)
        self.given += here.delta
        self.commits += bool(ids)
        newest = self.totals[max(self.seen, here.quota.version) - 1]
        assert here.delta <= 0 or self.given <= newest, "overrun"
        self._books()

    def _books(self) -> None:
        """The documents say what the model says."""
        documents = self.store.collection(QUOTAS)
        leases = [each for each in documents.values() if "used" in each]
        assert sum(each["used"] for each in leases) == self.given
        assert all(0 <= each["used"] <= each["granted"] for each in leases)
        if leases:
            main = documents[quota(0).id]
            assert sum(each["granted"] for each in leases) == main["leased"]
            assert sorted(f"{main['_id']}|{lane}" for lane in main["lanes"]) == sorted(each["_id"] for each in leases)

    def teardown(self) -> None:
        """Whatever happened, one lane can take what is left, to the last unit, and then nobody gets more."""
        if not self.totals:
            return
        unit, newest = MemoryUnit(self.store), quota(self.totals[-1], len(self.totals))
        quotas: Quotas = now(read_quotas(unit, {newest: None}, [0], SHARERS))
        room = max(0, newest.total - self.given)
        assert quotas.take(newest, 0, 1000) == room
        assert quotas.take(newest, 0, 1) == 0 and quotas.left(newest, 1) == 0


def _whole(of: Quota, amount: int) -> Quota:
    """The same counter, of which only so many units are of use."""
    return replace(of, step=max(1, amount))


def _step(quotas: Quotas, of: Quota, what: str, lane: int, amount: int) -> int:
    if what == "take":
        return quotas.take(of, lane, amount)
    if what == "whole":
        return quotas.take(_whole(of, amount), lane, amount)
    return -quotas.give_back(of, lane, amount) if what == "back" else quotas.left(of, amount)


TestInterleaved = Interleaved.TestCase
TestInterleaved.settings = hypothesis_settings(max_examples=300, stateful_step_count=40, deadline=None)
