"""However people write a name, a number or a card, it is found; and no other word is; by hand."""

from __future__ import annotations

from unicodedata import normalize

import pytest

from shared.ops.erasing_person import Person
from shared.ops.terms import GONE, Terms

HERS = "m-0000000000000000000a"
KNOWN = ["+351912338600", "NNa5f31899887766", "gisele@example.com", "ref:/partners/grocer:77", "20170329", "25000"]
JOURNAL = "earn.journal"


def person() -> Person:
    return Person(
        [HERS], Terms.of_identifiers(KNOWN), Terms.of_names(["Gisèle Vandenberghe-Køhler", "Art Đặng-O’Brien"])
    )


def left(reason: str) -> str:
    """What a reason says when the person is erased."""
    entry = {"_id": "/earn/api/office|once-1", "member": HERS, "by": {"person": "staff-7"}, "reason": reason}
    target = person()
    after: str = target.without(entry, JOURNAL)["reason"]
    # What the search afterwards finds is what was there to be removed.
    assert (after != reason) == (target.strong.found(entry) or target.named(entry, JOURNAL))
    assert not target.named(entry | {"reason": after}, JOURNAL)
    return after


@pytest.mark.parametrize(
    "called",
    [
        "Gisèle", normalize("NFD", "Gisèle"), "GISELE", "gisele", "ＧＩＳÈＬＥ", "Gisè\u00adle",
        "Køhler", "Kohler", "KØHLER", "Vandenberghe", "vandenberghe-kohler", "Vandenberghe‑Køhler",
        normalize("NFD", "Đặng"), "Dang", "Dang-O'Brien", "Brien", "O'Brien", "O’BRIEN",
    ],
)  # fmt: skip
def test_a_name_goes_in_whatever_letters_it_is_written(called: str) -> None:
    """Mechanism: `spellings.folded`, and halves in `spellings.parts`. Without them all but the first of these stay."""
    assert left(f"Ms {called}'s card, à la carte") == f"Ms {GONE}'s card, à la carte"


@pytest.mark.parametrize(
    "said",
    [
        "+351912338600", "+351 912 338600", "+351 912 338 600", "+351-912-338-600", "+351.912.338.600",
        "+351 (912) 338/600", "+351 (0)912 338600", "00351 912338600", "351912338600", "912338600", "0912338600",
        "912 338 600", "0912-338-600", "＋３５１ ９１２３３８６００",
    ],
)  # fmt: skip
def test_a_phone_goes_however_it_is_grouped_and_as_it_is_dialled_at_home(said: str) -> None:
    """Mechanism: `spellings.written`. Without it only the first of these goes."""
    assert left(f"called from {said}, twice") == f"called from {GONE}, twice"


@pytest.mark.parametrize(
    "said",
    ["NNa5f31899887766", "nna5f318-99887766", "NNa5 f318 9988 7766", "NNa5f318.99887766", "NNA5F318/99887766"],
)
def test_a_card_goes_with_signs_in_between(said: str) -> None:
    assert left(f"card {said} is lost") == f"card {GONE} is lost"


def test_a_card_that_has_a_hyphen_goes_without_it() -> None:
    terms = Terms.of_identifiers(["NNa5f318-99887766"])
    assert terms.scrubbed({"note": "nna5f31899887766 or NNa5f318 99887766"}) == {"note": f"{GONE} or {GONE}"}


@pytest.mark.parametrize(
    "said",
    [
        "Arthur took part, as Martha did; no artist",  # Art
        "Kohlers, Giselea and Vandenberghes are others",
        "+912338600 and 91233860 and 9123386001 are others' numbers",
        "on 2017-03-29 we gave 25.000, that is 25 000",  # a card of digits is no day, and a short one no amount
        "NNa5f318-9988776 and NNa5f318-998877665 are other cards",
        "o la la, do or do not",  # parts of less than three letters
    ],
)
def test_no_other_word_is_damaged(said: str) -> None:
    assert left(said) == said


