"""The store's contract: the same scenarios on the store in memory, which simulations trust, and on a real mongod."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from shared.runtime import outbox
from shared.runtime.memory import MemoryStore
from shared.runtime.mongo import MongoStore, connect
from shared.runtime.records import Message
from shared.runtime.store import OUTBOX, ConflictError, Document, Store

COLLECTIONS: dict[str, list[str]] = {"things": ["names", "colour"], "others": [], OUTBOX: ["places"]}


@pytest.fixture(params=["memory", "mongo"])
async def store(request: pytest.FixtureRequest) -> AsyncIterator[Store]:
    """An empty store of each kind; servers are started only for the one that needs them."""
    if request.param == "memory":
        yield MemoryStore()
        return
    settings = request.getfixturevalue("settings_for")()
    client = connect(settings.mongo_url())
    mongo = MongoStore(client, settings.prefix + "contract")
    await mongo.prepare(COLLECTIONS)
    yield mongo
    await client.close()


async def put(store: Store, *documents: Document, into: str = "things") -> None:
    """Inserts documents in a transaction of their own."""
    async with store.unit() as unit:
        await unit.commit({into: list(documents)}, {})


async def change(store: Store, *documents: Document) -> None:
    """Replaces documents in a transaction of their own."""
    async with store.unit() as unit:
        await unit.get("things", [str(each["_id"]) for each in documents])
        await unit.commit({}, {"things": list(documents)})


async def held_in(store: Store, collection: str = "things", *ids: str) -> dict[str, Document]:
    """What a later transaction sees."""
    async with store.unit() as unit:
        return await unit.get(collection, ids or ("a", "b", "c"))


async def test_get_finds_by_id_and_leaves_out_what_is_missing(store: Store) -> None:
    """By id, whole; or only some fields, the id always among them."""
    await put(store, {"_id": "a", "n": 1, "colour": "red"}, {"_id": "b", "n": 2, "colour": "blue"})
    async with store.unit() as unit:
        assert await unit.get("things", ["a", "z"]) == {"a": {"_id": "a", "n": 1, "colour": "red"}}
        assert await unit.get("things", ["a", "b"], ["n", "none"]) == {
            "a": {"_id": "a", "n": 1},
            "b": {"_id": "b", "n": 2},
        }
        assert await unit.get("things", ["a"], ["_id"]) == {"a": {"_id": "a"}}
        assert await unit.get("things", []) == {}
        assert await unit.get("others", ["a"]) == {}


@pytest.mark.parametrize("ids", [["a", "b", "z"], ["z"], []])
@pytest.mark.parametrize("others", [["k", "l", "z"], ["z"], []])
async def test_two_collections_are_read_as_each_by_itself(store: Store, ids: list[str], others: list[str]) -> None:
    await put(store, {"_id": "a", "n": 1}, {"_id": "b", "n": 2})
    await put(store, {"_id": "k", "said": {"x": 1}, "more": 2}, {"_id": "l"}, into="others")
    async with store.unit() as unit:
        found = await unit.get_both("things", ids, "others", others, ["said"])
        assert found == (await unit.get("things", ids), await unit.get("others", others, ["said"]))
    there = {"k": {"_id": "k", "said": {"x": 1}}, "l": {"_id": "l"}}
    assert found[0].keys() == set(ids) & {"a", "b"}
    assert found[1] == {id_: there[id_] for id_ in others if id_ in there}


async def test_find_by_a_value_or_a_member_of_a_list_ordered_by_id(store: Store) -> None:
    """A field that is the value, and a field that holds it, are both found, once."""
    await put(
        store,
        {"_id": "c", "names": ["x", "y"], "colour": "red"},
        {"_id": "a", "names": ["y", "z"], "colour": "blue"},
        {"_id": "b", "names": [], "colour": "red"},
    )
    async with store.unit() as unit:
        assert [each["_id"] for each in await unit.find("things", "names", ["y", "x"])] == ["a", "c"]
        assert [each["_id"] for each in await unit.find("things", "names", ["z"])] == ["a"]
        assert [each["_id"] for each in await unit.find("things", "colour", ["red", "green"])] == ["b", "c"]
        assert await unit.find("things", "names", ["nobody"]) == []
        assert await unit.find("things", "names", []) == []


async def test_what_is_read_is_a_copy(store: Store) -> None:
    """A decision changes what it read; without a commit the store must not change with it."""
    await put(store, {"_id": "a", "names": ["x"]})
    async with store.unit() as unit:
        (await unit.get("things", ["a"]))["a"]["names"].append("y")
        (await unit.find("things", "names", ["x"]))[0]["names"].append("z")
    assert await held_in(store) == {"a": {"_id": "a", "names": ["x"]}}


async def test_inserts_and_replaces_land_together(store: Store) -> None:
    """One commit over two collections."""
    await put(store, {"_id": "a", "n": 1})
    async with store.unit() as unit:
        await unit.get("things", ["a"])
        await unit.commit(
            {"things": [{"_id": "b", "n": 2}], "others": [{"_id": "c"}]}, {"things": [{"_id": "a", "m": 9}]}
        )
    assert await held_in(store) == {"a": {"_id": "a", "m": 9}, "b": {"_id": "b", "n": 2}}
    assert await held_in(store, "others") == {"c": {"_id": "c"}}


async def test_inserting_an_id_that_exists_conflicts_and_leaves_nothing(store: Store) -> None:
    """All or nothing: what came before the conflict in the same commit is gone too."""
    await put(store, {"_id": "b", "n": 2})
    async with store.unit() as unit:
        with pytest.raises(ConflictError):
            await unit.commit({"others": [{"_id": "c"}], "things": [{"_id": "a", "n": 1}, {"_id": "b", "n": 3}]}, {})
    assert await held_in(store) == {"b": {"_id": "b", "n": 2}}
    assert await held_in(store, "others") == {}


async def test_replacing_what_does_not_exist_conflicts(store: Store) -> None:
    """Nothing is made by a replace, and nothing of that commit stays."""
    async with store.unit() as unit:
        with pytest.raises(ConflictError):
            await unit.commit({"others": [{"_id": "c"}]}, {"things": [{"_id": "a", "n": 1}]})
    assert await held_in(store) == {}
    assert await held_in(store, "others") == {}


async def test_the_second_of_two_writers_loses_whole(store: Store) -> None:
    """Both read the same state; the first to commit wins, and the other's insert does not stay either."""
    await put(store, {"_id": "a", "n": 1})
    async with store.unit() as first, store.unit() as second:
        await first.get("things", ["a"])
        await second.get("things", ["a"])
        await first.commit({}, {"things": [{"_id": "a", "n": 2}]})
        with pytest.raises(ConflictError):
            await second.commit({"others": [{"_id": "c"}]}, {"things": [{"_id": "a", "n": 3}]})
    assert await held_in(store) == {"a": {"_id": "a", "n": 2}}
    assert await held_in(store, "others") == {}


