"""At the till: hold, capture, release, undo. Points are set aside out of their lots: none is spent twice. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from services.earn import accounts, ended
from services.earn.counter.commands import Answer, Capture, Denied, Hold, Release, Undo, digest
from services.earn.counter.holding import Held, held_by
from services.earn.counter.quoting import part_refused, quote
from services.earn.counter.working import Working
from shared.ledger import due, lots, merging, pools
from shared.ledger.spared import NEVER
from shared.ledger.terms import Terms
from shared.rules.learning import utc
from shared.rules.spans import later


def hold(command: Hold, at: Working) -> Answer:
    """Sets points aside; the hold's id tells whose it is. Others of the household keep their part of it in their own
    documents, under the same id: what is held is its owner's until it is spent."""
    pool = at.household(command.member, command.asked.wallet)
    found = quote(pool, command.asked, at.rules, at.now)
    if isinstance(found, Denied):
        return found
    wallet = at.rules.programme.purses[found.wallet]
    assert wallet.redemption is not None
    parts = pools.take(pool, wallet.id, found.points, utc(at.now))
    assert parts is not None  # the quote is of the same documents and instant
    member = pool[0]
    id_ = f"h-{member['_id']}-{digest(command.key)}"
    until = later(at.now, wallet.redemption.hold, at.rules.zone)
    own = parts.pop(member["_id"], [])
    common = {"wallet": wallet.id, "until": utc(until), "partner": command.partner, "made": at.now.isoformat()}
    member.setdefault("holds", {})[id_] = {
        **common,
        "points": lots.points_of(own),
        "worth": f"{found.worth:f}",
        "currency": found.currency,
        "slices": own,
        "since": member["seq"],
        **({"whole": found.points, "parts": sorted(parts)} if parts else {}),
    }
    for other in pool[1:]:
        if slices := parts.get(other["_id"]):
            points = lots.points_of(slices)
            mine = {"points": points, "slices": slices, "of": member["_id"], "since": other["seq"]}
            other.setdefault("holds", {})[id_] = {**common, **mine}
            at.set_aside(command, other, command.kind, wallet=wallet.id, points=points)
    body = {"hold": id_, "member": member["_id"], **found.said, "until": until.isoformat()}
    body["spendable"] = found.spendable - found.points
    return at.noted(command, member, body, wallet=wallet.id, points=found.points)


def capture(command: Capture, at: Working) -> Answer:
    """Spends what is held; a part of it, and the rest goes back to its lots. Whose points were spent has an entry."""
    member = at.member(command.member)
    held = _held(at, member, command)
    if isinstance(held, Denied):
        return held
    if not held.whole:
        return _unknown()
    points = held.points if command.points is None else command.points
    if points > held.points:
        return Denied(
            "more_than_held",
            f"the hold is of {held.points} points; {points} were to be captured",
            {"held": held.points},
        )
    wallet, partner = held.wallet, held.partner
    refused = part_refused(points, held.points, at.rules.programme.purses.get(wallet))
    if refused is not None:
        return refused
    since = held.since(command.hold)
    used, rest = pools.part_of(_let_go(at, held, command.hold), points)
    id_ = "r" + command.hold.removeprefix("h")
    # Settled at what a point was worth when the till was told so, whatever has been published since.
    priced = {} if held.made is None else {"counts_at": held.made}
    more = {"redemption": id_, "partner": partner, "wallet": wallet, **priced}
    for document in held.documents:
        slices = used[document["_id"]]
        at.come_back(document, wallet, rest[document["_id"]], since[document["_id"]])
        lots.spend(document, wallet, slices)
        if document is not member and not slices:
            at.set_aside(command, document, "release", wallet=wallet, points=lots.points_of(rest[document["_id"]]))
        elif document is not member:
            postings = _redeemed(document, wallet, slices, partner)
            at.shared(
                command, document, document["_id"], postings, wallet=wallet, points=-lots.points_of(slices),
                more={**more, "slices": slices, "since": since[document["_id"]], "of": member["_id"]}, partner=partner,
            )  # fmt: skip
    due.touch(member, at.rules.programme.purses, at.now, at.rules.zone)
    own = used[member["_id"]]
    body: dict[str, object] = {
        "redemption": id_,
        "member": member["_id"],
        "wallet": wallet,
        "points": points,
        "worth": {"amount": f"{held.worth * points / held.points:f}", "currency": held.currency},
        "released": held.points - points,
        "spendable": _spendable(at, member, wallet),
    }
    return at.posted(
        command, member, _redeemed(member, wallet, own, partner), body, wallet=wallet, points=-lots.points_of(own),
        more={**more, "slices": own, "since": since[member["_id"]]}, partner=partner,
    )  # fmt: skip


def release(command: Release, at: Working) -> Answer:
    """Gives back what is held, to whose it is."""
    member = at.member(command.member)
    held = _held(at, member, command)
    if isinstance(held, Denied):
        return held
    since, parts = held.since(command.hold), _let_go(at, held, command.hold)
    for document in held.documents:
        slices = parts[document["_id"]]
        at.come_back(document, held.wallet, slices, since[document["_id"]])
        if document is not member:
            at.set_aside(command, document, "release", wallet=held.wallet, points=lots.points_of(slices))
    there = _spendable(at, member, held.wallet)
    body: dict[str, object] = {"hold": command.hold, "released": held.points, "spendable": there}
    return at.noted(command, member, body, wallet=held.wallet, points=held.points)


