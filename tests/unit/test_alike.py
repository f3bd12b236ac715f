"""Who else is called as an erased person is, and what is looked for then; by hand."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from shared.ops.alike import Alike, Comparing
from shared.ops.erasing_person import Person
from shared.ops.terms import GONE, Terms

ANN, BOB = "m-0000000000000000000a", "m-0000000000000000000b"
CARD = "551108736888"


def compared(word: str, *others: str, keys: tuple[str, ...] = (), stranger: bool = False, freed: bool = False) -> Alike:
    found = Comparing([word], keys, freed=freed)
    for each in others:
        found.meet(each, stranger=stranger)
    return found.found


@pytest.mark.parametrize(
    ("word", "other", "alike"),
    [
        (CARD, f"app:{CARD}", True),
        (CARD, f"ref:/partners/mart:{CARD}", True),
        (CARD, "card:5511-08736888", True),
        ("5511-08736888", f"card:{CARD}", True),
        ("AbCd086836", "app:aBcD086836", True),
        ("+84910866747", "ref:/partners/mart:+84910866747", True),
        ("ann@example.com", "ref:/partners/mart:Ann@example.com", True),
        ("ref:/partners/mart:Kunde-086836", "ref:/partners/mart:KUNDE-086836", True),
        ("ref:/partners/mart:Kunde-086836", "ref:/partners/cafe:Kunde-086836", False),
        (CARD, "card:551108736889", False),
        ("ann@example.com", "email:mary.ann@example.com", False),
    ],
)
def test_a_word_that_somebody_else_is_known_by_is_shared(word: str, other: str, *, alike: bool) -> None:
    """Mechanism: `Comparing.meet`. Without it others would lose their names, what waits and their dead letters."""
    found = compared(word, other)
    assert (found.words, found.longer) == (frozenset({word} if alike else ()), frozenset())


def test_a_longer_name_of_somebody_elses_is_told_apart() -> None:
    """Mechanism: `longer`. Without it the other's card would be [erased]-2 wherever people wrote it."""
    found = compared(CARD, f"card:{CARD}-2", f"card:{CARD}")
    assert found.longer == {f"{CARD}-2"}
    terms = Terms.of_identifiers([CARD], alike=compared(CARD, f"card:{CARD}-2"))
    said = {"reason": f"mixed up {CARD} with {CARD}-2 ({CARD}-3)"}
    assert terms.scrubbed(said) == {"reason": f"mixed up {GONE} with {CARD}-2 ({GONE}-3)"}
    assert not terms.found({"note": f"{CARD}-2"})


def person(*others: str) -> Person:
    """Ann, by her card; others: called so, too."""
    keys = [f"card:{CARD}"]
    found = compared(CARD, *others, keys=tuple(keys))
    own = Terms.of_identifiers([CARD], ANN, keys, alike=Alike(longer=found.longer))
    strong = Terms.of_identifiers([CARD], ANN, keys, alike=found)
    return Person([ANN], strong, Terms.of_names([]), own=own if found.words else None)


@pytest.mark.parametrize("other", [{"reference": CARD}, {"app": CARD}, {"card": "5511-08736888"}, {"phone": CARD}])
def test_others_keep_their_names_where_a_word_is_shared(other: dict[str, str]) -> None:
    """Mechanism: `Alike.words`, which are looked for as the very name only."""
    kind, called = next(iter(other.items()))
    key = f"ref:/partners/mart:{called}" if kind == "reference" else f"{kind}:{called}"
    ann, theirs = (
        person(key),
        {"_id": BOB, "event": orjson.dumps({"data": {"member": other}}), "note": f"card {called}"},
    )
    assert not ann.strong.found(theirs)
    assert ann.without(theirs, "earn.members") == theirs
    assert not ann.strong.found({"_id": key, "member": BOB}), "or no erasure of theirs would ever end"
    mine = {"event": orjson.dumps({"data": {"member": {"card": CARD}}})}
    assert ann.strong.found(mine)
    assert ann.called(mine["event"])


