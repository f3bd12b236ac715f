"""Partners' packs in a batch: which points a pack pays, which are beyond it, and the alert when one runs low. Pure.

Points of earn rules whose payer refuses at zero are drawn while rules are decided (`shared.rules.packs`); all others
here: those of payers that may overdraw, and what campaigns has won and told already, which is never refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

from shared.events.alerts import PackAlert, PackAlertData
from shared.events.light import ActivityRead, GrantRead
from shared.events.topics import ALERTS
from shared.rules import packs
from shared.rules.compiled import Compiled
from shared.rules.definition import Partner
from shared.rules.rulebook import Rulebook, Ruleset
from shared.rules.usage import Bound
from shared.runtime.records import Decision, Message
from shared.runtime.sharing import SharedUsage

PACKS: Final = "packs"
Document = dict[str, Any]


def document_id(partner: str, wallet: str) -> str:
    """Of a pack's document, which says what was bought last and whether the alert was sent."""
    return f"{partner}:{wallet}"


def wanted(
    event: ActivityRead | GrantRead, at: datetime, candidates: Iterable[Compiled], book: Rulebook
) -> set[tuple[str, str]]:
    """The packs (partner and wallet) that an activity or a grant may draw on, or give back to."""
    rules = book.found(at)
    if rules is None or not rules.prepaid:
        return set()
    if isinstance(event, GrantRead):
        issuer, won = event.data.issuer.removeprefix("partner:"), event.data
        return {(issuer, won.wallet)} if issuer in rules.prepaid and rules.sold(won.wallet) else set()
    source = event.event.source
    return {
        (partner, effect.effect.wallet)
        for compiled in candidates
        if (partner := packs.payer(compiled.rule.owner, source)) in rules.prepaid
        for effect in compiled.effects
        if rules.sold(effect.effect.wallet)
    }


class Packs:
    """What a batch draws on packs."""

    def __init__(
        self, shared: SharedUsage, documents: Mapping[str, Document], decision: Decision, prefix: str, now: datetime
    ) -> None:
        self._shared, self._documents, self._decision = shared, documents, decision
        self._topic, self._now = prefix + ALERTS, now
        self._drawn: dict[tuple[str, str], Partner] = {}

    def pay(self, issuer: str, wallet: str, points: int, lane: int, rules: Ruleset, *, decided: bool) -> int:
        """How many of an award's points the issuer's pack pays; of points taken back (negative): how many it gets.

        decided: whether rules have drawn them already, where the issuer refuses at zero.
        """
        partner = rules.prepaid.get(issuer.removeprefix("partner:")) if issuer.startswith("partner:") else None
        if partner is None or not rules.sold(wallet):
            return 0
        bound = packs.pack(partner.id, wallet)
        if points < 0:
            return -self._shared.give_back(bound, -points, lane)
        self._drawn[partner.id, wallet] = partner
        if decided and packs.refuses(partner):
            return points
        return self._shared.draw(bound, points, lane)

    def give_back(self, partner: str, wallet: str, points: int, lane: int) -> int:
        """Points that a pack paid and that came back; returns how many: never more than it paid."""
        return self._shared.give_back(packs.pack(partner, wallet), points, lane)

    def finish(self) -> None:
        """An alert for each pack that is down to its level now; once, until another is bought."""
        for (partner, wallet), definition in self._drawn.items():
            assert definition.prepaid is not None
            bound, id_ = packs.pack(partner, wallet), document_id(partner, wallet)
            known = self._documents.get(id_)
            left = self._shared.remaining(bound)
            if left > definition.prepaid.alert_at or (known is not None and known["alerted"] is not None):
                continue
            document = known or {"_id": id_, "partner": partner, "wallet": wallet, "purchases": 0}
            alerted = {**document, "alerted": self._now}
            (self._decision.insert if known is None else self._decision.replace)(PACKS, alerted)
            self._decision.messages.append(self._alert(definition, bound, wallet, left))
            self._decision.count("pack_alert")

    def _alert(self, partner: Partner, bound: Bound, wallet: str, left: int) -> Message:
        assert partner.prepaid is not None
        bought = self._shared.bought(bound)
        data = PackAlertData(
            partner=partner.id,
            wallet=wallet,
            left=left,
            alert_at=partner.prepaid.alert_at,
            at_zero=partner.prepaid.at_zero,
            bought=bought,
        )
        event = PackAlert(
            specversion="1.0",
            id=f"{partner.id}:{wallet}:{bought}",
            source="/earn",
            time=self._now,
            data=data,
        )
        return Message(self._topic, partner.id, event.model_dump_json().encode(), "pack_alert")
