"""`make bench-erase`: how many stored documents an erasure looks through in a second, and in how many times as long it
would, if it looked closer at each; in memory, of one month of the demo's purchases as the journal keeps them."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any, Final

from shared.demo import grocer
from shared.ops.erasing_person import Person
from shared.ops.terms import Terms

ANN: Final = "m-0000000000000000000a"
PLACE: Final = "earn.journal"
ROUNDS: Final = 3
KEYS: Final = ["email:ann.lee@example.com", "phone:+84901234567", "card:9900112233", "ref:/partners/cafe:ann-7"]
NAMES: Final = ["Ann-Marie O'Lee"]
Document = dict[str, Any]


def main() -> None:
    """Looks through all, in both ways: neither finds anything."""
    person, documents = somebody(), journal()
    print(f"{len(documents):,} documents of the journal, each round's best of {ROUNDS}:")  # noqa: T201
    one = best(documents, lambda each: person.may_be_in(each, PLACE))
    closer = best(documents, lambda each: looked_closer(person, each))
    print(f"  one look: {len(documents) / one:,.0f} documents a second")  # noqa: T201
    print(f"  looked at closer, each of them: {closer / one:.1f} times as long")  # noqa: T201


def somebody() -> Person:
    """With a name of each kind."""
    words = [each if each.startswith("ref:") else each.partition(":")[2] for each in KEYS]
    return Person([ANN], Terms.of_identifiers(words, ANN, KEYS, ["ann-7"]), Terms.of_names(NAMES, ANN))


def journal() -> list[Document]:
    """Entries with their events, as the ledger posts them."""
    found: list[Document] = []
    for number, message in enumerate(grocer.messages(months=1)):
        member = f"m-{number % 2_500:020d}"
        posted = [{"account": f"member:{member}", "wallet": "stars", "amount": 7, "rule": "base", "version": 1}]
        found.append({"_id": f"/partners/grocer|{number}", "member": member, "seq": number, "kind": "purchase",
                      "event": message.value, "postings": posted, "facts": {"basket.eligible": "7.20"}})  # fmt: skip
    return found


def looked_closer(person: Person, document: Document) -> bool:
    """As the search does where there may be something."""
    strong = person.strong.kept(document) or person.strong.found(document) or person.numbered(document)
    return strong or person.named(document, PLACE) or person.names.found(document)


def best(documents: list[Document], look: Callable[[Document], bool]) -> float:
    """Seconds of the processor for all of them."""
    took: list[float] = []
    for _ in range(ROUNDS):
        started = process_time()
        found = sum(map(look, documents))
        took.append(process_time() - started)
        assert found == 0, f"{found} documents would have a word of somebody whom nobody knows"
    return min(took)


if __name__ == "__main__":
    main()
