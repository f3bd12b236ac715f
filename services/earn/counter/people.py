"""Whole members: two that are one person are merged, and taken apart again; accounts are closed, persons erased.
Pure.

A merged member's document stays, empty, and leads to the survivor: what is still on its way to it is posted there.
What came is kept in it (`lent`) until that is undone; and in the survivor's (`learnt`) what of what is known was whose.
"""

from __future__ import annotations

from typing import Any, Final

from services.earn import accounts, ended
from services.earn.accounts import Posting
from services.earn.counter import vouchers
from services.earn.counter.commands import Answer, Denied
from services.earn.counter.people_commands import Close, Erase, Merge, Unmerge
from services.earn.counter.working import ABSORBED, NO_WALLET, Working
from services.earn.ended import EXPIRED
from shared.access.persons import same_person
from shared.ledger import due, merging, spared
from shared.ledger.bounds import too_many
from shared.ledger.terms import given
from shared.rules import merging as known
from shared.rules.learning import utc
from shared.runtime.leading import LED, led

# What is left of an erased member's document: the ledger's, and nothing that tells of a person.
_KEPT: Final = frozenset(("_id", "seq", "balances", "lots", "deficit", "lifetime", "led", ABSORBED, "closed"))


def merge(command: Merge, at: Working) -> Answer:
    """All that the duplicate has goes to the survivor; each side has an entry, and the postings sum to zero."""
    duplicate, survivor = at.member(command.member), at.member(command.into)
    if command.member == command.into:
        return Denied("same_member", "a member is merged into another, not into themselves")
    if duplicate.get("holds"):
        return _held("merge", duplicate)
    if wrong := _too_many(duplicate, survivor):
        return Denied("too_many_points", wrong)
    at.poster.watch(survivor)
    for each in (duplicate, survivor):
        # Before the one's activity counts for the other: else what either had spent would be alive again by it.
        due.note_passed(each, at.rules.programme.purses, at.now, at.rules.zone)
    moved, brought = merging.pour(duplicate, survivor, utc(at.now))
    expired = ended.rows(ended.unspent(at.past(command.member)))
    lent = known.lend(duplicate, survivor)
    duplicate["lent"] = {**lent, **brought, EXPIRED: expired, "entry": command.key, "since": survivor["seq"]}
    duplicate.pop("history", None)
    duplicate[LED] = [duplicate["seq"] + 1, command.into]
    survivor[ABSORBED] = [*survivor.get(ABSORBED, ()), command.member, *duplicate.get(ABSORBED, ())]
    names = at.rename(command.member, command.into)
    body: dict[str, object] = {
        "member": command.member, "into": command.into, "points": moved, "identities": names,
        "balances": dict(survivor["balances"]),
    }  # fmt: skip
    return _both(command, at, duplicate, survivor, moved, body, ended.less(expired))


def _too_many(duplicate: dict[str, Any], survivor: dict[str, Any]) -> str | None:
    """What is wrong with all that would come to the survivor; also of what was ever earned, which is added up too."""
    ever = {"balances": survivor.get("lifetime", {})}
    for member, comes in ((survivor, duplicate["balances"]), (ever, duplicate.get("lifetime", {}))):
        for wallet, points in comes.items():
            if wrong := too_many(member, wallet, points):
                return wrong
    return None


def unmerge(command: Unmerge, at: Working) -> Answer:
    """What came and is still there goes back, and debts that were repaid are owed again; what was earned since by the
    duplicate's names stays where it is."""
    duplicate = at.member(command.member)
    into = led(duplicate)
    if into is None:
        return _not_merged(duplicate)
    survivor = at.member(into)
    further = led(survivor)
    if further is not None:
        said = f"{into} has been merged into {further} since: take that back first"
        return Denied("merged", said, {"into": further})
    if survivor.get("closed"):
        said = f"the account that it was merged into, {into}, is closed: its points are gone, and nothing can come back"
        return Denied("closed", said)
    at.begin(into)
    if survivor.get("holds"):
        return _held("unmerge", survivor)
    lent = duplicate.pop("lent")
    rules = at.rules
    due.note_passed(survivor, rules.programme.purses, at.now, rules.zone)
    ended.part_idle(survivor, duplicate, lent)
    moved = merging.give_back(
        survivor, duplicate, lent, utc(at.now),
        lambda wallet: given(rules.programme.purses.get(wallet), at.now, rules.zone),
    )  # fmt: skip
    missing = [*lent["lots"], *lent.get(EXPIRED, ())]
    expired, spent = ended.parted(ended.unspent(at.past(into)), missing)
    due.begin(survivor, rules.programme.purses, at.now, rules.zone)
    known.take_back(duplicate, survivor, lent)
    del duplicate[LED]
    gone = {command.member, *duplicate.get(ABSORBED, ())}
    spared.part(survivor, duplicate, gone, lent.get("since", spared.NEVER), spent)
    vouchers.part(into, gone, at)
    survivor[ABSORBED] = [each for each in survivor[ABSORBED] if each not in gone]
    names = at.rename(into, command.member, only_of=command.member)
    body: dict[str, object] = {
        "member": command.member, "from": into, "points": moved, "identities": names,
        "balances": dict(duplicate["balances"]),
    }  # fmt: skip
    back = {wallet: -points for wallet, points in moved.items()}
    return _both(command, at, duplicate, survivor, back, body, expired)


