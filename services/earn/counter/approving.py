"""What needs a second person's leave: kept waiting, then done as it was asked for, or refused. Pure.

A request that waits has an entry of its own, so that its Idempotency-Key is answered alike for ever, and a document
that says what is asked. It has no effect until another person approves: then the command is decided as any is, in the
same transaction in which the document stops waiting. So there is one effect, whatever is repeated or cut off.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime, timedelta
from typing import Any, Final

from services.earn.counter.approval_commands import Judging, Refuse
from services.earn.counter.commands import Adjust, Answer, Caller, Command, Denied, Goodwill, Leave, Transfer, digest
from services.earn.counter.people_commands import Close, Erase, Merge, Unmerge
from services.earn.counter.working import ABSORBED, NO_WALLET, Working
from shared.access.audit import ABOUT
from shared.access.persons import same_person
from shared.ops.terms import GONE
from shared.rules.rulebook import Ruleset

APPROVALS: Final = "approvals"
PENDING: Final = "pending"
LASTS: Final = timedelta(days=30)
"""So long a request waits; then it is kept as one that nobody answered."""
_KINDS: Final[Mapping[str, type[Command]]] = {
    each.kind: each for each in (Adjust, Goodwill, Transfer, Merge, Unmerge, Close, Erase)
}
_HEADING: Final = frozenset(each.name for each in fields(Command))


def waits(command: Command, rules: Ruleset) -> bool:
    """Whether it needs the leave of a person who has not given it. What cannot be meant is not kept: it is denied."""
    if command.leave is not None:
        return False
    if isinstance(command, Erase):
        return command.approved_by is None
    asked = rules.programme.second_person
    if asked is None or command.kind not in _KINDS:
        return False
    other = getattr(command, "to", getattr(command, "into", None))
    known = getattr(command, "wallet", NO_WALLET) in (NO_WALLET, *rules.programme.purses)
    return known and other != command.members[0] and asked.needed(command.kind, getattr(command, "points", 0))


def keep(command: Command, at: Working) -> Answer:
    """Keeps it waiting, and says under which id."""
    if command.caller.person is None:
        return Denied("no_person", "this needs two persons: say who asks for it")
    if isinstance(command, Erase):
        command = replace(command, persons=(command.member, *at.member(command.member).get(ABSORBED, ())))
    id_ = f"a-{digest(command.key)}"
    said = {each.name: getattr(command, each.name) for each in fields(command) if each.name not in _HEADING}
    until = at.now + LASTS
    at.approvals[id_] = {
        "_id": id_,
        "kind": command.kind,
        "said": {name: value for name, value in said.items() if value is not None},
        "author": asdict(command.caller),
        "request": command.request,
        "at": at.now,
        "until": until,
        "state": PENDING,
    }
    at.touched_approvals.add(id_)
    body: dict[str, object] = {"approval": id_, "state": PENDING, "kind": command.kind, "until": until.isoformat()}
    return at.booked(command, command.members[0], [], body, more={"asks": id_}, kind="request")


def judged(command: Judging, at: Working) -> dict[str, Any] | Denied:
    """The request, if this person may judge it now."""
    found = at.approvals.get(command.approval)
    if found is None:
        return Denied("unknown_approval", "nothing was asked for under this id; list what waits")
    state = state_of(found, at.now)
    if state == "expired":
        said = "nobody judged it in time; whatever is wanted now is asked for anew"
        return Denied("approval_expired", said, {"state": state})
    if state != PENDING:
        said = f"it is {state} already; whatever is wanted now is asked for anew"
        return Denied("judged_already", said, {"state": state})
    person = command.caller.person
    if person is None:
        return Denied("no_person", "a person approves or refuses: say who")
    if same_person(person, found["author"]["person"]) and not isinstance(command, Refuse):
        return Denied("second_person", "who asked for it does not approve it: another person does")
    return found


def asked(found: Mapping[str, Any], command: Judging) -> Command:
    """The command that was asked for, to be decided under the key of the one that approves it."""
    return _KINDS[found["kind"]](
        key=command.key, hash=command.hash, caller=Caller(**found["author"]), request=command.request,
        leave=Leave(found["_id"], command.caller), **found["said"],
    )  # fmt: skip


def _withheld(command: Refuse, found: Mapping[str, Any], at: Working) -> Refuse:
    """Of somebody who was erased no words are kept, as in the audit log; the hash stays that of what was asked."""
    about = [found["said"][name] for name in ABOUT if name in found["said"]]
    gone = any(at.knows(id_) and "erased" in at.member(id_) for id_ in about)
    return replace(command, reason=GONE) if gone else command


def close(command: Judging, found: Mapping[str, Any], at: Working) -> None:
    """It waits no more; who said so, and in which entry, stays on record."""
    refused = isinstance(command, Refuse)
    by = asdict(command.caller) | {"at": at.now, "request": command.request, "entry": command.key}
    at.approvals[found["_id"]] = {
        **found,
        "state": "refused" if refused else "approved",
        "judged": by | ({"reason": command.reason} if isinstance(command, Refuse) else {}),
    }
    at.touched_approvals.add(found["_id"])


def refuse(command: Refuse, found: Mapping[str, Any], at: Working) -> Answer:
    """It is not done. Who asked for it may take it back so, too."""
    command = _withheld(command, found, at)
    close(command, found, at)
    body: dict[str, object] = {"approval": found["_id"], "state": "refused"}
    return at.booked(command, found["said"]["member"], [], body, more={"reason": command.reason, "asks": found["_id"]})


def state_of(found: Mapping[str, Any], now: datetime) -> str:
    """pending, approved, refused; or expired, where nobody has answered in time."""
    until: datetime = found["until"]
    return "expired" if found["state"] == PENDING and until <= now else str(found["state"])
