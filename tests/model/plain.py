"""What a small coalition's records must lead to: a slow, obvious model. It imports nothing of the engine.

It sees the whole history at once, so nothing waits here and nothing is late: first every record is judged, then the
signups that name one phone are put together to members, then each member's purchases are gone through by time.
The rules are those of programme `journey` (see `journey.shop`) and a referral that gives 200 to the advocate and
100 to the friend.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.model import givenback, journey

PROGRAMME_BEGINS = datetime(2017, 1, 1, tzinfo=journey.DATA_CLOCK)
ADVOCATE, FRIEND = 200, 100
Position = tuple[str, int, int]
Record = tuple[Position, bytes]


@dataclass
class Person:
    """One member: the signups that made them, and what they did."""

    signups: list[dict[str, Any]] = field(default_factory=list)
    purchases: list[dict[str, Any]] = field(default_factory=list)
    stars: Counter[str] = field(default_factory=Counter)
    messages: Counter[str] = field(default_factory=Counter)
    years: Counter[int] = field(default_factory=Counter)
    left: dict[str, givenback.Left] = field(default_factory=dict)  # of purchases of which something came back

    @property
    def names(self) -> set[str]:
        """Everything that partners call them."""
        return {name for each in self.signups for name in names(each["data"]["member"], each["source"])}


def expect(records: Iterable[Record]) -> dict[str, Any]:
    """The end state, in the words of `snapshot.summary`; records in publishing order, by position in the topics."""
    outcomes, accepted = judge(records)
    people = members(body for _, body in accepted if kind(body) == "signup")
    referrals: list[tuple[datetime, str, Person, Person]] = []
    for position, body in accepted:
        roles = ("advocate", "friend") if kind(body) == "referral" else ("member",)
        who = [person for role in roles if (person := find(people, body["data"][role], body["source"]))]
        if len(who) < len(roles):
            outcomes[position] = "waiting"
        elif datetime.fromisoformat(body["time"]) < PROGRAMME_BEGINS and kind(body) != "signup":
            outcomes[position] = "before_programme"
        elif kind(body) == "referral":
            if who[0] is who[1]:
                outcomes[position] = "self_referral"
            else:
                said = f"{body['source']}|{body['id']}"
                referrals.append((datetime.fromisoformat(body["time"]), said, who[0], who[1]))
        elif kind(body) == "purchase":
            who[0].purchases.append(body)
        elif kind(body) == "return":
            bought = next((x for x in who[0].purchases if (x["source"], x["id"]) == returned(body)), None)
            if bought is None or not givenback.take(who[0].left, bought, body["data"]):
                outcomes[position] = "unknown_purchase" if bought is None else "exceeds_purchase"
    for person in people:
        shop(person)
    referred: list[Person] = []
    for time, _, advocate, friend in sorted(referrals, key=lambda each: each[:2]):
        if not any(friend is each for each in referred):  # the first referral is the one that counts
            referred.append(friend)
            reward(advocate, friend, time)
    return {"members": {" & ".join(sorted(each.names)): told(each) for each in people}, "outcomes": outcomes}


def kind(body: dict[str, Any]) -> str:
    """signup, purchase, referral or return."""
    return str(body["type"]).split(".")[1]


def returned(body: dict[str, Any]) -> tuple[str, str]:
    """The purchase that a return is of."""
    return body["source"], body["data"]["purchase"]


def judge(records: Iterable[Record]) -> tuple[dict[Position, str], list[tuple[Position, dict[str, Any]]]]:
    """What becomes of each record by itself, and those that are the first valid ones of their id."""
    outcomes: dict[Position, str] = {}
    first: dict[tuple[str, str], dict[str, Any]] = {}
    accepted: list[tuple[Position, dict[str, Any]]] = []
    for position, value in records:
        fault, body = read(value, position[0])
        if fault is not None:
            outcomes[position] = fault
        elif (body["source"], body["id"]) not in first:
            outcomes[position] = "effect"
            first[body["source"], body["id"]] = body
            accepted.append((position, body))
        else:
            outcomes[position] = "duplicate" if first[body["source"], body["id"]] == body else "content_changed"
    return outcomes, accepted


def read(value: bytes, topic: str) -> tuple[str | None, dict[str, Any]]:
    """A record's one fault, or None and what it says. Knows just the faults that the histories have."""
    try:
        body = json.loads(value)
    except ValueError:
        return "not_json", {}
    name, _, version = str(body["type"]).rpartition(".v")
    if name not in ("loyalty.signup", "loyalty.purchase", "loyalty.referral", "loyalty.return"):
        return "unknown_type", {}
    if version != "1":
        return "unsupported_version", {}
    if name == "loyalty.purchase":
        if "lines" not in body["data"]:
            return "missing_field", {}
        if set(body["data"]) - {"member", "store", "channel", "currency", "lines", "attributes"}:
            return "unknown_field", {}
        if any(line["quantity"] < 0 for line in body["data"]["lines"]):
            return "invalid_value", {}
    if body["source"] != "/partners/" + topic.removeprefix("partner."):
        return "wrong_source", {}
    return None, body


