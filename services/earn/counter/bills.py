"""Bills that vouchers were redeemed on: a small document for each, which every redemption on it changes.

So two tills that redeem on one bill at the same instant conflict, whoever's their vouchers are: without it each would
read that nothing was redeemed there, and both would be right.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

BILLS: Final = "bills"


@dataclass(slots=True)
class Bills:
    """Those that a batch's commands name, by id; one that is not there has no voucher."""

    documents: dict[str, dict[str, Any]] = field(default_factory=dict)
    touched: set[str] = field(default_factory=set)

    def used_on(self, id_: str) -> list[tuple[str, bool]]:
        """The vouchers that are redeemed on it: code, and whether it is not used with others."""
        return [(code, alone) for code, alone in self.documents.get(id_, {}).get("used", ())]

    def use(self, id_: str, code: str, *, alone: bool) -> None:
        """One more is."""
        self._keep(id_, [*self.used_on(id_), (code, alone)])

    def take_off(self, id_: str, code: str) -> None:
        """It is no longer."""
        self._keep(id_, [each for each in self.used_on(id_) if each[0] != code])

    def _keep(self, id_: str, used: list[tuple[str, bool]]) -> None:
        self.documents[id_] = {"_id": id_, "used": [list(each) for each in used]}
        self.touched.add(id_)


def bill_id(partner: str, bill: str) -> str:
    """Of a partner's bill. A digest: an id is never changed, and a bill's may be a name, which an erasure would have to
    leave."""
    return hashlib.blake2b(orjson.dumps([partner, bill]), digest_size=16).hexdigest()
