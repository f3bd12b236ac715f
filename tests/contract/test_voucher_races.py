"""Two tills that redeem vouchers of two members on one bill at the same instant, in memory and on a real mongod."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.earn.app import COLLECTIONS as EARN
from services.earn.counter.bills import BILLS
from services.earn.counter.commands import Answer, Caller, Denied
from services.earn.counter.voucher_commands import UndoVoucher
from services.earn.vouchers import VOUCHERS
from shared.runtime.service import COLLECTIONS as RUNTIME
from shared.runtime.store import Document
from tests.contract.conftest import StoreFor
from tests.unit.partnerkit import ANN, BOB, Mall

TEN = {"amount": "10000", "currency": "VND"}
COLLECTIONS = {**RUNTIME, **EARN}


class Meeting:
    """Two stores whose first transactions have both read before either commits."""

    def __init__(self) -> None:
        self.barrier = asyncio.Barrier(2)

    def store(self, store: Any) -> Any:
        """The store, whose first commit waits for the other's."""
        return _Store(store, self.barrier)


class _Store:
    def __init__(self, store: Any, barrier: asyncio.Barrier) -> None:
        self._store, self._barrier, self._met = store, barrier, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def meet(self) -> None:
        if not self._met:
            self._met = True
            await self._barrier.wait()

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[Any]:
        async with self._store.unit() as unit:
            yield _Unit(unit, self)


class _Unit:
    def __init__(self, unit: Any, store: _Store) -> None:
        self._unit, self._at = unit, store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._unit, name)

    async def commit(
        self, inserts: Mapping[str, Sequence[Document]], replaces: Mapping[str, Sequence[Document]]
    ) -> None:
        await self._at.meet()
        await self._unit.commit(inserts, replaces)


def code(answer: Answer) -> str:
    return answer.code if isinstance(answer, Denied) else "done"


@pytest.mark.parametrize("known", [False, True], ids=["a new bill", "a bill whose voucher was undone"])
@pytest.mark.parametrize("alone", [False, True])
async def test_two_tills_two_members_one_bill(store_for: StoreFor, alone: bool, known: bool) -> None:
    """Mechanism: every redemption writes the bill's document; without it both read that nothing was used on the bill,
    write nothing in common, and two vouchers that are not used with others are. The bill knows all that are used on
    it, also where both may be."""
    first = Mall(await store_for("till-1"))
    for who, name in ((ANN, "AAA"), (BOB, "BBB")):
        await first.buys(who, "grocer", 10_000)
        await first.offered(who, name, value=TEN, alone=alone)
    if known:
        assert code(await first.redeems(ANN, "AAA")) == "done"
        undo = UndoVoucher(**first.key(), caller=Caller("till", partner="grocer"), member=ANN, code="AAA")
        assert code(await first.ask(undo)) == "done"
    meeting = Meeting()
    tills = [Mall(meeting.store(await store_for(f"till-{number}"))) for number in (2, 3)]
    for number, till in enumerate(tills, start=2):
        till.begin(number * 1_000)
    asked = zip(tills, ((ANN, "AAA"), (BOB, "BBB")), strict=True)
    async with asyncio.timeout(60):
        answers = await asyncio.gather(*(till.redeems(*which) for till, which in asked))
    assert sorted(map(code, answers)) == (["done", "not_with_others"] if alone else ["done", "done"])
    store = await store_for("reader")
    async with store.unit() as unit:
        vouchers = await unit.get(VOUCHERS, ["AAA", "BBB"])
        used = {each["used"]["on"]: None for each in vouchers.values() if each["used"] is not None}
        [bill] = (await unit.get(BILLS, list(used))).values()
    expected = sorted([each["_id"], alone] for each in vouchers.values() if each["used"] is not None)
    assert len(expected) == (1 if alone else 2)
    assert sorted(each[:2] for each in bill["used"]) == expected
