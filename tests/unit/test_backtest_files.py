"""Exported files: what goes in comes out, nothing else is in it, and what cannot be used is refused with a reason."""

from __future__ import annotations

import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from bson.int64 import Int64
from msgspec.structs import replace

from shared.backtest import format as f
from shared.backtest.entries import Announced, Back, Change, Entry, Taken
from shared.backtest.exported import Export, ExportError
from shared.backtest.journal import GapError, InOrder
from shared.backtest.writing import Writer
from shared.events.light import Joining, Profile, SignupRead
from shared.rules.definition import as_data
from shared.rules.effects import Award
from shared.rules.matching import Passed
from tests.simulation import replaying
from tests.simulation.checks import lived
from tests.unit.backtesting import written
from tests.unit.rulekit import basket, book, event, line, rule

BOOK = book(rule("base", "then: {per_amount: {per: 1.00}}"))
NOON = datetime(2017, 3, 1, 12, 0, 0, 7, UTC)
CHANGE = Change("m-1", "ladder", None, NOON)
PROFILE = Profile(birthday="1990-01-01", household="h1", consents=["sms"])
JOINING = Joining(attributes={"kids": "2", "age": 3, "vip": True}, profile=PROFILE)
ENTRIES = [
    Entry("m-1", NOON, SignupRead("/partners/grocer", "s", NOON, JOINING)),
    Entry("m-2", NOON, event("referral", "2017-03-01T12:00:00.000007Z", "r"), advocate="m-1"),
    Entry("m-1", NOON, basket(
        line("0.10", 0, department="A"), line("12.50", attributes={"organic": True}), line("12.50"), line("0.10", 0,
             department="A"), time="2017-03-01T12:00:00.000007Z", store="12", channel="online", payment="cash",
             attributes={"coupon": "X"}, paid_with_points={"wallet": "stars", "points": 5, "amount": "5.00"}),
          awards=[Award("base", 2, "stars", 12), Award("more", 1, "miles", 3)],
          passed=[Passed("x", 1, "limit", 7, "x:member:times:day"), Passed("y", 1, "stacking", 0, None)],
          heard=[CHANGE, CHANGE._replace(after="gold")]),
    Entry("m-1", NOON, event("return", "2017-03-01T12:00:00.000007Z", "b"), passed=[Passed("x", 1, "budget", 0, "b")]),
    Entry("m-1", NOON, event("return", "2017-03-01T12:00:00.000007Z", "c", purchase="b-1", amount="5.00"),
          awards=[Award("back", 1, "stars", 1)], heard=[CHANGE], taken=Taken(
              NOON, [Award("base", 2, "stars", -7), Award("more", 1, "miles", -3)], {"stars": 2})),
    Entry("m-1", NOON, event("milestone", "2017-03-01T12:00:00.000007Z", "d", purchase="b-2", milestone="cancelled"),
          heard=[CHANGE], taken=Taken(NOON, [Award("base", 2, "stars", -7)])),
    Entry("m-2", NOON, None, grant="three-days:m-2:2017-W01", awards=[Award("three-days", 1, "stars", 50)]),
    Entry("m-2", NOON, None, grant="tagged:m-2:x"),
]  # fmt: skip


def plain(entry: Entry) -> Any:
    """By content: sequences as lists, a stored line as a line."""
    return msgspec.to_builtins(replace(entry, event=None)), msgspec.to_builtins(_event(entry))