def names(ref: dict[str, str], source: str) -> set[str]:
    """What a reference to a member calls them; a partner's own number means something with that partner only."""
    return {f"ref:{source}:{text}" if how == "reference" else f"{how}:{text}" for how, text in ref.items()}


def members(signups: Iterable[dict[str, Any]]) -> list[Person]:
    """Signups that share a name are one member."""
    people: list[Person] = []
    for body in signups:
        named = names(body["data"]["member"], body["source"])
        known = [person for person in people if person.names & named]
        one = Person([body])
        for person in known:
            one.signups += person.signups
            people.remove(person)
        people.append(one)
    return people


def find(people: list[Person], ref: dict[str, str], source: str) -> Person | None:
    """Whoever is called that."""
    return next((person for person in people if person.names & names(ref, source)), None)


def shop(person: Person) -> None:
    """Journey's rules, purchase by purchase in order of time."""
    kids = {each["data"].get("attributes", {}).get("kids_count") for each in person.signups}
    member = journey.Member(kids.pop())
    for number, body in enumerate(sorted(person.purchases, key=lambda each: str(each["time"]))):
        lines = [(int(x["product"]), x.get("department"), Decimal(x["amount"])) for x in body["data"]["lines"]]
        journey.shop(member, journey.Visit(datetime.fromisoformat(body["time"]), number, 0, lines))
    for body in person.purchases:
        if body["id"] in person.left:  # small baskets all: what they earned is the rate, doubled on Wednesdays
            gone = givenback.gone(body, person.left[body["id"]])
            day = datetime.fromisoformat(body["time"]).astimezone(journey.NEW_YORK)
            twice = gone if day.isoweekday() == 3 else 0
            member.stars["base"] -= gone
            member.stars["double-star-wednesday"] -= twice
            member.qualifying[day.year] -= gone + twice
    person.stars, person.messages, person.years = +member.stars, +member.notifications, +member.qualifying


def reward(advocate: Person, friend: Person, time: datetime) -> None:
    """Both win, if the friend has bought and never did before."""
    bought = [datetime.fromisoformat(each["time"]) for each in friend.purchases]
    if bought and min(bought) >= time:
        advocate.stars["refer-a-friend"] += ADVOCATE
        friend.stars["refer-a-friend"] += FRIEND
        advocate.messages["referral"] += 1
        friend.messages["referral"] += 1


def told(person: Person) -> dict[str, Any]:
    """One member's end state."""
    tier, until = None, None
    for year, points in sorted(person.years.items()):
        height = {None: 0, "silver": 1, "gold": 2}
        now = "gold" if points >= 3000 else "silver" if points >= 1000 else None
        if now is not None and height[now] >= height[tier]:
            tier, until = now, year + 2
    return {
        "stars": dict(person.stars),
        "balance": sum(person.stars.values()),
        "years": dict(person.years),
        "tier": tier,
        "until": until,
        "gifts": ["gold-surprise"] if person.messages["gift"] else [],
        "messages": dict(person.messages),
        "emails": sum(person.messages.values()) if any("email" in s["data"]["member"] for s in person.signups) else 0,
    }