def undo(command: Undo, at: Working) -> Answer:
    """Gives back what a capture spent, to whose points they were, into the lots that they came from: what has expired
    meanwhile expires again."""
    member = at.member(command.member)
    entries = at.entries_of(command.redemption)
    captured = [each for each in entries if each["kind"] == "redemption"]
    if not captured or not _may(captured[0]["partner"], command.caller.partner):
        return Denied("unknown_redemption", "no such redemption; use the id that capture answered")
    if any(each["kind"] == "undo" for each in entries):
        return Denied("undone_already", "this redemption is undone already; its points are back")
    if any(at.last(each["member"]).get("closed") for each in captured):
        said = "the account of one whose points were spent is closed, and takes none back: give the money back instead"
        return Denied("closed", said)
    main = next(each for each in captured if "of" not in each)
    partner, points = main["partner"], sum(lots.points_of(each["slices"]) for each in captured)
    wallet = main.get("wallet") or main["postings"][0]["wallet"]
    # Settled as the capture was, whatever a point is worth by now.
    more = {"redemption": command.redemption, "partner": partner, "counts_at": main.get("counts_at", main["at"])}
    for each in captured:
        if each is not main:
            owner = at.last(each["member"])
            at.begin(owner["_id"])
            postings = _given_back(at, owner, wallet, each, partner)
            at.shared(
                command, owner, each["member"], postings, wallet=wallet, points=lots.points_of(each["slices"]),
                more=more, partner=partner,
            )  # fmt: skip
    postings = _given_back(at, member, wallet, main, partner)
    body: dict[str, object] = {
        "redemption": command.redemption,
        "member": member["_id"],
        "wallet": wallet,
        "points": points,
        "spendable": _spendable(at, member, wallet),
    }
    own = lots.points_of(main["slices"])
    return at.posted(command, member, postings, body, wallet=wallet, points=own, more=more, partner=partner)


def _redeemed(member: Mapping[str, Any], wallet: str, slices: list[lots.Slice], partner: str) -> list[accounts.Posting]:
    """What one member's part of a redemption posts; nothing where it is none."""
    points, mine = lots.points_of(slices), accounts.of_member(member["_id"])
    return accounts.moved(wallet, points, mine, accounts.redeemed(partner), "redemption") if points else []


def _given_back(
    at: Working, owner: dict[str, Any], wallet: str, spent: Mapping[str, Any], partner: str
) -> list[accounts.Posting]:
    """One member's part of a redemption (its entry) comes back to their lots, of which returns may have a share; what
    that posts."""
    lenders, came = at.lenders(spent["member"]), list[lots.Slice]()
    slices = [_idled(each, owner, wallet, at) for each in ended.as_they_ended(wallet, spent, [*lenders, owner])]
    lent = [each["lent"] for each in lenders]
    for part in slices:
        _brought(lent, owner, wallet, part, utc(at.now))
        came.append(lots.add(owner, wallet, part[2], Terms(part[0], part[1]), utc(at.now)))
    before = deepcopy(owner["lots"]) if lenders else []
    at.ask_back(spent["member"], wallet, came, spent.get("since", NEVER))
    if lenders:
        gone = merging.lost(before, owner["lots"])
        merging.returned(lent[::-1], owner, gone, {wallet: sum(each[3] for each in gone)}, {}, [])
        at.touched.update(each["_id"] for each in lenders)
    points, mine = lots.points_of(slices), accounts.of_member(owner["_id"])
    return accounts.moved(wallet, points, accounts.redeemed(partner), mine, "undo") if points else []


def _idled(part: lots.Slice, owner: Mapping[str, Any], wallet: str, at: Working) -> lots.Slice:
    """With its end, where inactivity has ended it while nothing of the wallet was left whose end was noted."""
    ends = due.expiry_of(owner, wallet, part[1], at.rules.zone)
    return [part[0], ends if ends is not None and ends <= utc(at.now) else part[1], part[2]]


def _brought(lent: Sequence[dict[str, Any]], owner: Mapping[str, Any], wallet: str, part: lots.Slice, now: str) -> None:
    """What a merged member had spent is theirs, though the survivor has it now (owner): each merge on the way brought
    so much more. It repays what whoever they were merged into would owe without later merges."""
    owed = [*(merging.owes(each, wallet) for each in lent[1:]), lots.deficit(owner, wallet)]
    for each, by in zip(lent, owed, strict=False):
        merging.bring(each, wallet, part, by, now)


def _spendable(at: Working, member: Mapping[str, Any], wallet: str) -> int:
    """What can be spent after this. What has just come back may have been ended by inactivity meanwhile: it expires
    with this entry, and the answer, which is kept under its key, must not promise it. Nothing of a wallet whose points
    cannot be spent any more, as its balance says, too: what was held before is captured or released all the same."""
    purse = at.rules.programme.purses.get(wallet)
    house = at.household(member["_id"], wallet)
    for each in house:
        due.end_idle(each, at.now, at.rules.zone)
    return 0 if purse is None or purse.redemption is None else pools.spendable(house, wallet, utc(at.now))


def _held(at: Working, member: dict[str, Any], command: Capture | Release) -> Held | Denied:
    """The hold, if it is there and this caller's."""
    found = held_by(at, member, command.hold)
    return found if found is not None and _may(found.partner, command.caller.partner) else _unknown()


def _let_go(at: Working, held: Held, id_: str) -> pools.Parts:
    """What was held, by member. What inactivity has ended at the till has its end: without that, what is spent of it
    would be alive if it is given back."""
    for each in held.documents:
        due.end_idle(each, at.now, at.rules.zone)
    return held.end(id_)


def _unknown() -> Denied:
    return Denied("unknown_hold", "no such hold: it was released, or has timed out; quote and hold again")


def _may(owner: str, partner: str | None) -> bool:
    """A partner touches only its own; the coalition's own callers all."""
    return partner is None or owner == partner