def _event(entry: Entry) -> Any:
    if entry.event is None:
        return None
    lines = [[getattr(each, name) for name in each.__struct_fields__] for each in entry.event.data.lines]
    said = {n: getattr(entry.event.data, n) for n in entry.event.data.__struct_fields__ if n != "lines"}
    return [type(entry.event).__name__, entry.event.source, entry.event.id, entry.event.time, said, lines]


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    """All kinds of entries, with all that they can have; a line that comes twice is written once."""
    export = Export(written(tmp_path / "a.zip", ENTRIES, BOOK))
    assert [plain(each) for each in export.entries()] == [plain(each) for each in ENTRIES]
    assert [as_data(each) for each in export.definitions] == [as_data(each) for each in BOOK.versions]
    grants = frozenset({"three-days:m-2:2017-W01", "tagged:m-2:x"})
    backs = {
        Back("m-1", "/partners/grocer|b-1"),
        Back("m-1", "/partners/grocer|b-2"),
        Back("m-1", "/partners/grocer|p"),
    }
    gold = CHANGE._replace(after="gold")
    assert export.announced == Announced(grants, (CHANGE, gold, CHANGE, CHANGE), frozenset(backs))
    about = export.about
    assert (about.format, about.version, about.programme) == ("doublestar-activity", 3, "shop")
    assert (about.entries, about.members, len(about.blocks)) == (8, 2, 1)
    with zipfile.ZipFile(tmp_path / "a.zip") as read:
        assert len(msgspec.json.decode(read.read(f.block_name(1)))["lines"]) == 3 * 3  # goods, pieces, amount


def test_more_points_than_32_bits_hold(tmp_path: Path) -> None:
    """As MongoDB's driver reads them: by a type of its own. Mechanism: `writing._plain`; without it no backtest of a
    journal that has such an entry can be made."""
    many = Int64(2_147_483_648)
    back = Taken(NOON, [Award("base", 1, "stars", Int64(-many))], {"stars": many})
    given = replace(ENTRIES[6], awards=[Award("three-days", 1, "stars", many)])
    passed = replace(ENTRIES[3], passed=[Passed("x", 1, "budget", many, "b")], taken=back)
    [grant, entry] = Export(written(tmp_path / "a.zip", [given, passed], BOOK)).entries()
    assert (grant.awards[0].points, entry.passed[0].wanted) == (2_147_483_648, 2_147_483_648)
    assert entry.taken is not None
    assert (entry.taken.awards[0].points, entry.taken.spared) == (-2_147_483_648, {"stars": 2_147_483_648})


def test_blocks_share_their_tables_and_the_last_ones_can_be_left_out(tmp_path: Path) -> None:
    """A late event of January stands in the third block: January needs all three."""
    days = ["2017-01-05"] * f.BLOCK + ["2017-02-05"] * f.BLOCK + ["2017-03-05"] * (f.BLOCK - 1) + ["2017-01-06"]
    days += ["2017-04-05"]
    events = [basket(line("1.00"), time=f"{day}T12:00:00Z", id_=str(n)) for n, day in enumerate(days)]
    export = Export(written(tmp_path / "a.zip", [Entry("m-1", each.time, each) for each in events], BOOK))
    assert [block.entries for block in export.about.blocks] == [f.BLOCK, f.BLOCK, f.BLOCK, 1]
    assert [each.event.id for each in export.entries() if each.event] == [each.id for each in events]
    assert len(export.blocks(datetime(2017, 2, 1, tzinfo=UTC))) == 3
    assert len(export.blocks(datetime(2017, 1, 1, tzinfo=UTC))) == 0
    told: list[int] = []
    assert len(list(export.entries(datetime(2017, 2, 1, tzinfo=UTC), told.append))) == sum(told) == 3 * f.BLOCK


async def test_no_personal_data_is_in_it(tmp_path: Path) -> None:
    """Whole histories are written; of what partners call their customers nothing is left."""
    world = await lived(1, replaying.everything(), faults=0)
    path = written(tmp_path / "a.zip", replaying.stored(world), world.book)
    with zipfile.ZipFile(path) as read:
        text = "".join(read.read(name).decode() for name in read.namelist())
    journal = b"".join(each["event"] for each in world.stores["earn"].collection("journal").values()).decode()
    named = set(re.findall(r"\+84\d+|person-\d@example.com|Person \d", journal))
    assert len(named) >= 6, "the histories name people; else this proves nothing"
    assert [each for each in named if each in text] == []
    assert "kids_count" in text, "what rules ask for is there"