def test_a_household_keeps_its_number_whoever_else_is_called_so_by_the_next_run() -> None:
    """Mechanism: `Terms.numbered`. By what is left of the words, two households of strangers would become one when an
    erasure that was cut off is run again."""
    words = ["+84966111777", CARD, "mala@example.com"]
    first = Terms.of_identifiers(words, "m-a")
    again = Terms.of_identifiers(words, "m-a", alike=Alike(words=frozenset({"+84966111777"})))
    for household in ("mala@example.com", CARD):
        assert first.household(household) == again.household(household) != household
    assert again.household("mala@example.com") != again.household(CARD)


def test_a_household_goes_by_what_was_so_at_the_first_run() -> None:
    """Since then somebody signed up as an app's user by the card. Mechanism: `houses` of `Terms`; without it what one
    service has renamed already, another would go on calling by the card."""
    keys, now = [f"card:{CARD}"], Alike(words=frozenset({CARD}))
    first = Terms.of_identifiers([CARD], ANN, keys)
    again = Terms.of_identifiers([CARD], ANN, keys, alike=now, houses=first)
    word, document = first.household(CARD), {"known": {"profile.household": ["t", "e", CARD], "note": ["t", "e", CARD]}}
    assert again.household(CARD) == word != CARD
    assert again.found(document)
    left = {"known": {"profile.household": ["t", "e", word], "note": ["t", "e", CARD]}}
    assert again.scrubbed(document) == left
    assert not again.found(left)
    signup = orjson.dumps({"data": {"profile": {"household": CARD}}})
    assert orjson.loads(again.scrubbed(signup)) == {"data": {"profile": {"household": word}}}
    shared = Terms.of_identifiers(
        [CARD], ANN, keys, alike=now, houses=Terms.of_identifiers([CARD], ANN, keys, alike=now)
    )
    assert shared.household(CARD) == CARD, "it was another's from the beginning"


def test_what_is_about_the_person_loses_a_shared_word_too() -> None:
    """Mechanism: `Person.own`. Without it the audit log would tell the card of somebody who was erased."""
    ann = person(f"app:{CARD}")
    line = {"_id": "a-1", "said": {"member": ANN, "reason": f"card {CARD} was lost"}}
    assert ann.named(line, "earn.audit")
    assert ann.without(line, "earn.audit")["said"]["reason"] == f"card {GONE} was lost"
    assert not ann.named({"_id": "a-2", "said": {"member": BOB, "reason": f"card {CARD} was lost"}}, "earn.audit")


def test_somebody_elses_entry_keeps_their_name_though_it_tells_of_the_person() -> None:
    """Ann referred Bob, whom an app knows by her number. Mechanism: `others` in `Person.without`."""
    ann = person(f"app:{CARD}")
    said = orjson.dumps({"data": {"member": BOB, "advocate": ANN, "event": {"data": {"friend": {"app": CARD}}}}})
    entry = {"_id": "x", "member": BOB, "event": said}
    assert ann.told(entry)
    assert not ann.named(entry, "earn.journal")
    assert ann.without(entry, "earn.journal") == entry


def test_a_name_that_is_somebody_elses_by_now_is_not_looked_for() -> None:
    """They signed up by it before the erasure was run again. Mechanism: `Alike.keys`."""
    ann = person(f"card:{CARD}")
    assert not ann.called(orjson.dumps({"data": {"member": {"card": CARD}}}))
    assert person().called(orjson.dumps({"data": {"member": {"card": CARD}}}))


def test_a_stranger_called_so_keeps_the_name_and_shields_nothing_else() -> None:
    """A partner calls somebody, perhaps the person, by their address. Mechanism: `Alike.strangers`: with them among the
    words, one event would keep the address in all that is about others."""
    address = "ann@example.com"
    found = compared(address, f"ref:/partners/cho:{address}", f"card:{address} twice", stranger=True)
    assert found == Alike(strangers=frozenset({address}))
    terms = Terms.of_identifiers([address], ANN, [f"email:{address}"], alike=found)
    waits = {"identities": [f"ref:/partners/cho:{address}"], "event": orjson.dumps({"m": {"reference": address}})}
    assert not terms.found(waits)
    assert terms.found({"email": address})
    assert terms.scrubbed({"invited_by": address}) == {"invited_by": GONE}


