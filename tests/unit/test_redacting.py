"""What is left of an event when a person is erased, and what a search for them finds; by hand."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from shared.events.internal import LEDGER_INPUT
from shared.ops.redacting import entry, event, in_reasons, named
from shared.ops.spellings import parts
from shared.ops.terms import GONE, Terms
from tests.unit.partnerkit import ANN, activity

SIGNUP = {
    "member": {"email": "ann@example.com", "reference": "7"},
    "profile": {"name": "Ann Quux", "birthday": "1990-05-05", "household": "h-1"},
    "attributes": {"note": "likes plums"},
}
BASKET = {
    "member": {"card": "c-1"}, "currency": "VND", "store": "1", "attributes": {"cashier": "Ann"}, "payment": "card 47",
    "lines": [{"product": "p", "quantity": 2, "amount": "10", "attributes": {"engraving": "Ann"}}],
}  # fmt: skip


def left(kind: str, data: dict[str, Any]) -> dict[str, Any]:
    raw = event(activity(ANN, "grocer", "e-1", data, kind=kind))
    LEDGER_INPUT.validate_json(raw)  # still an activity by the contract: backtests and `why` read it
    found: dict[str, Any] = orjson.loads(raw)["data"]["event"]["data"]
    return found


def test_a_signup_says_nothing_of_a_person() -> None:
    assert left("signup", SIGNUP) == {"member": {"reference": "erased"}}


def test_a_purchase_keeps_what_the_ledger_was_decided_by() -> None:
    assert left("purchase", BASKET) == {
        "member": {"reference": "erased"}, "currency": "VND", "store": "1",
        "lines": [{"product": "p", "quantity": 2, "amount": "10"}],
    }  # fmt: skip


def test_redacted_twice_is_redacted_once() -> None:
    once = event(activity(ANN, "grocer", "e-1", SIGNUP, kind="signup"))
    assert event(once) == once
    assert event(b"{}") == b"{}"


def test_facts_about_the_member_go_and_those_of_the_basket_stay() -> None:
    facts = {
        "member.attributes.kids_count": "2", "event.attributes.child": "Bjarne", 'event.attributes["a b"]': "x",
        "basket.eligible": "10", "event.store": "1",
    }  # fmt: skip
    found = entry({"event": b"{}", "facts": facts})
    assert found["facts"] == {"basket.eligible": "10", "event.store": "1"}


def test_who_a_member_is_called_is_read_from_their_own_events() -> None:
    assert named(activity(ANN, "grocer", "e-1", SIGNUP, kind="signup")) == ({"email:ann@example.com"}, {"Ann Quux"})
    refers = {"advocate": {"email": "bob@example.com"}, "friend": {"card": "c-1"}, "member": None}
    assert named(activity(ANN, "grocer", "e-1", refers, kind="referral")) == ({"card:c-1"}, set())


@pytest.mark.parametrize(
    ("word", "where", "found"),
    [
        ("ann@example.com", {"a": [{"b": "mail ANN@example.com now"}]}, True),
        ("ann@example.com", {"a": "joann@example.com"}, False),  # somebody else's
        ("+8490", b'{"phone":"+84901"}', False),
        ("Ánh", orjson.dumps({"name": "Ánh"}), True),
        ("Ánh", b'{"name":"\\u00c1nh"}', True),  # as some senders escape it
        ("x", {"a": "x"}, False),  # too short to be anybody's
        ("key-1", {"card:key-1": 0}, True),
        ("stars", {"balances": {"stars": 5}, "stars": 5}, False),  # a wallet, and a field
        ("25000", b'{"lines":[{"amount":"25000"}],"member":{"card":"7"}}', False),  # what it came to
        ("25000", b'{"lines":[{"amount":"7"}],"member":{"card":"25000"}}', True),
    ],
)
def test_words_are_found_wherever_they_stand(word: str, where: Any, found: bool) -> None:
    assert Terms([word]).found(where) == found


def test_words_are_scrubbed_and_nothing_else_is() -> None:
    terms = Terms(["Ann Quux", "+84901"])
    before = {"said": {"reason": "ann quux called from +84901"}, "raw": b"\xff +84901", "n": 3, "other": ["Anna"]}
    assert terms.scrubbed(before) == {
        "said": {"reason": f"{GONE} called from {GONE}"}, "raw": b"\xff " + GONE.encode(), "n": 3, "other": ["Anna"],
    }  # fmt: skip
    assert not terms.found(terms.scrubbed(before))


def test_what_was_decided_counted_and_sold_stays() -> None:
    """A card may have the number that a bill comes to, and somebody may be called Silver."""
    raw = {"data": {"lines": [{"amount": "25000", "product": "silver"}], "note": "25000, for Silver"}}
    before = {"postings": [{"wallet": "silver", "amount": 25}], "tiers": {"ladder": "silver"}, "raw": orjson.dumps(raw)}
    after = Terms(["25000", "Silver"]).scrubbed(before)
    raw["data"]["note"] = f"{GONE}, for {GONE}"
    assert after == before | {"raw": orjson.dumps(raw)}


def test_a_partners_long_number_is_the_persons_wherever_no_other_partner_says_it() -> None:
    """Mechanisms: `references`, without which it stays in whatever is no `ref:<source>:<reference>`; `_is_word` and the
    pattern's `other`, without which those whom another partner calls alike would lose their name."""
    own = "ref:/partners/mill:C-7777000"
    terms = Terms.of_identifiers([own], "m-a", [own], ["C-7777000"]).keeping([])
    before = {
        "reason": "c-7777000 called", "attributes": {"friend_of": "C-7777000"}, "code": "C-7777000",
        "raw": b'{"note":"C-7777000","member":{"reference":"C-7777000"}}',
        "facts": {"event.attributes.of": "C-7777000"},
        "identities": [own, "ref:/partners/cho:C-7777000", "ref:/partners/mill:C-77770001"],
    }  # fmt: skip
    assert terms.scrubbed(before) == {
        "reason": f"{GONE} called", "attributes": {"friend_of": GONE}, "code": GONE,
        "raw": b'{"note":"[erased]","member":{"reference":"C-7777000"}}', "facts": {"event.attributes.of": GONE},
        "identities": [GONE, "ref:/partners/cho:C-7777000", "ref:/partners/mill:C-77770001"],
    }  # fmt: skip
    assert not terms.found(terms.scrubbed(before))
    for somebody_else in ({"friend": {"reference": "C-7777000"}}, {"identities": ["ref:/partners/cho:C-7777000"]}):
        assert not terms.found(somebody_else)
        assert not terms.kept(somebody_else)