def damaged(path: Path, **changes: bytes | None) -> Path:
    """The file with some parts replaced, or taken out."""
    with zipfile.ZipFile(path) as read:
        parts = {name: read.read(name) for name in read.namelist()}
    renamed = {name.replace("__", "/").replace("_json", ".json"): value for name, value in changes.items()}
    with zipfile.ZipFile(path, "w") as write:
        for name, data in {**parts, **renamed}.items():
            if data is not None:
                write.writestr(name, data)
    return path


def used(path: Path) -> None:
    export = Export(path)
    _ = export.definitions, export.announced, list(export.entries())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"about_json": None}, "is no exported activity (about.json is missing)"),
        ({"about_json": b'{"format": "other"}'}, "is no exported activity"),
        ({"about_json": b'{"format": "doublestar-activity", "version": 1}'}, "has version 1 of the format"),
        ({"about_json": b"{"}, "is damaged (about.json: "),
        ({"definitions_json": b'[{"id": "x"}]'}, "is damaged (definitions.json: definition 1, x: "),
        ({"definitions_json": b'[{"id": "x", "kind": "segment", "whem": 1}]'},
         "(definitions.json: definition 1, x: `whem`: no such field; did you mean `when`?)"),
        ({"announced_json": b"[]"}, "is damaged (announced.json: "),
        ({"activity__00001_json": None}, "is no exported activity (activity/00001.json is missing)"),
        ({"activity__00001_json": b'{"members":[],"shelves":[],"goods":[],"amounts":[],"lines":[],"heads":[],'
          b'"rules":[],"entries":[["g",5,"2017-01-01T00:00:00Z","x"]]}'},
         "(activity/00001.json: list index out of range)"),
        ({"activity__00001_json": b'{"members":[],"shelves":[],"goods":[],"amounts":[],"lines":[0,1],"heads":[],'
          b'"rules":[],"entries":[]}'}, "(activity/00001.json: zip() argument 3 is shorter than arguments 1-2)"),
        ({"activity__00001_json": b'{"members":["m"],"shelves":[[]],"goods":[["p",0]],"amounts":["x"]}'},
         "is damaged (activity/00001.json: "),
    ],
)  # fmt: skip
def test_parts_that_cannot_be_used(changes: dict[str, bytes | None], said: str, tmp_path: Path) -> None:
    """What is wrong is told, and what to do."""
    with pytest.raises(ExportError) as refused:
        used(damaged(written(tmp_path / "a.zip", ENTRIES, BOOK), **changes))
    assert said in str(refused.value)
    assert "export again with `doublestar rules export FILE`" in str(refused.value)


def test_files_that_are_none(tmp_path: Path) -> None:
    """Cut short, of another kind, or not there."""
    path = written(tmp_path / "a.zip", ENTRIES, BOOK)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ExportError, match="is no exported activity, or is cut short"):
        Export(path)
    with pytest.raises(ExportError, match="cannot be read: No such file"):
        Export(tmp_path / "b.zip")


def test_bytes_that_changed_are_noticed(tmp_path: Path) -> None:
    """Each part has a checksum."""
    path = written(tmp_path / "a.zip", ENTRIES, BOOK)
    data = bytearray(path.read_bytes())
    data[60] ^= 1
    path.write_bytes(data)
    with pytest.raises(ExportError, match=r"is damaged \(activity/00001.json: "):
        used(path)


def test_a_file_is_there_only_when_it_is_whole(tmp_path: Path) -> None:
    """What fails in the middle leaves nothing."""
    with pytest.raises(RuntimeError), Writer(tmp_path / "a.zip", BOOK.versions) as writer:
        writer.add(ENTRIES[0])
        raise RuntimeError("the database is gone")
    assert list(tmp_path.iterdir()) == []


def test_members_entries_are_put_in_order_and_a_gap_is_told() -> None:
    """However a database returns them."""
    order = InOrder()
    documents = [{"member": member, "seq": seq} for member, seq in [("a", 2), ("b", 1), ("a", 3), ("a", 1), ("b", 3)]]
    found = [(each["member"], each["seq"]) for document in documents for each in order.feed(document)]
    assert found == [("b", 1), ("a", 1), ("a", 2), ("a", 3)]
    with pytest.raises(GapError, match="no entry 2 of b but later ones"):
        order.finish()