def test_a_name_that_an_event_of_theirs_told_and_no_signup_is_theirs() -> None:
    """It is nobody's so far. Mechanism: `Comparing` until names are freed; without it the person's own address would be
    taken for a stranger's. Once they are freed, it is a stranger's."""
    key = "email:ann@example.com"
    assert compared("ann@example.com", key, keys=(key,), stranger=True) == Alike()
    found = compared("ann@example.com", key, keys=(key,), stranger=True, freed=True)
    assert found == Alike(keys=frozenset({key}), strangers=frozenset({"ann@example.com"}))


@pytest.mark.parametrize("where", ["attributes", "known"])
@pytest.mark.parametrize(
    ("said", "left"),
    [
        ({"partner": f"card {CARD}", "brand": CARD}, {"partner": f"card {GONE}", "brand": GONE}),
        ({"card": f"was {CARD} once"}, {"card": f"was {GONE} once"}),
        ({"spouse": int(CARD), "paid": 7, "vip": True}, {"spouse": GONE, "paid": 7, "vip": True}),
        ({"call": [["t", "e", 84901234567]]}, {"call": [["t", "e", GONE]]}),
        ({CARD: "spouse", "x": {f"card_{CARD}": 1}}, {GONE: "spouse", "x": {f"card_{GONE}": 1}}),
    ],
)
def test_what_partners_say_in_words_of_their_own_is_looked_into_whatever_it_is_called(
    where: str, said: dict[str, Any], left: dict[str, Any]
) -> None:
    """Mechanism: `said.OWN_WORDS`. Without it an attribute `partner` would be taken for a field that names nobody."""
    terms = Terms.of_identifiers([CARD, "+84901234567"])
    assert terms.found({where: said})
    assert terms.scrubbed({where: said}) == {where: left}
    assert not terms.found({where: left})
    assert terms.scrubbed({"partner": CARD, "points": int(CARD)}) == {"partner": CARD, "points": int(CARD)}


def event(**data: Any) -> bytes:
    return orjson.dumps({"source": "/partners/shop", "id": "e-1", "data": data})


@pytest.mark.parametrize(
    ("value", "about"),
    [
        (event(member={"card": "7"}, attributes={"served_by": CARD}), False),
        (event(member={"card": CARD}), True),
        (event(advocate={"app": "x"}, friend={"card": CARD}), True),
        (event(member=CARD), True),  # refused for its form
        (event(member={"card": "7"}, profile={"note": CARD}), True),
        (orjson.dumps({"data": {"member": BOB, "event": {"data": {"member": {"card": CARD}}}}}), True),
        (orjson.dumps({"data": {"member": ANN, "entry": {}}}), True),
        (orjson.dumps({"data": {"member": BOB, "event": {"data": {"code": CARD}}}}), False),
        (b"\xff card 551108736888", True),  # whose it is nobody can tell
        (orjson.dumps({"card": CARD}), True),
        (b"", False),
    ],
)
def test_a_record_is_about_its_sides(value: bytes, *, about: bool) -> None:
    """Mechanism: `redacting.sides`. Without it a stranger's purchase would be gone whose till wrote the person's name
    into an attribute."""
    assert person().called(value) == about


def test_a_records_key_is_overwritten_as_a_whole_only() -> None:
    """Mechanism: `said.in_bytes`. Without it a dead letter would be replayed under `[erased]-2`."""
    terms = Terms.of_identifiers([CARD])
    theirs = {"key": f"{CARD}-2".encode(), "note": f"{CARD}-2"}
    assert terms.scrubbed(theirs) == {"key": theirs["key"], "note": f"{GONE}-2"}
    assert terms.scrubbed({"key": CARD.encode()}) == {"key": GONE.encode()}
