"""What `why` says of a member into whom another was merged; by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

import orjson
import pytest

from shared.ledger.kin import merged_by
from shared.ops.databases import NotThereError
from shared.ops.explaining import UNKNOWN
from shared.ops.merged import Kin, kin_of, merged_now
from shared.ops.rebuilding import Sources
from shared.ops.story import build_story, what
from shared.ops.telling_events import tell_explanation
from shared.ops.why import one_event
from tests.unit.rulekit import book, rule
from tests.unit.test_rebuilding import ME, OTHER, Books, at
from tests.unit.test_why_since import decided, then, told

NOT_KEPT = "asked again it would give 7 stars; it gave nothing, and why is not kept"


def merge(seq: int, day: int, kind: str = "merge", duplicate: str = OTHER) -> dict[str, Any]:
    """The survivor's entry, as the counter writes it."""
    said = {"kind": kind, "wallet": "", "points": 0, "moved": {"stars": 4}, "duplicate": duplicate}
    return {
        "_id": f"/office|{day}:{ME}", "member": ME, "seq": seq, "kind": kind, "origin": None, "facts": {},
        "awards": [], "postings": [], "at": datetime.fromisoformat(at(day)), "event": orjson.dumps(said),
    }  # fmt: skip


@pytest.fixture
def sources() -> Sources:
    """A rule that was published long before, and gave nothing; signup is entry 1, the baskets 2 and 3."""
    return then(decided(book(), 2, 3), book(rule("third", "then: {fixed: 7}")))


def test_what_was_published_before_is_not_said_to_have_come_late(sources: Sources) -> None:
    """Mechanism: `Inquiry.late`; without it every rule of earn's that gives when it is asked again came too late."""
    assert told(sources, "third") == NOT_KEPT
    assert told(sources, "third", language="vi") == (
        "hỏi lại bây giờ thì sẽ cho 7 stars; lúc đó chưa cho gì, và lý do không còn được lưu"
    )


def test_who_was_merged_before_may_be_why(sources: Sources) -> None:
    """Mechanism: `_after_merge`. Only of events after the merge, and not once it is taken back."""
    entries = [{**each, "seq": each["seq"] + (each["seq"] > 2)} for each in sources.journal]
    after = replace(sources, journal=[*entries, merge(3, 2)])
    assert told(after, "third", 2) == NOT_KEPT
    assert told(after, "third", 3) == f"{NOT_KEPT} (by then {OTHER} was merged into the member)"
    apart = [*after.journal, merge(5, 4, "unmerge")]
    assert [merged_by(apart, seq) for seq in (3, 4, 5, 6)] == [[], [OTHER], [OTHER], []]


def test_an_event_of_who_is_merged_is_found_and_explained_as_theirs() -> None:
    """Mechanism: `one_event`; without it the journal of the survivor has no such event. What a member has by that id
    themselves comes first."""
    books = Books(book(rule("base", "then: {fixed: 4}")))
    for number, member in enumerate((ME, OTHER)):
        books.send("signup", f"s-{number}", at(1, 8), member)
        books.buy(f"b-{number}", at(2), "35.00", member)
    theirs = [each for each in books.state.journal.values() if each["member"] == OTHER]
    mine = [*books.journal, merge(3, 3)]
    sources = Sources(mine, books.rules, kin={ME: Kin(mine), OTHER: Kin(theirs)})
    found = one_event(ME, "b-1", sources, UNKNOWN)
    assert (found.member, found.merged_into, found.seq) == (OTHER, ME, 2)
    lines = tell_explanation(found)
    assert f"of {OTHER}, who was merged into {ME} later" in lines
    assert f"của {OTHER}, về sau được gộp vào {ME}" in tell_explanation(found, "vi")
    assert (one_event(ME, "b-0", sources, UNKNOWN).merged_into) is None
    apart = [*mine, merge(4, 4, "unmerge")]
    with pytest.raises(NotThereError, match=f"the journal of {ME} has no event b-1"):
        one_event(ME, "b-1", replace(sources, journal=apart, kin={ME: Kin(apart), OTHER: Kin(theirs)}), UNKNOWN)


