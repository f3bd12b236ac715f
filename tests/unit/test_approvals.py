"""What needs two persons, by hand: no effect before another approves, one after, and everything on record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from services.earn.counter.approval_commands import Approve, Refuse
from services.earn.counter.approving import APPROVALS
from services.earn.counter.commands import Adjust, Answer, Caller, Command, Denied, Done, Goodwill, Transfer
from services.earn.counter.people_commands import Close, Erase, Merge, Unmerge
from services.earn.ledger import MEMBERS
from services.earn.posting import JOURNAL
from shared.access.persons import same_person
from shared.cli import main
from shared.runtime.memory import MemoryStore, MemoryUnit
from shared.runtime.store import OutageError
from tests.unit.marked import told
from tests.unit.partnerkit import ANN, BOB, PROGRAMME, Mall
from tests.unit.test_check_wallets import HEAD
from tests.unit.test_people import code, of, stars

CLERK, CHIEF = Caller("office", person="staff-7"), Caller("office", person="staff-8")
SAYS = "second_person: {adjustment: 100, goodwill: 0, transfer: 10, merge: always, unmerge: always, closing: always}"

NEEDING = PROGRAMME.replace("  wallets:\n", f"  {SAYS}\n  wallets:\n")


@pytest.fixture
async def mall() -> Mall:
    """Ann has 30 stars, Bob 5."""
    found = Mall(MemoryStore(), programme=NEEDING)
    for who, amount in ((ANN, 300_000), (BOB, 50_000)):
        await found.buys(who, "grocer", amount)
    return found


async def asks(mall: Mall, kind: type[Command], by: Caller = CLERK, **said: Any) -> Answer:
    return await mall.ask(kind(**{**mall.key(), "caller": by}, **said))


async def waiting(mall: Mall, kind: type[Command], **said: Any) -> str:
    """Something that is asked for, and waits; its id."""
    answer = await asks(mall, kind, **said)
    assert isinstance(answer, Done), answer
    assert answer.waits
    return str(answer.body["approval"])


def points(number: int, who: str = ANN) -> dict[str, Any]:
    return {"member": who, "wallet": "stars", "points": number, "reason": "counted wrongly"}


def kinds(mall: Mall) -> list[str]:
    return [each["kind"] for each in of(mall, JOURNAL).values() if each["kind"] != "purchase"]


@pytest.mark.parametrize(
    ("kind", "said", "alone"),
    [
        (Adjust, points(100), True), (Adjust, points(101), False), (Adjust, points(-20), True),
        (Adjust, points(-101), False), (Goodwill, points(1), False),
        (Transfer, {**points(10), "to": BOB}, True), (Transfer, {**points(11), "to": BOB}, False),
        (Merge, {"member": BOB, "into": ANN, "reason": "the same"}, False),
        (Close, {"member": BOB, "reason": "leaves"}, False), (Erase, {"member": BOB, "reason": "asked to"}, False),
    ],
)  # fmt: skip
async def test_the_programme_says_what_one_person_may_do_alone(
    mall: Mall, kind: type[Command], said: dict[str, Any], alone: bool
) -> None:
    before, told_before = of(mall, MEMBERS), len(mall.sent)
    answer = await asks(mall, kind, **said)
    assert isinstance(answer, Done), answer
    assert answer.waits is not alone
    assert (of(mall, MEMBERS) == before) is not alone
    assert (len(mall.sent) == told_before) is not alone, "nobody is told of what only waits"


async def test_what_is_approved_is_done_once_with_both_persons_in_its_entry(mall: Mall) -> None:
    id_ = await waiting(mall, Adjust, **points(500))
    command = Approve(**{**mall.key(), "caller": CHIEF}, approval=id_)
    first, second = await mall.ask(command), await mall.ask(command)
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    done = {"member": ANN, "wallet": "stars", "points": 500, "balance": 530}
    assert first.body == second.body == {"approval": id_, "state": "approved", "done": done}
    assert (first.again, second.again) == (False, True)
    assert code(await asks(mall, Approve, CHIEF, approval=id_)) == "judged_already"
    assert code(await asks(mall, Refuse, CHIEF, approval=id_, reason="too late")) == "judged_already"
    assert stars(mall, ANN) == 530
    (entry,) = [each for each in of(mall, JOURNAL).values() if each["kind"] == "adjustment"]
    assert (entry["_id"], entry["reason"]) == (command.key, "counted wrongly")
    assert entry["by"] == {"caller": "office", "person": "staff-7"}
    assert entry["approved"] == {"approval": id_, "caller": "office", "person": "staff-8"}
    kept = of(mall, APPROVALS)[id_]
    assert (kept["state"], kept["author"]["person"], kept["judged"]["person"]) == ("approved", "staff-7", "staff-8")
    assert kept["judged"]["entry"] == command.key


async def test_the_same_request_again_waits_once_and_is_answered_alike(mall: Mall) -> None:
    """Also when it has been approved: a repeated request does nothing."""
    command = Adjust(**{**mall.key(), "caller": CLERK}, **points(500))
    first, second = await mall.ask(command), await mall.ask(command)
    assert isinstance(first, Done)
    assert isinstance(second, Done)
    assert (first.body, second.again, second.waits) == (second.body, True, True)
    assert len(of(mall, APPROVALS)) == 1
    await asks(mall, Approve, CHIEF, approval=str(first.body["approval"]))
    third = await mall.ask(command)
    assert isinstance(third, Done)
    assert third.body == first.body
    assert stars(mall, ANN) == 530


@pytest.mark.parametrize("name", ["staff-7", "Staff-7", " staff-7 ", "STAFF-\uff17"])
async def test_the_author_cannot_approve_however_the_name_is_written(mall: Mall, name: str) -> None:
    id_ = await waiting(mall, Adjust, **points(500))
    assert code(await asks(mall, Approve, Caller("other-key", person=name), approval=id_)) == "second_person"
    assert code(await asks(mall, Approve, Caller("other-key"), approval=id_)) == "no_person"
    assert (stars(mall, ANN), of(mall, APPROVALS)[id_]["state"]) == (30, "pending")


class Forgetful(MemoryStore):
    """Commits, and then says that it does not know: as when mongod is killed before it answers."""

    broken = False

    @asynccontextmanager
    async def unit(self) -> AsyncIterator[MemoryUnit]:
        unit = MemoryUnit(self)
        yield unit
        if self.broken:
            self.broken = False
            raise OutageError("the answer was lost")


async def test_a_commit_whose_answer_was_lost_is_not_done_twice() -> None:
    """Of the request and of the approval alike. Mechanism: each has its key's entry in its own transaction."""
    store = Forgetful()
    mall = Mall(store, programme=NEEDING)
    await mall.buys(ANN, "grocer", 300_000)
    store.broken = True
    id_ = await waiting(mall, Adjust, **points(500))
    assert len(of(mall, APPROVALS)) == 1
    store.broken = True
    answer = await asks(mall, Approve, CHIEF, approval=id_)
    assert isinstance(answer, Done)
    assert answer.again
    assert not store.broken
    assert stars(mall, ANN) == 530


