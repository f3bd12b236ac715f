"""Ids that have an identifier or a name of the person in them, wherever they are told: by these events are known."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from shared.ops.alike import Alike
from shared.ops.erasing_person import Person
from shared.ops.terms import GONE, Terms

ANN = "m-0000000000000000000a"
BOB = "m-0000000000000000000b"
CARD, PHONE, EMAIL = "445566778899", "+4915112345678", "ann@example.com"
KEYS = [f"card:{CARD}", f"phone:{PHONE}", f"email:{EMAIL}", "ref:/partners/shop:GN/42"]
STRONG = [CARD, PHONE, EMAIL, "ref:/partners/shop:GN/42"]
NAMES = ["Ursula", "Otokar Bily"]


def person(*ids: str, own: tuple[str, ...] = ()) -> Person:
    found = Person([ANN], Terms.of_identifiers(STRONG, ANN, KEYS, []), Terms.of_names(NAMES, ANN))
    found.keep(list(ids), list(own))
    return found


def purchase(id_: str, kind: str = "purchase", **data: Any) -> dict[str, Any]:
    said = {"member": {"card": "5500"}, **data}
    return {"specversion": "1.0", "id": id_, "source": "/partners/shop", "type": f"loyalty.{kind}.v1", "data": said}


def left(document: dict[str, Any], place: str, *ids: str) -> dict[str, Any]:
    """What is left of somebody else's document, which must be all that is looked for."""
    of = person(*ids)
    clean = of.without(document, place)
    assert not of.strong.found(clean)
    assert of.kept(clean)
    return clean


@pytest.mark.parametrize("id_", [PHONE, CARD, EMAIL, EMAIL.upper(), f"receipt-{CARD}"])
def test_a_stranger_s_event_that_waits_keeps_its_id(id_: str) -> None:
    """Mechanism: `said.ID`. Without it the id that was nothing but such a word was overwritten within the event: it was
    another event then, which collided with others' or was posted twice."""
    event = orjson.dumps(purchase(id_, lines=[], attributes={"by": CARD}))
    waits: dict[str, Any] = {"_id": f"/partners/shop|{id_}", "event": event, "value": event, "origin": {}, "key": None}
    clean = left(waits, "earn.waiting", f"/partners/shop|{id_}")
    for name in ("event", "value"):
        said = orjson.loads(clean[name])
        assert (said["id"], said["data"]["attributes"]) == (id_, {"by": GONE})
    assert clean["_id"] == waits["_id"]


def test_what_a_stranger_s_return_is_of_stays() -> None:
    """Two that were both of `[erased]` were refused."""
    event = orjson.dumps(purchase("r-1", "return", purchase=CARD, reason=f"asked by {PHONE}"))
    clean = left({"_id": "/partners/shop|r-1", "event": event, "value": event}, "earn.waiting")
    said = orjson.loads(clean["event"])
    assert (said["data"]["purchase"], said["data"]["reason"]) == (CARD, f"asked by {GONE}")


@pytest.mark.parametrize("of", [CARD, f"receipt-{CARD}", PHONE])
def test_a_letter_of_others_can_be_replayed(of: str) -> None:
    """Of a purchase that had not come yet when its return did: nobody has stored its id. In a batch, too."""
    value = orjson.dumps([purchase(of, "return", purchase=of)])
    letter = {"_id": "d-1", "event": f"/partners/shop|{of}", "value": value, "detail": f"purchase {of} is unknown"}
    clean = left(letter, "earn.dead_letters")
    assert (orjson.loads(clean["value"]), clean["event"]) == (orjson.loads(value), f"/partners/shop|{of}")
    assert clean["detail"].startswith("purchase ") and CARD not in clean["detail"] and PHONE not in clean["detail"]


def test_an_activity_of_others_keeps_the_id_of_its_event() -> None:
    """As the journal has it: what comes back of it is found by it."""
    said = {"data": {"member": BOB, "event": purchase(PHONE, attributes={"of": EMAIL})}}
    entry = {"_id": f"/partners/shop|{PHONE}", "member": BOB, "event": orjson.dumps(said), "request": None}
    of = person(f"/partners/shop|{PHONE}")
    clean = orjson.loads(of.unnamed(entry)["event"])["data"]["event"]
    assert (clean["id"], clean["data"]["attributes"]) == (PHONE, {"of": GONE})


@pytest.mark.parametrize("id_", ["signup-ursula", "Otokar Bily", "otokar-bily", "URSULA", "gw-ursula-1", "k21-ursula"])
def test_an_id_with_a_name_ends_the_erasure(id_: str) -> None:
    """Mechanism: `Terms._stays` and names that are kept (`own_ids`). Without it the proof said `LEFT` for ever, and the
    identifiers that were looked for stayed with it."""
    whole = f"/partners/shop|{id_}"
    of = person(own=(whole,))
    said = {"data": {"member": ANN, "event": purchase(id_, profile={"name": "Ursula"})}}
    entry = {"_id": whole, "member": ANN, "event": orjson.dumps(said), "facts": {}, "answer": whole}
    asked = {"_id": f"asked|{id_}", "member": ANN}  # denied, so that it has no entry
    for document, place in ((entry, "earn.journal"), (asked, "earn.inbox")):
        clean = of.without(document, place)
        assert not of.strong.found(clean) and not of.named(clean, place)
        assert of.kept(clean)
    clean = of.without(entry, "earn.journal")
    told = orjson.loads(clean["event"])["data"]["event"]
    assert (told["id"], told["data"]["profile"], clean["answer"]) == (id_, {"name": GONE}, whole)


