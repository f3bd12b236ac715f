"""What `why` says of a member into whom another was merged; by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import orjson
import pytest

from shared.ops.merged import merged_by
from shared.ops.rebuilding import Sources
from tests.unit.rulekit import book, rule
from tests.unit.test_rebuilding import ME, OTHER, at
from tests.unit.test_why_since import decided, then, told

NOT_KEPT = "asked again it would give 7 stars; it gave nothing, and why is not kept"


def merge(seq: int, day: int, kind: str = "merge", duplicate: str = OTHER) -> dict[str, object]:
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
