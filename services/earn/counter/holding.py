"""A hold as it stands: who has a part in it, and whether all of it is still there. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.earn.counter.working import Working
from shared.ledger.pools import Parts
from shared.ledger.spared import NEVER


@dataclass(frozen=True, slots=True)
class Held:
    """Points of one wallet that a till has set aside. documents: of whom it has points, the spender's first; whole:
    whether every part is there; made: when, which is when `worth` was told. One that has timed out by another
    process's clock may be gone before the others."""

    documents: list[dict[str, Any]]
    wallet: str
    points: int
    worth: Decimal
    currency: str
    partner: str
    whole: bool
    made: datetime | None

    def since(self, id_: str) -> dict[str, int]:
        """By member their number when the points left their lots, see `shared.ledger.spared`."""
        return {each["_id"]: each["holds"][id_].get("since", NEVER) for each in self.documents}

    def end(self, id_: str) -> Parts:
        """Nothing is held any more: the slices by member, to be put back or spent."""
        return {each["_id"]: each["holds"].pop(id_)["slices"] for each in self.documents}


def held_by(at: Working, member: dict[str, Any], id_: str) -> Held | None:
    """A member's hold, with the parts that are still there; None where they have none of this id."""
    found = member.get("holds", {}).get(id_)
    if found is None or "of" in found:
        return None
    documents, whole = [member], True
    for each in found.get("parts", ()):
        at.begin(each)
        other = at.member(each)
        if id_ in other.get("holds", {}):
            documents.append(other)
        else:
            whole = False
    points = sum(each["holds"][id_]["points"] for each in documents)
    made = datetime.fromisoformat(found["made"]) if "made" in found else None
    worth, wallet = Decimal(found["worth"]), found["wallet"]
    return Held(documents, wallet, points, worth, found["currency"], found["partner"], whole, made)


def parts_of(member: dict[str, Any], id_: str) -> list[str]:
    """The members whose documents are needed for a hold besides the spender's."""
    parts: list[str] = member.get("holds", {}).get(id_, {}).get("parts", [])
    return parts