@pytest.mark.parametrize(
    ("said", "after"),
    [
        (
            "Gisele of 912338600",
            "Gisele of 912338600",
        ),  # others have such a first name, and another country such a number
        ("for gisele vandenberghe kohler", "for gisele vandenberghe kohler"),  # may be hers; counted
        ("of +351 912-338-600", f"of {GONE}"),
        ("of NNa5f318 99887766", f"of {GONE}"),
        ("of gisèle@example.com, not Gisele@Example.com", f"of gisèle@example.com, not {GONE}"),  # another's address
    ],
)
def test_of_what_is_about_others_only_what_can_be_nothing_else_goes(said: str, after: str) -> None:
    """Mechanism: `spellings.identifier`, which keeps accents, and knows no number without its country."""
    strong, entry = person().strong, {"member": "m-0000000000000000000b", "reason": said}
    assert strong.scrubbed(entry) == entry | {"reason": after}
    assert strong.found(entry) == (after != said)
    assert not person().named(entry, JOURNAL)


def test_a_whole_name_is_counted_in_any_letters() -> None:
    for called in ("gisele vandenberghe kohler", normalize("NFD", "GISÈLE VANDENBERGHE-KØHLER")):
        assert person().names.found({"reason": f"a friend of {called}"})
        assert person().names.scrubbed({"note": f"of {called}."}) == {"note": f"of {GONE}."}


def test_an_accent_is_no_letter_of_its_own() -> None:
    """A short name in a longer one, whose accents stand by themselves."""
    decomposed = normalize("NFD", "Ánhë")
    assert not Terms.of_names(["Ánh"]).found({"note": decomposed})
    assert Terms.of_names(["Ánh"]).scrubbed({"note": f"{normalize('NFD', 'Ánh')}?"}) == {"note": f"{GONE}?"}


@pytest.mark.parametrize(
    ("said", "after"),
    [
        ("mary.gisele@example.com", None), ("x+gisele@example.com", None), ("gisele@example.com.vn", None),
        ("to gisele@example.com. Then", "to [erased]. Then"), ("<gisele@example.com>", "<[erased]>"),
        ("mailto:gisele@example.com", "mailto:[erased]"), ("GISELE@EXAMPLE.COM", "[erased]"),
        ("?to=gisele%40example.com&x", "?to=[erased]&x"), ("mail_gisele@example.com", None),
        ("jo-gisele@example.com", None), ("gisele@example.com_2", "[erased]_2"),
        ("e-mail gisele@example.com", "e-mail [erased]"),
    ],
)  # fmt: skip
def test_an_address_in_a_longer_one_is_somebody_elses(said: str, after: str | None) -> None:
    """Mechanism: what stands around an address in `spellings.literal`."""
    strong = person().strong
    assert strong.found({"note": said}) == (after is not None)
    assert strong.scrubbed({"note": said})["note"] == (said if after is None else after)


@pytest.mark.parametrize(
    ("kind", "called", "others"),
    [
        ("email", "gisele@example.com", ["jo-gisele@example.com", "mary.gisele@example.com", "gisele@example.com-x"]),
        ("card", "NNa5f31899887766", ["NNa5f31899887766-2", "a-NNa5f31899887766", "NNa5f31899887766 2"]),
        ("phone", "+351912338600", ["+351912338600-1"]),
    ],
)
def test_a_longer_name_is_somebody_elses(kind: str, called: str, others: list[str]) -> None:
    """Where it says what somebody is called, and in identities. Mechanism: `terms._is_called`; without it the others
    would lose their names and what waits under them, and their identities would be found for ever."""
    strong = person().strong
    for said in (called, *others):
        for document in ({kind: said}, {"_id": f"{kind}:{said}"}, {"identities": [f"{kind}:{said}"]}):
            assert strong.found(document) == (said == called), document
        assert strong.scrubbed({kind: said}) == {kind: GONE if said == called else said}


def test_a_longer_number_of_the_same_partner_is_somebody_elses() -> None:
    """Also where it begins with the name of the source's and ends otherwise. Mechanism: as above."""
    strong = person().strong
    for said, found in (("77", True), ("77-2", False), ("770", False), ("3-77", False)):
        for document in ({"_id": f"ref:/partners/grocer:{said}"}, {"identities": [f"ref:/partners/grocer:{said}"]}):
            assert strong.found(document) == found, document