def test_any_number_of_a_partners_goes_from_reasons_about_the_member() -> None:
    """Mechanism: `Terms.of_reasons`. A short one means something else elsewhere."""
    known = Terms.of_identifiers(["ref:/partners/mill:4711"])
    assert Terms.of_reasons(Terms.of_names([]), known).scrubbed("4711 called, 47110 did not") == (
        f"{GONE} called, 47110 did not"
    )
    assert known.scrubbed("4711 called") == "4711 called"


def test_what_partners_say_in_attributes_is_in_no_fact() -> None:
    """Mechanism: `said.is_settled` of facts. Without it an entry keeps what it was decided by, names and all, and the
    search does not look there."""
    terms, names = Terms.of_identifiers(["8888000222", "ann@example.com"]), Terms.of_names(["Ann Gold"])
    facts = {"event.attributes.for": "card 8888000222, Ann Gold", "member.attributes.mother": "ann@example.com",
             'event.attributes["in words"]': "8888000222"}  # fmt: skip
    decided = {"member.tier": "ann gold", "basket.eligible": "8888000222", "history.points": "8888000222"}
    before = {"facts": facts | decided, "event": orjson.dumps({"data": {"facts": facts | decided}})}
    left = {"event.attributes.for": f"card {GONE}, {GONE}", "member.attributes.mother": GONE,
            'event.attributes["in words"]': GONE}  # fmt: skip
    assert (terms.found({"facts": facts}), names.found({"facts": facts})) == (True, True)
    assert not terms.found({"facts": decided})
    after = names.scrubbed(terms.scrubbed(before))
    assert after == {"facts": left | decided, "event": orjson.dumps({"data": {"facts": left | decided}})}
    assert not terms.found(after)


