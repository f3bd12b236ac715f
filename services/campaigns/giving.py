"""What a win turns into: grants for earn to post, offers for notify to tell, things that campaigns keeps. Pure."""

from __future__ import annotations

import hashlib
from base64 import b32encode
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from shared.events.decode import Refused, RefusedError
from shared.events.internal import Grant, GrantData, Offer, OfferData, ThingData
from shared.events.topics import GRANTS, OFFERS
from shared.ledger.bounds import MOST_POINTS
from shared.rules.definition import Rule
from shared.rules.rewards import Punch, Thing
from shared.rules.spans import later
from shared.rules.wins import GivenThing, Prize, Win, prizes
from shared.runtime.records import Decision, Message

THINGS = "things"


class Giver:
    """Adds what is given, and what is taken back, to a batch's decision.

    things: what campaigns keeps of things that may be taken back, by id; new ones are added.
    """

    def __init__(self, decision: Decision, things: dict[str, dict[str, Any]], prefix: str = "") -> None:
        self._decision = decision
        self._things = things
        self._new: set[str] = set()
        self._prefix = prefix

    def give(self, won: Win, member: dict[str, Any], zone: ZoneInfo, bought_by: str | None = None) -> list[Prize]:
        """All parts of a win, which are returned. member: campaigns' document of whose event it was; zone: the
        programme's, when it was won; bought_by: of what goes back, who had won it by what they bought, if they were
        merged into the member since."""
        given = list(prizes(won, member))
        for prize in given:
            if prize.thing is None:
                self._points(won, prize, bought_by)
            else:
                self._thing(won, prize, prize.thing, zone)
        for each in won.withdrawn:
            self._withdraw(won, each)
        return given

    def _points(self, won: Win, prize: Prize, bought_by: str | None) -> None:
        """A grant, and an offer that tells."""
        self._grant(won, prize.id, wallet=prize.wallet, points=prize.points, bought_by=bought_by)
        if won.corrects is not None:  # nobody is written to about what should not have been
            return self._decision.count("correction")
        self._offer(won, won.told or prize.id, wallet=prize.wallet, points=prize.points)
        return self._decision.count(won.reason)

    def _thing(self, won: Win, prize: Prize, thing: Thing, zone: ZoneInfo) -> None:
        """A tag is told to earn, and to nobody else."""
        id_ = prize.id
        if thing.tag is not None:
            self._grant(won, id_, wallet="none", points=0, tag=thing.tag)
        elif thing.message is not None:
            self._offer(won, id_, wallet="none", points=0, message=thing.message)
        elif thing.punch is not None:
            self._punch(won, prize, thing.punch)
        else:
            given = thing_data(id_, won, thing, zone)
            kept = {
                "_id": id_,
                "member": won.winner,
                "rule": won.rule.id,
                "version": won.rule.version,
                "at": won.event.time,
            }
            document = {**kept, **given.model_dump(mode="json", exclude_none=True)}
            self._things[id_] = document
            self._new.add(id_)
            self._decision.insert(THINGS, document)
            self._offer(won, id_, wallet="none", points=0, thing=given)
        self._decision.count(thing.name)

    def _withdraw(self, won: Win, given: GivenThing) -> None:
        """Whoever keeps a copy hears of it; nobody is written to."""
        assert isinstance(won.rule, Rule)
        thing = won.rule.things[given.number]
        if thing.punch is not None:
            card = {"card": thing.punch.card, "punches": given.punches, "of": thing.punch.of}
            said = ThingData(kind="punch", title=won.rule.title, **card, withdrawn=True)
        else:
            document = self._things.get(given.id)
            if document is None or "withdrawn" in document:
                return
            document["withdrawn"] = won.event.time
            if given.id not in self._new:
                self._decision.replace(THINGS, document)
            told = {name: document[name] for name in ThingData.model_fields if name in document}
            said = ThingData.model_validate({**told, "withdrawn": True})
        self._offer(replace(won, at=won.event.time), f"{given.id}:back", wallet="none", points=0, thing=said)
        self._decision.count("withdrawn")

    def _punch(self, won: Win, prize: Prize, punch: Punch) -> None:
        """The punch that fills the card gives the points."""
        assert prize.punched is not None
        punches, filled, _ = prize.punched
        if filled:
            self._grant(won, prize.id, wallet=prize.wallet, points=prize.points)
        said = ThingData(
            kind="punch", title=won.rule.title, card=punch.card, punches=punches, of=punch.of, filled=filled
        )
        self._offer(won, prize.id, wallet=prize.wallet, points=prize.points, thing=said)

    def _grant(self, won: Win, id_: str, **said: Any) -> None:
        if abs(said["points"]) > MOST_POINTS:  # nobody could read such a number
            points = f"{said['points']:,} {said['wallet']} at once are more than the {MOST_POINTS:,} that there may be"
            raise RefusedError(Refused("too_many_points", f"{won.rule.id}: {points}"))
        issuer = "programme" if won.rule.owner == "coalition" else f"partner:{won.rule.owner}"
        data = GrantData(**_common(won), issuer=issuer, role=won.role, corrects=won.corrects, **said)
        self._send(GRANTS, won, Grant(specversion="1.0", id=id_, source="/campaigns", time=won.time, data=data))

    def _offer(self, won: Win, id_: str, **said: Any) -> None:
        data = OfferData(**_common(won), title=won.rule.title, **said)
        self._send(OFFERS, won, Offer(specversion="1.0", id=id_, source="/campaigns", time=won.time, data=data))

    def _send(self, topic: str, won: Win, event: Grant | Offer) -> None:
        value = event.model_dump_json(exclude_none=True).encode()
        self._decision.messages.append(Message(self._prefix + topic, won.winner, value, topic.rstrip("s")))


def _common(won: Win) -> dict[str, Any]:
    return {
        "member": won.winner,
        "rule": won.rule.id,
        "version": won.rule.version,
        "reason": won.reason,
        "period": won.period,
        "cause": won.cause,
    }


def thing_data(id_: str, won: Win, thing: Thing, zone: ZoneInfo) -> ThingData:
    """A voucher, gift or ticket as it is told; a code follows from the win, so that a replay mints it again. zone: of
    whose calendar a voucher's days are, as points' are."""
    if thing.voucher is not None:
        said, until = thing.voucher, None
        if said.valid_days is not None:
            until = later(won.event.time, f"{said.valid_days} days", zone)
        return ThingData(
            kind="voucher",
            title=said.title,
            code=b32encode(hashlib.blake2b(id_.encode(), digest_size=10).digest()).decode(),
            value=said.value,
            percent_off=None if said.percent_off is None else f"{said.percent_off:f}",
            until=until,
            minimum=said.minimum,
            categories=said.categories,
            alone=said.alone or None,
        )
    if thing.gift is not None:
        return ThingData(kind="gift", title=thing.gift.title, value=thing.gift.value)
    assert thing.tickets is not None
    return ThingData(kind="tickets", title=won.rule.title, draw=thing.tickets.draw, count=thing.tickets.count)