def close(command: Close, at: Working) -> Answer:
    """Points go to breakage, debts are forgiven; the document stays, so that what comes late is told so."""
    member = at.member(command.member)
    if member.get("holds"):
        return _held("close", member)
    return _ended(command, at, member, {})


def erase(command: Erase, at: Working) -> Answer:
    """The account is closed, and its document says nothing of a person any more, nor do those that lead to it."""
    member = at.member(command.member)
    if member.get("holds"):
        return _held("erase", member)
    approver = command.leave.by.person if command.leave is not None else command.approved_by
    if command.caller.person is None or approver is None or same_person(command.caller.person, approver):
        return Denied("second_person", "who asks for an erasure does not approve it: name two persons")
    if command.leave is not None and member["_id"] in at.erasures:
        said = "an erasure of this member was begun at a terminal: run it again there (`doublestar members erase`)"
        return Denied("erasure_begun", said)
    persons = [member["_id"], *member.get(ABSORBED, ())]
    if command.persons is not None and (others := sorted(set(persons).difference(command.persons))):
        said = f"since it was asked for, {', '.join(others)} came to be one with this member, and would be erased, too"
        return Denied("persons_changed", f"{said}: ask for it anew", {"persons": persons})
    for id_ in persons:
        document = at.member(id_)
        for name in [each for each in document if each not in _KEPT]:
            del document[name]
        document |= {"known": {}, "joined": None, "erased": utc(at.now)}
        at.touched.add(id_)
    if member["_id"] not in at.erasures:
        # What is left to do in all services is noted with the ledger's part: it cannot be forgotten, and nobody can be
        # merged with the person, or taken apart from them, in between.
        at.erasures[member["_id"]] = {
            "_id": member["_id"], "persons": persons, "reason": command.reason, "person": command.caller.person,
            "approved_by": approver, "begun": at.now, "state": "begun", "done": {},
            **({} if command.leave is None else {"approval": command.leave.approval}),
        }  # fmt: skip
        at.touched_erasures.add(member["_id"])
    return _ended(command, at, member, {"approved_by": approver, "persons": persons})


def _ended(command: Close | Erase, at: Working, member: dict[str, Any], more: dict[str, Any]) -> Answer:
    there = merging.empty(member)
    member["closed"] = utc(at.now)
    postings = [
        each
        for wallet, points in there.items()
        for each in _ended_by(wallet, points, accounts.of_member(member["_id"]), command.kind)
    ]
    body: dict[str, object] = {"member": member["_id"], "ended": there}
    moved = {wallet: -points for wallet, points in there.items()}
    # Whoever asks for an erasure may name the person, which nobody could take out of a topic: it stays with the entry.
    told = None if isinstance(command, Erase) else command.reason
    return at.posted(
        command, member, postings, body, wallet=NO_WALLET, points=0, more={"reason": command.reason, **more},
        reason=told, moved=moved,
    )  # fmt: skip


def _ended_by(wallet: str, points: int, mine: str, kind: str) -> list[Posting]:
    """Points are breakage; a debt that nobody will repay is none, or it would hide what really expired."""
    if points < 0:
        return accounts.moved(wallet, -points, accounts.FORGIVEN, mine, kind)
    return accounts.moved(wallet, points, mine, accounts.BREAKAGE, kind)


def _both(
    command: Merge | Unmerge, at: Working, duplicate: dict[str, Any], survivor: dict[str, Any], moved: dict[str, int],
    body: dict[str, object], expired: ended.Rows,
) -> Answer:  # fmt: skip
    """moved: from the duplicate to the survivor; expired: of points that expired, what is the duplicate's from now on.
    The duplicate's entry holds the postings, and is the one that services act on; the survivor's tells."""
    mine, theirs = (accounts.of_member(each["_id"]) for each in (duplicate, survivor))
    postings: list[Posting] = [
        each for wallet, points in moved.items() for each in accounts.moved(wallet, points, mine, theirs, command.kind)
    ]
    theirs_now = {EXPIRED: ended.less(expired)} if expired else {}
    at.told(
        command, survivor, wallet=NO_WALLET, points=0, more=theirs_now, reason=command.reason, moved=moved,
        duplicate=duplicate["_id"],
    )  # fmt: skip
    mine_now = {EXPIRED: expired} if expired else {}
    return at.posted(
        command, duplicate, postings, body, wallet=NO_WALLET, points=0,
        more={"reason": command.reason, "other": survivor["_id"], **mine_now}, reason=command.reason,
        moved={wallet: -points for wallet, points in moved.items()}, survivor=survivor["_id"],
        survivor_seq=survivor["seq"],
    )  # fmt: skip


def _not_merged(member: dict[str, Any]) -> Denied:
    """A duplicate's names are the survivor's since the merge: who was asked for by one is told whom that means."""
    said, others = "this member is not merged into another; nothing is to be undone", list(member.get(ABSORBED, ()))
    if not others:
        return Denied("not_merged", said)
    hint = f"{said}. It is {member['_id']}, into whom others were merged: {', '.join(others)}; unmerge one of those"
    return Denied("not_merged", hint, {"member": member["_id"], "absorbed": others})


def _held(what: str, member: dict[str, Any]) -> Denied:
    holds = sorted(member["holds"])
    said = f"points are set aside at a till ({len(holds)} holds): capture or release them, then {what}"
    return Denied("open_holds", said, {"holds": holds})
