"""What is given besides points, as sayings. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from shared.rules.rewards import Thing
from shared.rules.saying.phrase import Phrase, Saying, say


def thing_said(thing: Thing, titles: Mapping[str, str]) -> Saying:
    """A thing as a rule gives it. titles: of draws, by id."""
    if thing.voucher is not None:
        return say(Phrase.A_VOUCHER, title=thing.voucher.title)
    if thing.gift is not None:
        return say(Phrase.A_GIFT, title=thing.gift.title)
    if thing.tickets is not None:
        return say(Phrase.A_TICKET, count=thing.tickets.count, draw=titles.get(thing.tickets.draw, thing.tickets.draw))
    if thing.punch is not None:
        return say(Phrase.A_PUNCH, card=thing.punch.card)
    return say(Phrase.A_TAG, tag=thing.tag) if thing.tag is not None else say(Phrase.A_MESSAGE)
