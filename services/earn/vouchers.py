"""Vouchers as tills see them: earn's own projection of what campaigns has given, and whether they are used.

Campaigns owns what is given and under which terms, and says so on `offers`; earn owns that it is used, once, and says
so in its journal. A voucher's terms are those of the rule's version that gave it, whatever the rule says later.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from shared.events import light
from shared.events.decode import Refused
from shared.events.internal import Origin
from shared.events.light_offers import OfferSeen
from shared.rules.rulebook import Rulebook
from shared.runtime.records import Decision, Item, Record
from shared.runtime.store import Document, Unit

VOUCHERS: Final = "vouchers"
_DECODER: Final = msgspec.json.Decoder(OfferSeen)
State = Literal["valid", "used", "withdrawn", "expired", "closed"]


class VoucherHandler:
    """Offers to vouchers; a voucher is known by its code, so what is read again changes nothing. One that is withdrawn
    stays so: of members who were merged, that may be heard before the voucher is."""

    consumer = "earn-vouchers"

    def decode(self, record: Record) -> OfferSeen | Refused | None:
        """An offer of a voucher; other offers are for others."""
        event = light.read(record.value, _DECODER)
        return event if isinstance(event, Refused) or event.code is not None else None

    async def gather(self, unit: Unit, items: Sequence[Item[OfferSeen]], book: Rulebook) -> dict[str, Document]:
        """Those that are known."""
        return await unit.get(VOUCHERS, sorted({str(item.event.code) for item in items}))

    def decide(self, state: dict[str, Document], items: Sequence[Item[OfferSeen]], book: Rulebook) -> Decision:
        """Every new one is kept; one that was given is marked where it is withdrawn."""
        decision, known, changed = Decision(), dict(state), dict[str, Document]()
        for item in items:
            document = voucher(item.event)
            held = known.get(document["_id"])
            if held is None:
                known[document["_id"]] = document
                decision.insert(VOUCHERS, document)
                decision.count("voucher")
            elif document["withdrawn"] is not None and held.get("withdrawn") is None:
                held["withdrawn"] = document["withdrawn"]
                if held["_id"] in state:
                    changed[held["_id"]] = held
                decision.count("withdrawn")
            else:
                decision.count("redelivery")
        for held in changed.values():
            decision.replace(VOUCHERS, held)
        return decision

    def about(self, event: OfferSeen) -> tuple[str | None, str | None, Origin | None]:
        """Event key and member."""
        return event.key, event.data.member, None


def voucher(event: OfferSeen) -> dict[str, Any]:
    """Its document: whose, what it is worth, its terms; `used`: at whom, on which bill, when; None while it is not;
    `withdrawn`: since when, as what won it came back."""
    thing = event.data.thing
    assert thing is not None
    return {
        "_id": thing.code,
        "member": event.data.member,
        "rule": event.data.rule,
        "version": event.data.version,
        "given": event.time,
        "title": thing.title,
        "value": _money(thing.value),
        "percent_off": thing.percent_off,
        "until": thing.until,
        "minimum": _money(thing.minimum),
        "categories": thing.categories,
        "alone": thing.alone or False,
        "used": None,
        "withdrawn": event.time if thing.withdrawn else None,
    }


def state(voucher: Mapping[str, Any], now: datetime, *, closed: bool = False) -> State:
    """How it stands at an instant; one that was used stays used, whatever becomes of it later. closed: the member's
    account is, so that what would be valid is no use to anybody."""
    if voucher["used"] is not None:
        return "used"
    if voucher.get("withdrawn") is not None:
        return "withdrawn"
    if voucher["until"] is not None and voucher["until"] <= now:
        return "expired"
    return "closed" if closed else "valid"


def in_state(wanted: State, now: datetime, *, closed: bool = False) -> Document:
    """The same as a condition on documents."""
    if wanted in ("valid", "closed") and closed != (wanted == "closed"):
        return {"_id": None}  # there are none
    if wanted == "used":
        return {"used": {"$ne": None}}
    if wanted == "withdrawn":
        return {"used": None, "withdrawn": {"$ne": None}}
    if wanted == "expired":
        return {"used": None, "withdrawn": None, "until": {"$ne": None, "$lte": now}}
    return {"used": None, "withdrawn": None, "$or": [{"until": None}, {"until": {"$gt": now}}]}


def _money(said: Any) -> dict[str, str] | None:
    return None if said is None else {"amount": said.amount, "currency": said.currency}