async def test_a_replacement_that_changes_nothing_is_no_write(store: Store) -> None:
    """It conflicts with nobody, so it cannot guard against a write skew: a guard must change, if only by a count."""
    await put(store, {"_id": "a", "n": 1})
    async with store.unit() as first, store.unit() as second:
        same = (await first.get("things", ["a"]))["a"]
        await second.get("things", ["a"])
        await first.commit({"others": [{"_id": "c"}]}, {"things": [same]})
        await second.commit({}, {"things": [{"_id": "a", "n": 2}]})
    assert await held_in(store) == {"a": {"_id": "a", "n": 2}}
    async with store.unit() as first, store.unit() as second:
        same = (await first.get("things", ["a"]))["a"]
        await second.get("things", ["a"])
        await second.commit({}, {"things": [{"_id": "a", "n": 3}]})
        await first.commit({}, {"things": [same]})
    assert await held_in(store) == {"a": {"_id": "a", "n": 3}}


async def test_two_that_insert_the_same_new_id(store: Store) -> None:
    """Both saw that it was not there: the second conflicts, and may decide again."""
    async with store.unit() as first, store.unit() as second:
        assert await first.get("things", ["a"]) == await second.get("things", ["a"]) == {}
        await first.commit({"things": [{"_id": "a", "by": "first"}]}, {})
        with pytest.raises(ConflictError):
            await second.commit({"things": [{"_id": "a", "by": "second"}]}, {})
    assert await held_in(store) == {"a": {"_id": "a", "by": "first"}}


async def test_writers_of_different_documents_do_not_disturb_each_other(store: Store) -> None:
    """A conflict is about a document, not about a collection."""
    await put(store, {"_id": "a", "n": 1}, {"_id": "b", "n": 1})
    async with store.unit() as first, store.unit() as second:
        await first.get("things", ["a", "b"])
        await second.get("things", ["a", "b"])
        await first.commit({}, {"things": [{"_id": "a", "n": 2}]})
        await second.commit({}, {"things": [{"_id": "b", "n": 2}]})
    assert await held_in(store) == {"a": {"_id": "a", "n": 2}, "b": {"_id": "b", "n": 2}}


async def test_all_reads_of_a_unit_see_one_moment(store: Store) -> None:
    """What others commit after its first read, a unit does not see."""
    await put(store, {"_id": "a", "n": 1}, {"_id": "b", "n": 1, "names": ["x"]})
    async with store.unit() as unit:
        assert (await unit.get("things", ["a"]))["a"]["n"] == 1
        await change(store, {"_id": "a", "n": 2}, {"_id": "b", "n": 2, "names": ["x"]})
        await put(store, {"_id": "c", "names": ["x"]})
        assert (await unit.get("things", ["b"]))["b"]["n"] == 1
        assert [each["n"] for each in await unit.find("things", "names", ["x"])] == [1]


