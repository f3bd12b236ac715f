"""Small histories of a coalition, made from a seed: who signs up where and when, what they buy, what goes wrong.

The histories are random, but what they must lead to is not a matter of luck: wherever the programme itself makes the
outcome depend on which of two topics is heard first, the generator leaves that open question out. So:

- all signups of a person name the same phone (and e-mail, if any), and say the same about them;
- no basket is large enough to leap over a tier;
- what comes back was bought for that (see `_bring_back`): too small for a challenge, a bonus or a tier. Only where a
  test asks for it other baskets come back: `any` of them in part, or all that the first person bought (`undone`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any, Literal

import orjson

PARTNERS = ("grocer", "chemist")
DATA_CLOCK = timezone(timedelta(hours=-5))
# Two stretches of days: the end of the back-to-school weeks, and the turn of the year.
STARTS = (datetime(2017, 9, 8, 8, tzinfo=DATA_CLOCK), datetime(2017, 12, 25, 8, tzinfo=DATA_CLOCK))
DEPARTMENTS = ("FUEL", "PRODUCE", "PRODUCE", "PRODUCE", "DRUG GM", "GROCERY", None)
Published = tuple[str, bytes, bytes]
Also = Literal["any", "undone"]


@dataclass
class Person:
    """Somebody with a phone, known at some partners under a number of theirs."""

    number: int
    email: str | None
    kids: str | None
    language: str
    rich: bool
    partners: list[str]  # where they shop
    signs_up: list[str]  # where they sign up; elsewhere only their phone can tell who they are

    @property
    def phone(self) -> str:
        """What all partners know."""
        return f"+8490000000{self.number}"

    def reference(self, partner: str) -> str:
        """What only one partner knows."""
        return f"{partner[0]}{self.number}"


@dataclass
class History:
    """Records in the order in which their partners publish them."""

    people: list[Person]
    records: list[Published] = field(default_factory=list)


def history(
    seed: int, *, members: int = 3, purchases: int = 26, one_partner: bool = False, also: Also | None = None
) -> History:
    """The history of a seed; with `one_partner`, everybody signs up once and shops where they did; also: what else
    comes back, by dice of its own: the rest of the history stays as it was."""
    story = _Story(Random(f"shopping {seed}"), members, one_partner)
    story.returning, story.also = Random(f"returns {seed}"), also
    return story.told(purchases)


def event(partner: str, kind: str, id_: str, time: datetime, data: dict[str, Any]) -> dict[str, Any]:
    """A CloudEvent as a partner writes it."""
    head = {"specversion": "1.0", "id": id_, "source": f"/partners/{partner}", "type": f"loyalty.{kind}.v1"}
    return {**head, "time": time.isoformat(), "data": data}


class _Story:
    def __init__(self, random: Random, members: int, one_partner: bool) -> None:
        self.random = random
        self.returning = random
        self.also: Also | None = None
        self.bought: list[tuple[Person, str, float, dict[str, Any]]] = []
        self.number = 0
        self.people = [self._person(each, one_partner) for each in range(members)]
        self.events: list[tuple[float, str, Person, bytes]] = []  # by when it is published, not by when it happened

    def _person(self, number: int, one_partner: bool) -> Person:
        random = self.random
        partners = random.sample(PARTNERS, 1 if one_partner else random.randint(1, len(PARTNERS)))
        email = f"person-{number}@example.com" if random.random() < 0.7 else None
        kids = random.choice((None, "0", "2"))
        signs_up = partners[: random.randint(1, len(partners))]
        return Person(number, email, kids, random.choice(("en", "vi")), random.random() < 0.5, partners, signs_up)

    def told(self, purchases: int) -> History:
        stays_away = self.random.random() < 0.3  # one who shops and never signs up
        for person in self.people[1:] if stays_away else self.people:
            for partner in person.signs_up:
                self._signup(person, partner)
                if self.random.random() < 0.4:  # once more, under another id: in the middle of their shopping
                    self._signup(person, partner)
        friend = self.people[0]
        referrals = self.random.choice((0, 1, 1, 2, 3))
        # With some luck none of their purchases is older than the referrals, which can then be rewarded.
        since = self.random.choice((0.0, 0.15, 0.4)) if referrals else 0.0
        for _ in range(referrals):
            self._referral(friend)
        if referrals and self.random.random() < 0.5:  # an early purchase that is heard of when a reward may be given
            share = self.random.uniform(0.0, 0.4)
            self._purchase(friend, self.random.choice(friend.partners), share, late=self.random.uniform(0.3, 0.6))
        for _ in range(purchases):
            person = self.random.choice(self.people + 2 * [each for each in self.people if each.rich])
            share = self.random.uniform(since if person is friend else 0.0, 1.0)
            self._purchase(person, self.random.choice(person.partners), share)
        for k in range(8):
            self._fault(k)
        others = [each for each in self.people if each is not friend and not each.rich]
        self.random = self.returning  # dice of their own: the rest of the history stays as it was
        bought = list(self.bought)
        for _ in range(4 if others else 0):
            self._bring_back(self.random.choice(others))
        if self.also == "any":
            for each in self.random.sample(bought, 12):
                self._back_of(*each)
        if self.also == "undone":
            for each in bought:
                if each[0] is friend:
                    self._undo(*each)
        self.events.sort(key=lambda each: each[0])
        keyed = (
            (f"partner.{partner}", person.reference(partner).encode(), value)
            for _, partner, person, value in self.events
        )
        return History(self.people, list(keyed))

    def _time(self, share: float) -> datetime:
        """An instant of the two stretches of eleven days, by the share of them that has passed."""
        start = STARTS[share >= 0.5]
        return start + timedelta(minutes=int((share * 2 % 1) * 11 * 24 * 60), microseconds=self.number)

    def _publish(self, at: float, partner: str, person: Person, body: dict[str, Any]) -> bytes:
        value = orjson.dumps(body)
        self.events.append((at, partner, person, value))
        return value

    def _id(self, what: str) -> str:
        self.number += 1
        return f"{what}-{self.number}"

    def _signup(self, person: Person, partner: str) -> None:
        random = self.random
        at = random.choice((0.0, random.random() * 0.1, random.random()))  # some only after they have shopped
        named = {"reference": person.reference(partner), "phone": person.phone}
        member = named if person.email is None else {**named, "email": person.email}
        profile = {"name": f"Person {person.number}", "language": person.language}
        data: dict[str, Any] = {"member": member, "profile": profile}
        if person.kids is not None:
            data["attributes"] = {"kids_count": person.kids}
        body = event(partner, "signup", self._id("signup"), STARTS[0] - timedelta(days=30) + timedelta(days=at), data)
        value = self._publish(at, partner, person, body)
        if random.random() < 0.2:
            self.events.append((at + 0.2, partner, person, value))
        if random.random() < 0.2:
            self._publish(at + 0.21, partner, person, {**body, "data": {**data, "profile": {"name": "Another"}}})

    def _referral(self, friend: Person) -> None:
        """Somebody refers the friend, at any partner of theirs, and it is heard of whenever: perhaps after others that
        happened later, perhaps after purchases that it makes a new customer's, or no new customer's."""
        random, partner = self.random, self.random.choice(friend.partners)
        advocate = random.choice(self.people)  # now and then themselves, which is refused
        share = random.uniform(0.05, 0.4)
        at = share + random.choice((0.0, random.random() * 0.6))
        who = {"phone": advocate.phone} if random.random() < 0.5 else {"reference": advocate.reference(partner)}
        if partner not in advocate.signs_up:
            who = {"phone": advocate.phone}
        named = {"reference": friend.reference(partner)} if partner in friend.signs_up else {"phone": friend.phone}
        data = {"advocate": who, "friend": named}
        body = event(partner, "referral", self._id("referral"), self._time(share), data)
        value = self._publish(at, partner, friend, body)
        if random.random() < 0.3 and advocate is not friend:
            self.events.append((at + 0.1, partner, friend, value))

    def _purchase(self, person: Person, partner: str, share: float, late: float | None = None) -> None:
        random = self.random
        usual = random.choice((0.0, 0.0, 0.0, random.random() * 0.4))
        late = usual if late is None else late
        at = share + late
        by_reference = 0.6 if partner in person.signs_up else 0.2
        named = {"reference": person.reference(partner)} if random.random() < by_reference else {"phone": person.phone}
        lines = [self._line(person) for _ in range(random.randint(1, 6))]
        data = {"member": named, "store": "1", "currency": "USD", "lines": lines}
        body = event(partner, "purchase", self._id("purchase"), self._time(share), data)
        value = self._publish(at, partner, person, body)
        self.bought.append((person, partner, at, body))
        fate = random.random()
        if fate < 0.12:
            self.events.append((at + random.random() * 0.3, partner, person, value))
        elif fate < 0.18:  # the same content in another spelling is the same event
            self.events.append((at + 0.1, partner, person, orjson.dumps(body, option=orjson.OPT_INDENT_2)))
        elif fate < 0.28:
            changed = {**data, "lines": [*lines, self._line(person)]}
            self._publish(at + random.random() * 0.3, partner, person, {**body, "data": changed})

    def _bring_back(self, person: Person) -> None:
        """A small basket at a partner who knows them, and up to three returns of it: some ask for more than is left."""
        random, partner, share = self.random, self.random.choice(person.signs_up), self.random.random()
        named = {"reference": person.reference(partner)}
        lines = [
            {"product": "1", "quantity": random.randint(1, 3), "amount": f"{random.randint(0, 240) / 100:.2f}"}
            for _ in range(random.randint(1, 4))
        ]
        if random.random() < 0.3:
            lines[0]["department"] = "FUEL"
        at, when = share, self._time(share)
        data = {"member": named, "currency": "USD", "lines": lines}
        bought = event(partner, "purchase", self._id("purchase"), when, data)
        self._publish(at, partner, person, bought)
        for number in range(random.randint(1, 3)):
            at += random.random() * 0.1
            back: dict[str, Any] = {"member": named, "purchase": bought["id"]}
            how = random.random()
            if how < 0.6:
                line = random.randrange(len(lines))
                back["lines"] = [{"line": line, "quantity": random.randint(1, int(str(lines[line]["quantity"])))}]
            elif how < 0.75:
                back["amount"] = f"{random.randint(1, 300) / 100:.2f}"
            later = when + timedelta(minutes=number + 1)
            value = self._publish(at, partner, person, event(partner, "return", self._id("return"), later, back))
            # One that is refused is a duplicate where it came again before its member was known, else refused again.
            if number == 0 and "amount" not in back and random.random() < 0.3:
                self.events.append((at + 0.05, partner, person, value))

    def _back_of(self, person: Person, partner: str, at: float, body: dict[str, Any]) -> None:
        """Parts of an ordinary basket come back, or all of it, whatever it won; some of it before more is bought."""
        random, lines = self.random, body["data"]["lines"]
        for _ in range(random.randint(1, 3)):
            at += random.random() * 0.3
            how = random.random()
            if how < 0.5:
                number = random.randrange(len(lines))
                self._returned(person, partner, at, body, lines=[{"line": number, "quantity": random.randint(1, 2)}])
            elif how < 0.7:
                self._returned(person, partner, at, body, amount=f"{random.randint(1, 9000) / 100:.2f}")
            else:
                self._returned(person, partner, at, body)

    def _undo(self, person: Person, partner: str, at: float, body: dict[str, Any]) -> None:
        """All of a basket comes back, when everything has been bought: perhaps a line of it first."""
        later = 2.0 + self.random.random()
        if self.random.random() < 0.5:
            self._returned(person, partner, later, body, lines=[{"line": 0, "quantity": 1}])
        self._returned(person, partner, later + 1.0, body)

    def _returned(self, person: Person, partner: str, at: float, body: dict[str, Any], **more: Any) -> None:
        self.number += 1
        time = datetime.fromisoformat(body["time"]) + timedelta(minutes=self.number)
        data = {"member": body["data"]["member"], "purchase": body["id"], **more}
        self._publish(at, partner, person, event(partner, "return", f"back-{self.number}", time, data))

    def _line(self, person: Person) -> dict[str, Any]:
        random = self.random
        amount = random.randint(0, 16_600 if person.rich else 1_500)
        line = {
            "product": str(random.randint(1, 9)),
            "quantity": random.randint(0, 3),
            "amount": f"{amount // 100}.{amount % 100:02d}",
        }
        department = random.choice(DEPARTMENTS)
        return line if department is None else {**line, "department": department}

    def _fault(self, k: int) -> None:
        """A record with one fault, valid but for that."""
        person, partner, at = self.random.choice(self.people), self.random.choice(PARTNERS), self.random.random()
        data = {"member": {"phone": person.phone}, "currency": "USD", "lines": [self._line(person)]}
        body = event(partner, "purchase", self._id("invalid"), self._time(at), data)
        match k:
            case 0:
                body["type"] = "loyalty.teleport.v1"
            case 1:
                body["data"] = {"member": {"phone": person.phone}}
            case 2:
                data["lines"] = [{**self._line(person), "quantity": -1}]
            case 3:
                body["source"] = "/partners/somebody-else"
            case 4:
                body["type"] = "loyalty.purchase.v9"
            case 5:
                body["time"] = "2016-12-31T23:59:59-05:00"
            case 6:
                body["data"] = {**data, "colour": "red"}
        value = orjson.dumps(body)
        self.events.append((at, partner, person, value[: len(value) // 2] if k == 7 else value))
