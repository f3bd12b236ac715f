"""Bills that vouchers were redeemed on: a small document for each, which every redemption on it changes.

So two tills that redeem on one bill at the same instant conflict, whoever's their vouchers are: without it each would
read that nothing was redeemed there, and both would be right.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import orjson

BILLS: Final = "bills"
_ONE_BILL: Final = timedelta(hours=18)  # no bill is open for longer, and no number comes again sooner


@dataclass(slots=True)
class Bills:
    """Those that a batch's commands name, by id; one that is not there has no voucher."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def used_on(self, id_: str, now: datetime) -> dict[str, bool]:
        """The vouchers that are redeemed on it: by code, whether it is not used with others."""
        return {code: alone for code, alone, at in self._used(id_) if is_same(datetime.fromisoformat(at), now)}

    def use(self, id_: str, code: str, now: datetime, *, alone: bool) -> None:
        """One more is."""
        same = self.used_on(id_, now)
        self._keep(id_, [*(each for each in self._used(id_) if each[0] in same), [code, alone, now.isoformat()]])

    def take_off(self, id_: str, code: str) -> None:
        """It is no longer."""
        self._keep(id_, [each for each in self._used(id_) if each[0] != code])

    def _used(self, id_: str) -> list[list[Any]]:
        found: list[list[Any]] = self.documents.get(id_, {}).get("used", [])
        return found

    def _keep(self, id_: str, used: list[list[Any]]) -> None:
        self.documents[id_] = {"_id": id_, "used": used}
        self.touched.add(id_)


def is_same(used: datetime, now: datetime) -> bool:
    """Whether a bill of a number that had a voucher then is the one of now: tills may count from 1 every day."""
    return abs(now - used) < _ONE_BILL


def bill_id(partner: str, bill: str) -> str:
    """Of a partner's bill. A digest: an id is never changed, and a bill's may be a name, which an erasure would have to
    leave."""
    return hashlib.blake2b(orjson.dumps([partner, bill]), digest_size=16).hexdigest()