def test_the_command_line_says_that_it_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    async def closes(*_: object, **__: object) -> dict[str, object]:
        return {"approval": "a-1", "state": "pending", "kind": "closing", "until": "2026"}

    async def found(*_: object) -> str:
        return ANN

    monkeypatch.setattr("services.earn.counter.terminal.member", closes)
    monkeypatch.setattr("shared.ops.people.found", found)
    done = CliRunner().invoke(main.app, ["members", "close", ANN, "--reason", "leaves", "--person", "staff-7"])
    assert (done.exit_code, "needs a second person" in done.output, "a-1" in done.output) == (0, True, True)


def test_names_are_compared_in_whichever_form_they_are_written() -> None:
    assert same_person("Zoe\u0308  B", "ZOË b")
    assert same_person("STRASSE", "straße")
    assert not same_person("Ann", "Anna")


async def test_what_is_refused_stays_on_record_and_has_no_effect(mall: Mall) -> None:
    id_ = await waiting(mall, Close, member=BOB, reason="leaves")
    answer = await asks(mall, Refuse, CHIEF, approval=id_, reason="she does not")
    assert isinstance(answer, Done)
    assert answer.body == {"approval": id_, "state": "refused"}
    assert code(await asks(mall, Approve, CHIEF, approval=id_)) == "judged_already"
    kept = of(mall, APPROVALS)[id_]
    assert (kept["state"], kept["judged"]["reason"], kept["judged"]["person"]) == ("refused", "she does not", "staff-8")
    assert (stars(mall, BOB), kinds(mall)) == (5, ["request", "refusal"])


async def test_who_asked_may_take_it_back(mall: Mall) -> None:
    id_ = await waiting(mall, Adjust, **points(500))
    assert code(await asks(mall, Refuse, CLERK, approval=id_, reason="a slip")) == "done"


