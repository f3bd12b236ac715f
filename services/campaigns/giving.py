"""What a win turns into: grants for earn to post, offers for notify to tell, things that campaigns keeps. Pure.

Ids follow from what was won: rule, winner and scope (the period, the friend, or the event itself); so it is won once,
whoever decides it again.
"""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

from shared.events.internal import Cause, Grant, GrantData, Offer, OfferData, ThingData
from shared.events.light import Occurrence
from shared.events.topics import GRANTS, OFFERS
from shared.rules.definition import Base
from shared.rules.rewards import Punch, Thing
from shared.runtime.records import Decision, Message

THINGS = "things"
Reason = Literal["challenge", "bonus", "referral"]


@dataclass(frozen=True, slots=True)
class Win:
    """Something to give: who, by which rule, for which event, and the scope in which it is won once."""

    reason: Reason
    rule: Base
    winner: str
    event: Occurrence
    scope: str
    cause: Cause
    period: str | None = None
    role: Literal["advocate", "friend"] | None = None


def win(reason: Reason, rule: Base, winner: str, event: Occurrence, scope: str | None = None, **more: Any) -> Win:
    """A win; without a scope the event itself is it, and without a cause its cause."""
    digest = hashlib.blake2b(event.key.encode(), digest_size=8).hexdigest()
    cause = more.pop("cause", None) or Cause(source=event.source, id=event.id)
    return Win(reason, rule, winner, event, scope or digest, cause, **more)


class Giver:
    """Adds what is given to a batch's decision."""

    def __init__(self, decision: Decision, prefix: str = "") -> None:
        self._decision = decision
        self._prefix = prefix

    def points(self, won: Win, wallet: str, points: int, part: int = 0) -> None:
        """Points: a grant, and an offer that tells. `part`: which of the rule's effects."""
        id_ = _id(won, str(part) if part else "")
        said = {"wallet": wallet, "points": points}
        self._grant(won, id_, **said)
        self._offer(won, id_, **said)
        self._decision.count(won.reason)

    def thing(self, won: Win, thing: Thing, number: int, cards: dict[str, Any]) -> None:
        """Anything else. cards: the winner's punch cards. A tag is told to earn, and to nobody else."""
        id_ = _id(won, f"t{number}")
        if thing.tag is not None:
            self._grant(won, id_, wallet="none", points=0, tag=thing.tag)
        elif thing.message is not None:
            self._offer(won, id_, wallet="none", points=0, message=thing.message)
        elif thing.punch is not None:
            self._punch(won, id_, thing.punch, cards)
        else:
            given = thing_data(id_, won, thing)
            kept = {
                "_id": id_,
                "member": won.winner,
                "rule": won.rule.id,
                "version": won.rule.version,
                "at": won.event.time,
            }
            self._decision.insert(THINGS, {**kept, **given.model_dump(mode="json", exclude_none=True)})
            self._offer(won, id_, wallet="none", points=0, thing=given)
        self._decision.count(thing.name)

    def _punch(self, won: Win, id_: str, punch: Punch, cards: dict[str, Any]) -> None:
        """The punch that fills the card gives the points and begins a new one."""
        card = cards.setdefault(punch.card, {"punches": 0, "filled": 0})
        card["punches"] += 1
        punched = card["punches"]
        filled = punched >= punch.of
        if filled:
            card["punches"], card["filled"] = 0, card["filled"] + 1
            self._grant(won, id_, wallet=punch.wallet, points=punch.points)
        said = ThingData(
            kind="punch", title=won.rule.title, card=punch.card, punches=punched, of=punch.of, filled=filled
        )
        self._offer(won, id_, wallet=punch.wallet, points=punch.points if filled else 0, thing=said)

    def _grant(self, won: Win, id_: str, **said: Any) -> None:
        issuer = "programme" if won.rule.owner == "coalition" else f"partner:{won.rule.owner}"
        data = GrantData(**_common(won), issuer=issuer, role=won.role, **said)
        self._send(GRANTS, won, Grant(specversion="1.0", id=id_, source="/campaigns", time=won.event.time, data=data))

    def _offer(self, won: Win, id_: str, **said: Any) -> None:
        data = OfferData(**_common(won), title=won.rule.title, **said)
        self._send(OFFERS, won, Offer(specversion="1.0", id=id_, source="/campaigns", time=won.event.time, data=data))

    def _send(self, topic: str, won: Win, event: Grant | Offer) -> None:
        value = event.model_dump_json(exclude_none=True).encode()
        self._decision.messages.append(Message(self._prefix + topic, won.winner, value, topic.rstrip("s")))


def _id(won: Win, part: str) -> str:
    return f"{won.rule.id}:{won.winner}:{won.scope}" + (f":{part}" if part else "")


def _common(won: Win) -> dict[str, Any]:
    return {
        "member": won.winner,
        "rule": won.rule.id,
        "version": won.rule.version,
        "reason": won.reason,
        "period": won.period,
        "cause": won.cause,
    }


def thing_data(id_: str, won: Win, thing: Thing) -> ThingData:
    """A voucher, gift or ticket as it is told; a code follows from the win, so that a replay mints it again."""
    if thing.voucher is not None:
        said, until = thing.voucher, None
        if said.valid_days is not None:
            until = won.event.time + timedelta(days=said.valid_days)
        return ThingData(
            kind="voucher",
            title=said.title,
            code=b32encode(hashlib.blake2b(id_.encode(), digest_size=10).digest()).decode(),
            value=said.value,
            percent_off=None if said.percent_off is None else f"{said.percent_off:f}",
            until=until,
        )
    if thing.gift is not None:
        return ThingData(kind="gift", title=thing.gift.title, value=thing.gift.value)
    assert thing.tickets is not None
    return ThingData(kind="tickets", title=won.rule.title, draw=thing.tickets.draw, count=thing.tickets.count)
