"""Quotas, case by case: slices, the last units, what comes back, and totals that change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from shared.rules.quotas import Quota, Quotas, further, keys
from shared.runtime.store import Document

LANES = 4


def quota(total: int, version: int = 1, step: int = 1) -> Quota:
    """The one counter of these tests."""
    return Quota("double-star", "points", "2017-03", total, version, step)


class Table:
    """Documents by id, with one transaction after another."""

    def __init__(self) -> None:
        self.documents: dict[str, Document] = {}
        self.written: list[set[str]] = []

    def batch(self, *lanes: int, of: Quota, wide: bool = True) -> Quotas:
        """What a batch from these lanes reads: all leases, or only what it must read first."""
        ids = keys(of, lanes)
        found = {id_: self.documents[id_] for id_ in ids if id_ in self.documents}
        more = further(of, found) if wide else []
        return Quotas({**found, **{id_: self.documents[id_] for id_ in more}}, LANES)

    def write(self, quotas: Quotas) -> None:
        """Commits."""
        inserts, replaces = quotas.changes()
        assert not {each["_id"] for each in inserts} & set(self.documents)
        assert {each["_id"] for each in replaces} <= set(self.documents)
        self.documents |= {each["_id"]: each for each in [*inserts, *replaces]}
        self.written.append(
            {each["_id"].removeprefix("quota|double-star|points|2017-03") for each in inserts + replaces}
        )

    def take(self, lane: int, amount: int, of: Quota) -> int:
        """One batch with one take."""
        quotas = self.batch(lane, of=of)
        taken = quotas.take(of, lane, amount)
        self.write(quotas)
        return taken


def test_a_lane_leases_slices_that_shrink_and_writes_the_main_document_seldom() -> None:
    """1,600 units, 4 lanes: the first slice is 1,600 / (4 x 4) = 100, the second (1,600 - 100) / 16 = 93."""
    table, of = Table(), quota(1600)
    assert [table.take(0, 1, of) for _ in range(101)] == [1] * 101
    assert table.written == [{"", "|0"}, *[{"|0"}] * 99, {"", "|0"}]
    assert table.documents[of.id + "|0"] == {"_id": of.id + "|0", "granted": 193, "used": 101, "writes": 101}
    assert table.documents[of.id]["leased"] == 193


def test_a_slice_is_at_least_what_is_wanted_and_the_last_units_are_exact() -> None:
    """Of 10 units 7, then 2 of 3, then the last one, then none: never more, and none kept."""
    table, of = Table(), quota(10)
    assert [table.take(lane, amount, of) for lane, amount in [(0, 7), (1, 2), (2, 5), (3, 1)]] == [7, 2, 1, 0]


def test_a_step_that_is_not_left_whole_leaves_the_rest_to_smaller_wishes() -> None:
    """10 left, one step of 11 wanted: nothing is taken, and the 10 can still be had by another lane."""
    table, of = Table(), quota(10)
    quotas = table.batch(0, of=of)
    assert quotas.take(replace(of, step=11), 0, 11) == 0
    assert quotas.changes() == ([], [])
    assert quotas.take(replace(of, step=10), 1, 10) == 10
    assert quotas.take(of, 0, 1) == 0


def test_units_of_a_lane_that_went_quiet_are_used_by_others() -> None:
    """Lane 0 leased 10 of 160 and used 1: lane 1 gets the other 159, partly out of lane 0's lease."""
    table, of = Table(), quota(160)
    assert table.take(0, 1, of) == 1
    assert table.documents[of.id + "|0"]["granted"] == 10
    assert sum(table.take(1, 1, of) for _ in range(200)) == 159
    assert (table.documents[of.id + "|0"]["granted"], table.documents[of.id + "|0"]["used"]) == (1, 1)


def test_once_all_is_spent_a_batch_reads_no_other_lease_and_writes_nothing() -> None:
    """The first refusal notes it, the next ones find it: a budget that ended months ago costs nothing any more."""
    table, of = Table(), quota(20)
    assert [table.take(lane, 9, of) for lane in (0, 1, 2)] == [9, 9, 2]
    quotas = table.batch(3, of=of, wide=False)
    assert (quotas.take(of, 3, 1), quotas.unread) == (0, frozenset())
    assert quotas.changes() == ([], [])
    assert further(of, {of.id: table.documents[of.id]}) == []


def test_money_below_the_price_of_one_point_counts_as_spent() -> None:
    """100 in steps of 30: three steps; the 10 that remain buy nothing, and nobody searches for them again."""
    table, of = Table(), quota(100, step=30)
    assert [table.take(lane, 60, of) for lane in (0, 1, 2)] == [60, 30, 0]
    assert further(of, {of.id: table.documents[of.id]}) == []
    assert table.take(3, 10, quota(100, step=10)) == 10


def test_what_comes_back_after_the_end_is_found_by_every_lane() -> None:
    """All 20 are used and that is noted; lane 0 gives 4 back; lane 2 gets them without reading other leases."""
    table, of = Table(), quota(20)
    assert [table.take(0, 15, of), table.take(1, 9, of)] == [15, 5]
    quotas = table.batch(0, of=of)
    assert quotas.give_back(of, 0, 4) == 4
    table.write(quotas)
    quotas = table.batch(2, of=of, wide=False)
    assert quotas.take(of, 2, 4) == 4
    table.write(quotas)
    assert table.take(1, 1, of) == 0


