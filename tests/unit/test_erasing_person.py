"""Which documents are about a person who is erased, and what is left of them; by hand."""

from __future__ import annotations

from typing import Any

import orjson

from shared.ops.erasing_person import Person
from shared.ops.terms import GONE, Terms

ANN, BOB = "m-0000000000000000000a", "m-0000000000000000000b"
KEY = "/earn/api/office|once-1"
LETTERS = "tiers.dead_letters"


def person(**more: Any) -> Person:
    return Person([ANN], Terms.of_identifiers([]), Terms.of_names(["Wilhelmina Abernathy"]), **more)


def letter(command: str) -> dict[str, Any]:
    """The dead letter of an announcement of somebody else's entry."""
    entry = {"kind": "transfer", "id": command, "reason": "Wilhelmina asked us to"}
    said = orjson.dumps({"data": {"member": BOB, "entry": entry}})
    return {"_id": "tiers|accruals:0:7", "member": BOB, "reason": "wilhelmina", "event": f"{BOB}-7", "value": said}


def test_a_dead_letter_of_a_command_about_the_person_loses_the_name_and_stays_one() -> None:
    """Mechanism: `Person.told` by commands, and `_in_parts` of a letter's bytes. Without them the name would stay, and
    the proof say `nowhere`; its own `reason` is ours, and no person's words."""
    target, before = person(commands=frozenset([KEY, f"{KEY}:{BOB}"])), letter(KEY)
    assert target.named(before, LETTERS)
    after = target.without(before, LETTERS)
    assert orjson.loads(after["value"])["data"]["entry"]["reason"] == f"{GONE} asked us to"
    assert after | {"value": b""} == before | {"value": b""}
    assert not target.named(after, LETTERS)


def test_a_dead_letter_of_another_command_is_about_others() -> None:
    """Its key only begins alike."""
    target, other = person(commands=frozenset([KEY])), letter(f"{KEY}-2")
    assert not target.named(other, LETTERS)
    assert target.without(other, LETTERS) == other


def test_a_line_of_the_audit_log_is_about_all_whom_its_command_was_about() -> None:
    """An unmerge names the duplicate. Mechanism: `Person.requests`; without it the survivor's name would stay."""
    line = {"_id": "1", "said": {"member": BOB, "reason": "Wilhelmina is not Bob"}, "request": "r-7"}
    target = person(requests=frozenset(["r-7"]))
    assert target.named(line, "earn.audit")
    assert target.without(line, "earn.audit")["said"]["reason"] == f"{GONE} is not Bob"
    assert not target.named(line | {"request": "r-8"}, "earn.audit")


def test_a_household_called_by_a_name_alone_stays_what_all_of_it_have() -> None:
    """Mechanism: `Terms.but_households`. Without it one of them, whose document has an address of the person, would be
    of another household than the rest, who are only called so."""
    target = Person([ANN], Terms.of_identifiers(["w@example.com"], ANN), Terms.of_names(["Wilhelmina Abernathy"], ANN))
    before = {"_id": BOB, "household": "Wilhelmina Abernathy", "note": "w@example.com, of Wilhelmina Abernathy"}
    assert target.without(before, "earn.members") == before | {"note": f"{GONE}, of {GONE}"}