async def test_after_thirty_days_nobody_can_approve(mall: Mall) -> None:
    id_ = await waiting(mall, Adjust, **points(500))
    mall.passes(days=30)
    answer = await asks(mall, Approve, CHIEF, approval=id_)
    assert isinstance(answer, Denied)
    assert (answer.code, answer.more) == ("approval_expired", {"state": "expired"})
    assert of(mall, APPROVALS)[id_]["state"] == "pending"
    assert code(await asks(mall, Approve, CHIEF, approval="a-unknown")) == "unknown_approval"


async def test_what_cannot_be_done_as_things_stand_goes_on_waiting(mall: Mall) -> None:
    """Decided when it is approved, by how things are then."""
    id_ = await waiting(mall, Transfer, **points(11, BOB), to=ANN)
    answer = await asks(mall, Approve, CHIEF, approval=id_)
    assert isinstance(answer, Denied)
    assert answer.code == "too_few_points"
    assert of(mall, APPROVALS)[id_]["state"] == "pending"
    await mall.buys(BOB, "grocer", 60_000)
    assert code(await asks(mall, Approve, CHIEF, approval=id_)) == "done"
    assert (stars(mall, ANN), stars(mall, BOB)) == (41, 0)


async def test_what_can_never_be_done_does_not_wait(mall: Mall) -> None:
    assert code(await asks(mall, Adjust, **{**points(500), "wallet": "none-such"})) == "unknown_wallet"
    assert code(await asks(mall, Merge, member=ANN, into=ANN, reason="the same")) == "same_member"
    assert code(await asks(mall, Close, member="m-nobody", reason="leaves")) == "unknown_member"
    assert code(await asks(mall, Adjust, Caller("office"), **points(500))) == "no_person"
    assert of(mall, APPROVALS) == {}


async def test_two_members_are_merged_and_taken_apart_with_two_persons(mall: Mall) -> None:
    id_ = await waiting(mall, Merge, member=BOB, into=ANN, reason="the same")
    assert code(await asks(mall, Approve, CHIEF, approval=id_)) == "done"
    assert stars(mall, ANN) == 35
    back = await waiting(mall, Unmerge, member=BOB, reason="two persons")
    assert code(await asks(mall, Approve, CHIEF, approval=back)) == "done"
    assert (stars(mall, ANN), stars(mall, BOB)) == (30, 5)


@pytest.mark.parametrize("said", [{}, {"member": BOB, "to": ANN}])
async def test_a_refusal_of_what_was_asked_about_somebody_erased_keeps_no_words(
    mall: Mall, said: dict[str, Any]
) -> None:
    """Mechanism: `approving._withheld`. Whatever the erasure has removed by then, this comes later."""
    kind = Transfer if said else Adjust
    id_ = await waiting(mall, kind, **(points(500) | said))
    kept = await waiting(mall, Adjust, **points(500, BOB))
    gone = await waiting(mall, Erase, member=ANN, reason="asked by letter")
    assert code(await asks(mall, Approve, CHIEF, approval=gone)) == "done"
    once = mall.key()
    for _ in range(2):  # sent again it is the same request, with the words that are not kept
        refusal = Refuse(**{**once, "caller": CHIEF}, approval=id_, reason="Ann Quux is gone")
        assert code(await mall.ask(refusal)) == "done"
    assert of(mall, APPROVALS)[id_]["judged"]["reason"] == "[erased]"
    assert "Quux" not in str(of(mall, JOURNAL))
    assert code(await asks(mall, Refuse, CHIEF, approval=kept, reason="Bob has enough")) == "done"
    assert of(mall, APPROVALS)[kept]["judged"]["reason"] == "Bob has enough", "who lives is told why"


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ("▶{}", "nothing needs a second person: write what does"),
        ("{▶adjustmnt: 5}", "no such field; did you mean `adjustment`?"),
        ("{adjustment: ▶-1}", "0"),
        ("{adjustment: ▶always}", "write"),
        ('{adjustment: ▶"10"}', "write it without quotes: 10"),
        ("{goodwill: ▶true}", "whole number"),
        ("{merge: ▶500}", "always"),
        ("▶500", "write"),
    ],
)
def test_what_the_programme_cannot_mean_is_told_where_it_stands(second: str, words: str) -> None:
    head = HEAD.replace("  wallets:\n    - stars\n", "")
    (said,) = told(f"  wallets: [stars]\n  second_person: {second}\n", programme=head)
    assert words in said