@pytest.mark.parametrize(
    ("id_", "left"),
    [
        ("Otokar Bily", GONE), ("otokar-bily", GONE), (EMAIL.upper(), GONE), (PHONE, GONE),
        ("0049 151 123-45678", GONE), (f"card {CARD}", f"card {GONE}"), (f"Tel:{PHONE}", f"Tel:{GONE}"),
        (f"user/{EMAIL}", f"user/{GONE}"),
        (f"Ursula {CARD}", f"{GONE} {GONE}"),
    ],
)  # fmt: skip
def test_what_is_an_id_too_is_hidden_nowhere_else(id_: str, left: str) -> None:
    """Mechanism: `Terms.keeping` lets ids stand with their source alone, and fields of ids whatever they have. Read
    over wherever it stands, a reason that says the same would keep the card, and the proof say `nowhere`."""
    of = person(f"/partners/shop|{id_}", own=(f"/partners/shop|{id_}",))
    for word, gone in ((EMAIL, GONE), (PHONE, GONE), ("Otokar Bily", GONE), (id_, left)):
        assert of.without({"_id": "x", "member": ANN, "note": f"of {word}!"}, "earn.x")["note"] == f"of {gone}!"
    said = orjson.dumps(purchase(id_, attributes={"note": f"of {CARD}"}, reason=id_.replace("Ursula", "U")))
    others = {"_id": f"/partners/shop|{id_}", "value": said, "key": id_.replace("Ursula", "U").encode(), "reason": "x"}
    # Neither where it is told with its source, as a history has it.
    whole = f"double of /partners/shop|{id_}, sorry"
    told = of.without(
        {"_id": "x", "reason": whole, "attributes": {"of": whole}, "answer": whole, "key": whole.encode()}, "y"
    )
    for name in ("reason", "attributes", "key"):
        assert not any(each in str(told[name]) for each in (CARD, PHONE, EMAIL))
    assert told["answer"] == whole
    noted = of.without({"_id": "x", "member": ANN, "said": {"reason": whole}}, "earn.audit")["said"]["reason"]
    assert not any(each in noted for each in (CARD, PHONE, EMAIL, "Ursula"))
    clean = of.without(others, "earn.waiting")
    event = orjson.loads(clean["value"])
    assert (event["id"], event["data"]["attributes"]) == (id_, {"note": f"of {GONE}"})
    assert not any(each.encode() in clean["key"] for each in (CARD, PHONE, EMAIL))
    assert not any(each in event["data"]["reason"] for each in (CARD, PHONE, EMAIL))


def test_an_own_id_with_a_word_that_others_are_known_by_ends_the_erasure() -> None:
    """Mechanism: ids are kept in `Person.own`, too. Without it the proof said `LEFT` for ever."""
    alike = Alike(words=frozenset([CARD]), keys=frozenset([f"ref:/partners/cafe:{CARD}"]))
    whole = f"/partners/shop|signup-{CARD}"
    names = Terms.of_names(NAMES, ANN)
    theirs = Terms.of_identifiers(STRONG, ANN, KEYS, [])
    of = Person([ANN], Terms.of_identifiers(STRONG, ANN, KEYS, [], alike), names, own=theirs)
    of.keep([], [whole])
    said = {"data": {"member": ANN, "event": purchase(f"signup-{CARD}", attributes={"of": CARD})}}
    postings = [{"on": f"on:delivered:{whole}", "points": 3}]
    entry = {"_id": whole, "member": ANN, "event": orjson.dumps(said), "facts": {}, "steps": postings}
    clean = of.without(entry, "earn.journal")
    assert not of.strong.found(clean) and not of.named(clean, "earn.journal") and of.kept(clean)
    assert clean["steps"] == postings
    told = orjson.loads(clean["event"])["data"]["event"]
    assert (told["id"], told["data"]["attributes"]) == (f"signup-{CARD}", {"of": GONE})


def test_others_who_are_called_so_keep_their_names() -> None:
    """A name in another's id is no id of the person's."""
    of = person()
    other = {"_id": "/partners/shop|ursula-7", "member": BOB, "note": "Ursula"}
    assert not of.strong.found(other) and not of.named(other, "earn.journal") and not of.kept(other)


def test_an_id_of_ours_still_tells_whom_a_document_is_about() -> None:
    """Mechanism: where nothing is settled, ids are looked into as all else (`Person._ids`)."""
    event = orjson.dumps({"id": f"welcome:{ANN}:2017", "source": "/services/campaigns", "data": {"note": "Ursula"}})
    clean = person().without({"_id": "d-1", "value": event}, "notify.dead_letters")
    assert orjson.loads(clean["value"])["data"] == {"note": GONE}


def test_what_a_partner_calls_as_our_documents_do_is_no_id() -> None:
    """Mechanism: `said.as_id` of a record. Without it such a letter kept the phone, as if it were known by it."""
    value = orjson.dumps({"_id": PHONE, "event": f"called by {PHONE}", "x": {"_id": f"card {CARD}", "event": EMAIL}})
    clean = person().without({"_id": "d-1", "value": value, "event": f"/partners/shop|{PHONE}"}, "earn.dead_letters")
    assert orjson.loads(clean["value"]) == {
        "_id": GONE, "event": f"called by {GONE}", "x": {"_id": f"card {GONE}", "event": GONE},
    }  # fmt: skip
    assert clean["event"] == f"/partners/shop|{PHONE}"