def test_what_comes_back_after_the_end_and_is_leased_again_is_not_forgotten() -> None:
    """Of 1,600 spent units 400 come back; lane 1 leases 25 and uses one, lane 2 uses 375, then finds lane 1's 24."""
    table, of = Table(), quota(1600)
    assert [table.take(0, 1600, of), table.take(1, 1, of)] == [1600, 0]
    quotas = table.batch(0, of=of)
    assert quotas.give_back(of, 0, 400) == 400
    table.write(quotas)
    assert [table.take(1, 1, of), table.take(2, 375, of), table.take(2, 30, of)] == [1, 375, 24]


def test_giving_back_never_makes_used_negative() -> None:
    """6 were used by two lanes: of 10 given back 6 are taken, first those of the own lane."""
    table, of = Table(), quota(100)
    assert [table.take(0, 4, of), table.take(1, 2, of)] == [4, 2]
    quotas = table.batch(1, of=of)
    assert quotas.give_back(of, 1, 10) == 6
    table.write(quotas)
    assert {id_: each["used"] for id_, each in table.documents.items() if "used" in each} == {
        of.id + "|0": 0,
        of.id + "|1": 0,
    }
    assert table.batch(5, of=of).give_back(of, 5, 1) == 0
    assert Quotas({}, LANES).give_back(of, 0, 1) == 0


def test_raising_the_total_gives_more_and_lowering_below_what_is_used_gives_nothing() -> None:
    """50, all used; raised to 60: ten more; lowered to 20: none, though a lease of 16 was in use; 61: one more."""
    table = Table()
    assert table.take(0, 50, quota(50)) == 50
    assert table.take(1, 16, quota(60, 2)) == 10
    assert table.take(1, 1, quota(20, 3)) == 0
    assert table.take(1, 1, quota(60, 2)) == 0, "an older version does not bring its total back"
    assert table.take(1, 5, quota(61, 4)) == 1


def test_lowering_takes_unused_leases_back() -> None:
    """Lanes 0 and 1 hold leases and used 2 together; lowered to 5, three more are given, whoever asks."""
    table, of = Table(), quota(1600)
    assert [table.take(0, 1, of), table.take(1, 1, of)] == [1, 1]
    lower = quota(5, 2)
    assert [table.take(lane, 1, lower) for lane in (0, 1, 0, 1, 2)] == [1, 1, 1, 0, 0]


def test_what_comes_back_while_too_much_is_used_is_not_given_again() -> None:
    """10 used, lowered to 8: of 3 that come back, 2 are gone and one may be used."""
    table = Table()
    assert table.take(0, 10, quota(10)) == 10
    lower = quota(8, 2)
    quotas = table.batch(0, of=lower)
    assert quotas.give_back(lower, 0, 3) == 3
    table.write(quotas)
    assert [table.take(0, 1, lower), table.take(1, 1, lower)] == [1, 0]


def test_a_batch_that_is_decided_again_starts_from_what_it_was_given() -> None:
    """Deciding changes no document: the same documents give the same answers again."""
    table, of = Table(), quota(20)
    table.take(0, 1, of)
    found = table.documents
    before = {id_: dict(each) for id_, each in found.items()}
    for _ in range(2):
        quotas = Quotas(found, LANES)
        assert quotas.take(of, 1, 30) == 19
    assert found == before


def test_who_reads_too_little_is_told_and_cannot_commit() -> None:
    """The main document is at its end and lane 0's lease was not read: nobody may be refused on that ground."""
    table, of = Table(), quota(20)
    table.take(0, 15, of)
    quotas = table.batch(1, of=of, wide=False)
    assert quotas.take(of, 1, 5) == 5
    assert quotas.unread == frozenset()
    assert quotas.take(of, 1, 1) == 0
    assert quotas.unread == {of.id + "|0"}
    with pytest.raises(RuntimeError, match="without having read"):
        quotas.changes()
    quotas = Quotas({of.id: table.documents[of.id]}, LANES)
    assert (quotas.take(of, 0, 1), quotas.unread) == (0, frozenset({of.id + "|0"})), "its own lease, too"


def test_two_versions_in_one_batch_share_the_counter() -> None:
    """A late purchase under version 1 and one under version 2: the newest total counts for both."""
    table, old, new = Table(), quota(10), quota(4, 2)
    quotas = table.batch(0, of=old)
    assert [quotas.take(old, 0, 3), quotas.take(new, 0, 3), quotas.take(old, 0, 3)] == [3, 1, 0]
    table.write(quotas)
    assert table.take(1, 1, old) == 0


def test_what_makes_no_sense_is_refused() -> None:
    """Negative amounts and totals, steps of nothing, and keys that would meet another's."""
    wrong: dict[str, Any]
    for wrong in ({"total": -1}, {"total": 2**63}, {"step": 0}, {"period": "2017|1"}):
        with pytest.raises(ValueError):
            Quota(**dict[str, Any](rule="r", measure="uses", period="ever", total=1, version=1) | wrong)
    acts: tuple[Callable[[Quotas], object], ...] = (
        lambda q: q.take(quota(1), 0, -1),
        lambda q: q.left(quota(1), -1),
        lambda q: q.give_back(quota(1), 0, -1),
    )
    for act in acts:
        with pytest.raises(ValueError):
            act(Quotas({}, LANES))
