"""What a decision is made of: each touched document once, as new or as read."""

from __future__ import annotations

from shared.runtime.records import Decision


def test_touched_documents_are_kept_once_in_the_order_of_their_ids() -> None:
    """Breaks when a document that was read is inserted (its transaction would abort), or a new one replaced."""
    decision = Decision()
    documents = {id_: {"_id": id_, "n": number} for number, id_ in enumerate(("c", "a", "d", "b"))}
    decision.keep("members", ["d", "c", "a"], documents, read=frozenset(("a", "b", "d")))
    assert decision.replaces == {"members": [{"_id": "a", "n": 1}, {"_id": "d", "n": 2}]}
    assert decision.inserts == {"members": [{"_id": "c", "n": 0}]}


def test_where_nothing_was_touched_nothing_is_written() -> None:
    decision = Decision()
    decision.keep("members", [], {"a": {"_id": "a"}}, read=())
    assert (decision.inserts, decision.replaces) == ({}, {})