async def test_leaving_without_a_commit_writes_nothing(store: Store) -> None:
    """By its end, or by an exception that passes through unchanged."""
    await put(store, {"_id": "a", "n": 1})
    async with store.unit() as unit:
        (await unit.get("things", ["a"]))["a"]["n"] = 5
    with pytest.raises(ZeroDivisionError):
        async with store.unit() as unit:
            await unit.get("things", ["a"])
            raise ZeroDivisionError
    assert await held_in(store) == {"a": {"_id": "a", "n": 1}}


async def test_a_write_skew_is_prevented_by_a_document_that_both_write(store: Store) -> None:
    """A purchase waits for a name while a signup claims it: each misses the other's document, so both write the
    name's own, and the second of them must decide again."""
    async with store.unit() as waits, store.unit() as signs_up:
        assert await waits.get("others", ["phone"]) == {}
        assert await signs_up.get("others", ["phone"]) == {}
        assert await signs_up.find("things", "names", ["phone"]) == []
        waiting = {"_id": "purchase", "names": ["phone"]}
        await waits.commit({"things": [waiting], "others": [{"_id": "phone", "member": None}]}, {})
        with pytest.raises(ConflictError):
            await signs_up.commit({"others": [{"_id": "phone", "member": "m-1"}]}, {})
    async with store.unit() as again:
        assert await again.find("things", "names", ["phone"]) == [waiting]
        assert await again.get("others", ["phone"]) == {"phone": {"_id": "phone", "member": None}}
        await again.commit({}, {"others": [{"_id": "phone", "member": "m-1"}]})
    assert await held_in(store, "others", "phone") == {"phone": {"_id": "phone", "member": "m-1"}}


async def test_values_come_back_as_they_went(store: Store) -> None:
    """Instants to the millisecond, in UTC; bytes; large integers; nothing; fields named like facts and attributes."""
    document: dict[str, Any] = {
        "_id": "/partners/grocer|basket 1 é",
        "at": datetime(2017, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
        "value": b"\x00\xff{",
        "empty": b"",
        "n": 2**62,
        "minus": -1,
        "none": None,
        "true": True,
        "list": [1, "a", None, {"x": []}],
        "facts": {"basket.eligible": "10.00", "lines.sum where department DRUG GM": None, "$odd": 1, "": 2},
    }
    await put(store, document)
    async with store.unit() as unit:
        found = (await unit.get("things", [document["_id"]]))[document["_id"]]
        assert found == document
        assert isinstance(found["value"], bytes) and isinstance(found["n"], int) and found["true"] is True
        assert found["at"].tzinfo is not None
        await unit.commit({}, {"things": [{**found, "n": 0}]})
    assert (await held_in(store, "things", document["_id"]))[document["_id"]] == {**document, "n": 0}


async def test_the_outbox_holds_by_consumer_and_place_oldest_first(store: Store) -> None:
    """A worker is given what its partitions' last owner left, of its own group only; and nothing once released."""
    said = [Message("accruals", f"m-{n}", b"%d" % n, "purchase") for n in range(4)]
    first = outbox.documents("ledger", ["activities:1", "activities:0", "activities:1"], said[:2])
    second = outbox.documents("ledger", ["activities:1"], said[2:3])
    other = outbox.documents("tiers", ["activities:1"], said[3:])
    for documents in (second, first, other):
        await put(store, *documents, into=OUTBOX)
    held = await store.held("ledger", ["activities:1", "grants:0"])
    assert [each.messages for each in held] == [said[:2], said[2:3]]
    assert [each.messages for each in await store.held("ledger", ["activities:0"])] == [said[:2]]
    assert [each.messages for each in await store.held("tiers", ["activities:1"])] == [said[3:]]
    assert await store.held("ledger", ["activities:2"]) == []
    assert await store.held("ledger", []) == []
    await store.release([held[0].id])
    await store.release([held[0].id])
    await store.release([])
    assert [each.messages for each in await store.held("ledger", ["activities:1", "activities:0"])] == [said[2:3]]


async def test_due_finds_what_has_come_soonest_first_and_leaves_out_what_is_aside(store: Store) -> None:
    """By text of an instant, that one included; a document without `due_at` is never due."""
    whens = {
        "a": "2026-03-01T00:00:00.000000+00:00",
        "b": "2026-02-01T00:00:00.000000+00:00",
        "c": "2026-03-02",
        "d": None,
    }
    await put(store, *({"_id": id_, **({"due_at": at} if at else {})} for id_, at in whens.items()))
    by = str(whens["a"])
    assert await store.due("things", by, 0, 10, []) == [("b", whens["b"]), ("a", whens["a"])]
    assert await store.due("things", by, 1, 10, []) == [("a", whens["a"])]
    assert await store.due("things", by, 0, 1, ["b"]) == [("a", whens["a"])]
    assert await store.due("things", "2026-01-01", 0, 10, []) == []
