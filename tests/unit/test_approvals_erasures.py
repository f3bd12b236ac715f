"""Erasures that wait for a second person, by hand: who goes, and what is noted of them."""

from __future__ import annotations

from services.earn.counter.approval_commands import Approve
from services.earn.counter.approving import APPROVALS
from services.earn.counter.people_commands import Erase, Merge, Unmerge
from services.earn.counter.working import ERASURES
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from tests.unit.partnerkit import ANN, BOB, Mall
from tests.unit.test_approvals import CHIEF, asks, mall, waiting
from tests.unit.test_people import code, of

__all__ = ["mall"]


async def test_an_erasure_that_is_approved_is_begun_in_the_ledger_and_noted(mall: Mall) -> None:
    """Mechanism: the note is written in the erasure's own transaction: an operator's run finds what is left to do."""
    id_ = await waiting(mall, Erase, member=BOB, reason="asked by letter")
    assert "erased" not in of(mall, MEMBERS)[BOB]
    assert code(await asks(mall, Approve, CHIEF, approval=id_)) == "done"
    assert of(mall, MEMBERS)[BOB]["erased"]
    begun = of(mall, ERASURES)[BOB]
    assert (begun["persons"], begun["state"], begun["person"], begun["approved_by"], begun["approval"]) == (
        [BOB], "begun", "staff-7", "staff-8", id_,
    )  # fmt: skip


async def test_who_approved_an_erasure_approved_of_nobody_who_was_merged_since(mall: Mall) -> None:
    """Mechanisms: `Erase.merged`, or the survivor would go whom nobody asked about; `Erase.persons`, or who was merged
    into the member since. Who has left since was asked about, and stays."""
    asked = await waiting(mall, Erase, member=BOB, reason="asked by letter")
    assert list(of(mall, APPROVALS)[asked]["said"]["persons"]) == [BOB]
    merge = await waiting(mall, Merge, member=BOB, into=ANN, reason="the same")
    assert code(await asks(mall, Approve, CHIEF, approval=merge)) == "done"
    assert code(await asks(mall, Approve, CHIEF, approval=asked)) == "merged"
    both = await waiting(mall, Erase, member=ANN, reason="asked by letter")
    assert list(of(mall, APPROVALS)[both]["said"]["persons"]) == [ANN, BOB]
    back = await waiting(mall, Unmerge, member=BOB, reason="two persons")
    assert code(await asks(mall, Approve, CHIEF, approval=back)) == "done"
    again = await waiting(mall, Merge, member=ANN, into=BOB, reason="the same")
    assert code(await asks(mall, Approve, CHIEF, approval=again)) == "done"
    denied = await asks(mall, Approve, CHIEF, approval=asked)
    assert (code(denied), ANN in str(denied)) == ("persons_changed", True)
    apart = await waiting(mall, Unmerge, member=ANN, reason="two persons")
    assert code(await asks(mall, Approve, CHIEF, approval=apart)) == "done"
    assert code(await asks(mall, Approve, CHIEF, approval=both)) == "done"
    assert ("erased" in of(mall, MEMBERS)[ANN], "erased" in of(mall, MEMBERS)[BOB]) == (True, False)


async def test_nothing_is_kept_waiting_about_somebody_who_is_erased(mall: Mall) -> None:
    """Mechanism: the desk's `ERASED`. Without it the duplicate's unmerge, which can never be done, would wait with its
    reason, which nothing removes any more."""
    id_ = await waiting(mall, Merge, member=BOB, into=ANN, reason="the same")
    assert code(await asks(mall, Approve, CHIEF, approval=id_)) == "done"
    gone = await waiting(mall, Erase, member=ANN, reason="asked by letter")
    assert code(await asks(mall, Approve, CHIEF, approval=gone)) == "done"
    known = dict(of(mall, APPROVALS))
    assert code(await asks(mall, Unmerge, member=BOB, reason="Bob Quux is two")) == "erased"
    assert of(mall, APPROVALS) == known


async def test_an_erasure_that_a_terminal_has_begun_is_not_begun_twice(mall: Mall) -> None:
    async with mall.store.unit() as unit:
        await unit.commit({ERASURES: [{"_id": BOB, "state": "begun"}]}, {})
    id_ = await waiting(mall, Erase, member=BOB, reason="asked by letter")
    assert code(await asks(mall, Approve, CHIEF, approval=id_)) == "erasure_begun"


async def test_why_somebody_is_erased_is_kept_and_told_to_no_topic(mall: Mall) -> None:
    """Mechanism: `people._ended`. Whoever asks may write the person's name; out of a topic nobody could take it."""
    id_ = await waiting(mall, Erase, member=BOB, reason="Bob Quux wrote")
    assert code(await asks(mall, Approve, CHIEF, approval=id_)) == "done"
    entries = [each for each in of(mall, JOURNAL).values() if each["kind"] == "erasure" and each["member"] == BOB]
    assert [each["reason"] for each in entries] == ["Bob Quux wrote"]
    told = [each for each in mall.sent if each.kind == "erasure"]
    assert [(each.key, b"Quux" in each.value) for each in told] == [(BOB, False)]