def test_an_address_goes_also_from_where_numbers_stand() -> None:
    """Mechanism: `spellings.certain`. A till writes what it likes as the number of a bill, a partner as a store's."""
    terms = Terms.of_identifiers(["ann@example.com", "+84901234567", "8888000222"]).keeping(
        ["/p/mill|ann@example.com-1"]
    )
    before = {
        "used": {"bill": "Ann@example.com, +84 901 234 567", "amount": 8888000222, "place": "8888000222"},
        "answer": {"bill": "8888000222"}, "amount": "84901234567", "store": "of +84901234567", "channel": "app",
        "return_of": "/p/mill|ann@example.com-1", "origin": {"topic": "partner.ann", "offset": 7},
        "event": b'{"channel":"ann@example.com","amount":"0084901234567"}', "facts": {"event.store": "ann@example.com"},
    }  # fmt: skip
    after = terms.scrubbed(before)
    assert after == before | {
        "used": {"bill": f"{GONE}, {GONE}", "amount": 8888000222, "place": "8888000222"}, "store": f"of {GONE}",
        "event": b'{"channel":"[erased]","amount":"0084901234567"}', "facts": {"event.store": GONE},
    }  # fmt: skip
    assert terms.found({"used": {"bill": "ann@example.com"}})
    assert not terms.found(after)


@pytest.mark.parametrize(
    ("card", "where", "found"),
    [
        ("2027", {"joined": "2027-05-01T08:00:10+00:00", "day": "2027", "note": "in 2027"}, False),
        ("bakery", {"source": "/partners/bakery", "caller": "bakery", "identities": ["ref:/partners/bakery:7"]}, False),
        ("bakery", {"identities": ["phone:+84901234567", "card:bakery"]}, True),
        ("bakery", b'{"data":{"member":{"card":"bakery"}}}', True),
        ("bakery", b'{"data":{"member":{"card":"Bakery"}}}', False),  # another card, as intake compares them
        ("8888000222", {"note": "called 8888000222"}, True),  # whoever else could that be
        ("2027-05-01", {"known": {"profile.household": ["2027-05-01", "e", "north"]}}, False),
        ("m-199222c6f8e2130a2bcc", {"member": "m-199222c6f8e2130a2bcc"}, False),
    ],
)
def test_a_card_may_be_called_anything(card: str, where: Any, found: bool) -> None:
    """Mechanism: `unmistakable`. Without it others' documents would lose their dates and partners."""
    terms = Terms.of_identifiers([card])
    assert terms.found(where) == found
    assert (terms.scrubbed(where) != where) == found
    assert not terms.found(terms.scrubbed(where))


@pytest.mark.parametrize(
    ("where", "found"),
    [
        ({"member": {"card": "20275"}}, True),
        ({"member": {"app": "20275"}}, False),
        ({"friend": {"reference": "20275"}}, False),
        ({"identities": ["app:20275", "ref:/partners/cho:20275"]}, False),
        ({"identities": ["card:20275"]}, True),
        ({"identities": ["ref:/partners/cafe:20275"]}, True),
        (b'{"data":{"advocate":{"app":"20275"},"friend":{"card":"7"}}}', False),
    ],
)
def test_a_short_name_is_the_persons_in_its_own_kind_only(where: Any, found: bool) -> None:
    """Mechanism: kinds of plain words. Without them events of strangers that wait, and others' dead letters, would be
    destroyed, and the living lose names of their own."""
    keys = ["card:20275", "ref:/partners/cafe:20275"]
    terms = Terms.of_identifiers(["20275", "ref:/partners/cafe:20275"], "m-a", keys)
    assert terms.found(where) == found
    assert (terms.scrubbed(where) != where) == found
    unknown = Terms.of_identifiers(["20275"])
    assert unknown.found({"app": "20275"}), "an erasure that an earlier release began does not say of which kind"