async def test_journals_of_others_are_read_only_where_there_was_a_merge() -> None:
    """Mechanism: `kin_of`. Third into other into me: two round trips; of whom nobody was merged into, none."""
    third, asked = "m-" + "3" * 20, list[list[str]]()
    journals = {OTHER: [{**merge(1, 2, duplicate=third), "member": OTHER}], third: []}

    async def read(members: list[str]) -> list[dict[str, Any]]:
        asked.append(members)
        return [entry for each in members for entry in journals[each]]

    assert await kin_of(ME, [], read) == {}
    assert asked == []
    mine = [merge(1, 3)]
    assert await kin_of(ME, mine, read) == {ME: mine, **journals}
    assert asked == [[OTHER], [third]]
    kept = {each: Kin(journal) for each, journal in {ME: mine, **journals}.items()}
    assert merged_now(ME, kept) == [OTHER, third]


def test_a_story_says_with_whom_a_merge_was() -> None:
    """Also of a merge that brought no points. Mechanism: `story._moved_by`, and `duplicate_of` in `build_story`."""
    none = {**merge(1, 2), "event": orjson.dumps({"kind": "merge", "wallet": "", "points": 0, "duplicate": OTHER})}
    mine = [none, merge(2, 3, "unmerge")]
    person = {"by": {"person": "ana"}, "reason": "one person"}
    member = {"_id": ME, "joined": None, "balances": {"stars": 4}}
    told = build_story(member, [{**each, **person} for each in mine], None, book())
    said = f"from {OTHER} (ana: one person)"
    assert [each.what for each in told.chapters] == [f"merge {said}", f"unmerge {said}"]
    other = {**none, "event": orjson.dumps({"kind": "merge", "wallet": "", "points": 0, "survivor": ME})}
    assert what(other) == f"merge into {ME}"


def test_what_no_event_brought_about_is_found_and_told_by_its_key_and_by_its_id() -> None:
    """The clock's entries, as the sweep writes them: of the member, and of one who is merged into them. Mechanism: the
    last two of `one_event`'s; without them the journal is said to have no such event, which it has."""
    books = Books(book(rule("base", "then: {fixed: 4}")))
    for number, member in enumerate((ME, OTHER)):
        books.send("signup", f"s-{number}", at(1, 8), member)
        books.buy(f"b-{number}", at(2), "35.00", member)
    mine, theirs = ([e for e in books.state.journal.values() if e["member"] == of] for of in (ME, OTHER))
    mine, theirs = [*mine, late(ME, 3, "b-0"), merge(4, 4)], [*theirs, late(OTHER, 3, "b-1")]
    sources = Sources(mine, books.rules, kin={ME: Kin(mine), OTHER: Kin(theirs)})
    for asked, of, into in ((f"/earn/clock|{ME}:late_return:3", ME, None), (f"{OTHER}:late_return:3", OTHER, ME)):
        found = one_event(ME, asked, sources, UNKNOWN)
        assert (found.member, found.merged_into, found.kind, found.rulings) == (of, into, "late_return", [])
        lines = tell_explanation(found)
        assert f"late_return (grocer {'r-b-0' if of == ME else 'r-b-1'})" in lines[0]
        assert "-4 stars: -4 late_return" in lines
        assert "rules" not in lines, "none was asked"
        assert any("partner:grocer:issued" in each for each in lines)
    # A partner may call an event of its own as the clock calls an entry: that one is explained, as it always was.
    books.buy(f"{ME}:late_return:3", at(5), "35.00", ME)
    bought = [each for each in books.state.journal.values() if each["kind"] == "purchase" and each["member"] == ME]
    again = [*mine, {**bought[-1], "seq": 5}]
    both = Sources(again, books.rules, kin={ME: Kin(again), OTHER: Kin(theirs)})
    assert one_event(ME, f"{ME}:late_return:3", both, UNKNOWN).kind == "purchase"


def late(member: str, seq: int, purchase: str) -> dict[str, Any]:
    """What a return of the purchase took when a till gave it back."""
    key = f"{member}:late_return:{seq}"
    said = {"kind": "late_return", "id": key, "wallet": "stars", "points": -4, "at": at(3)}
    named = {"wallet": "stars", "rule": "base", "version": 1}
    return {
        "_id": f"/earn/clock|{key}", "member": member, "seq": seq, "kind": "late_return", "origin": None, "facts": {},
        "awards": [], "at": datetime.fromisoformat(at(3)), "event": orjson.dumps(said),
        "late_for": f"/partners/grocer|r-{purchase}",
        "postings": [{"account": f"member:{member}", "amount": -4, **named},
                     {"account": "partner:grocer:issued", "amount": 4, **named}],
    }  # fmt: skip