def test_an_id_with_a_name_in_it_stays_and_every_other_word_goes() -> None:
    """Mechanism: an id is read over first (`Terms.keeping`). Without it no erasure of such a member would ever end."""
    terms = Terms(["8888000222"]).keeping(["/partners/grocer|signup-8888000222", "/partners/grocer|p-1"])
    before = {
        "_id": "/partners/grocer|signup-8888000222",
        "raw": b'{"id":"signup-8888000222","source":"/partners/grocer","card":"8888000222"}',
        "note": "called 8888000222, not 8888000222-x",
    }
    assert terms.found(before)
    after = terms.scrubbed(before)
    assert after == {
        "_id": "/partners/grocer|signup-8888000222",
        "raw": b'{"id":"signup-8888000222","source":"/partners/grocer","card":"[erased]"}',
        "note": f"called {GONE}, not {GONE}-x",
    }
    assert not terms.found(after)
    assert terms.kept(after)
    assert not terms.kept({"_id": "/partners/grocer|p-1"})


def test_an_id_that_is_nothing_but_a_name_does_not_let_the_name_stand() -> None:
    terms = Terms(["8888000222"]).keeping(["/partners/grocer|8888000222"])
    assert terms.scrubbed({"_id": "/partners/grocer|8888000222", "card": "8888000222"}) == {
        "_id": "/partners/grocer|8888000222", "card": GONE,
    }  # fmt: skip


def test_a_part_of_a_name_goes_from_reasons_and_from_nothing_else() -> None:
    terms = Terms(parts(["Zebulon Q. van Gold"]))
    before = {
        "said": {"reason": "ZEBULON called; zebulons did not, nor Q.", "tier": "gold"}, "reason": "of Gold, by letter",
        "event": b'{"reason":"for zebulon","wallet":"gold"}', "hash": b"\xff gold", "steps": [{"reason": "van"}],
    }  # fmt: skip
    assert in_reasons(before, terms.scrubbed) == {
        "said": {"reason": f"{GONE} called; zebulons did not, nor Q.", "tier": "gold"},
        "reason": f"of {GONE}, by letter", "event": b'{"reason":"for [erased]","wallet":"gold"}', "hash": b"\xff gold",
        "steps": [{"reason": GONE}],
    }  # fmt: skip


def test_a_household_that_is_called_as_somebody_was_goes_on_being_one_and_becomes_no_others() -> None:
    """Mechanism: `apart` of `Terms`. With one word for all, two erasures put strangers into one household, and each
    spends the other's points."""
    ann = Terms.of_identifiers(["8888000222", "ann@example.com"], "m-a")
    bob = Terms.of_identifiers(["bob@example.com"], "m-b")

    def member(household: str) -> dict[str, Any]:
        return {"household": household, "known": {"profile.household": ["2026-01-01", "e-1", household]}}

    assert ann.scrubbed(member("ann@example.com")) == member("[erased]_m-a_2")
    assert ann.scrubbed(member("8888000222")) == member("[erased]_m-a_1"), "another household of hers"
    assert bob.scrubbed(member("bob@example.com")) == member("[erased]_m-b_1")
    signup = orjson.dumps({"data": {"profile": {"household": "ann@example.com"}, "note": "of ANN@example.com"}})
    assert orjson.loads(ann.scrubbed(signup)) == {
        "data": {"profile": {"household": "[erased]_m-a_2"}, "note": f"of {GONE}"},
    }  # fmt: skip
    spelt = [ann.household(each) for each in ("ANN@example.com", "Ann@example.com", "ANN@example.com")]
    assert spelt[0] == spelt[2] != spelt[1], "what were two households stay two"
    assert all(each.startswith("[erased]_m-a_2_") for each in spelt)
    assert ann.household("ann@example.com") == "[erased]_m-a_2", "as what they have used of limits is kept under"
    assert not ann.found(ann.scrubbed(member("ann@example.com")))
    told = Terms(["m-a"], settled=frozenset())
    assert not told.found(ann.scrubbed(member("ann@example.com"))), "whose household it is, is not told about the other"
