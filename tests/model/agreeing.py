"""Engines beside the naive interpreter: a random programme, members and events, and what each says they earn."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any, Final

from pydantic import ValidationError

from shared.rules.definition import DEFINITION, Definition, Rule
from shared.rules.engines.choosing import engine
from shared.rules.engines.durable import DurableEngine
from shared.rules.engines.engine import Engine
from shared.rules.engines.names import EngineMissingError
from shared.rules.order import in_order
from shared.rules.quotas import Quotas
from shared.rules.rulebook import Rulebook
from shared.runtime.sharing import SharedUsage
from tests.model import random_rules
from tests.model.rules.deciding import Answer, Shop
from tests.unit.rulekit import Till, event

Data = dict[str, Any]
_TRIES: Final = 50


class Case:
    """One random programme with members, decided by one or more engines and by the interpreter."""

    def __init__(self, r: Random, rules: int, engines: Sequence[Engine], events: int) -> None:
        self.data = _definitions(r, rules)
        found: list[Definition] = [DEFINITION.validate_python(each) for each in self.data]
        self.members = {f"m{n}": random_rules.member(r) for n in range(3)}
        self.events = [(r.choice(sorted(self.members)), random_rules.event(r, n)) for n in range(events)]
        self.shop = Shop(self.data, self.members)
        self.tills = {engine.name: _tills(Rulebook(found, engine), self.members) for engine in engines}

    def differences(self) -> Iterator[tuple[str, Data, Answer, Answer]]:
        """Each disagreement: the engine, the event, what the interpreter says, what the engine says."""
        for who, happened in self.events:
            expected = self.shop.decide(who, happened)
            for name, tills in self.tills.items():
                found = answer(tills[who], happened)
                if found != expected:
                    yield name, happened, expected, found


def answer(till: Till, happened: Data) -> Answer:
    """What an engine says, in the interpreter's words."""
    _, partner = happened["source"].rsplit("/", 1)
    kind = happened["type"].split(".")[1]
    decided = till.decide(event(kind, happened["time"], happened["id"], partner, **happened["data"]))
    awards = [(each.rule, each.version, each.wallet, each.points, each.lines) for each in decided.awards]
    return Answer(awards, [tuple(each) for each in decided.passed])


def document(member: Data) -> Data:
    """A member as earn keeps them."""
    known = {name: ["", "", value] for name, value in member["attributes"].items()}
    for name in ("birthday", "household", "consents"):
        if name in member:
            known[f"profile.{name}"] = ["", "", member[name]]
    found = {"known": known, "joined": member.get("joined"), "balances": dict(member["balance"])}
    more = {"lifetime": member["lifetime"], "tiers": member["tiers"], "tags": member["tags"]}
    return {**found, **more, "referrals": member["referrals"]}


def engines() -> tuple[list[Engine], str | None]:
    """Those that run here, and why the second does not where it does not."""
    try:
        engine("durable")
        return [engine("own"), DurableEngine(most=5_000)], None
    except EngineMissingError as error:
        return [engine("own")], str(error)


def _tills(book: Rulebook, members: dict[str, Data]) -> dict[str, Till]:
    shared = SharedUsage({}, Quotas({}, 1)).lane(0)
    return {id_: Till(book, shared=shared, **document(each)) for id_, each in members.items()}


def _definitions(r: Random, rules: int) -> list[Data]:
    """Definitions that are valid: now and then a random schedule never runs, or rules build on a circle."""
    for _ in range(_TRIES):
        data = random_rules.definitions(r, rules)
        try:
            found = [DEFINITION.validate_python(each) for each in data]
            for version in (1, 2):
                latest = {each.id: each for each in found if each.version <= version}
                in_order([each for each in latest.values() if isinstance(each, Rule)])
        except (ValidationError, ValueError):
            continue
        return data
    raise AssertionError("no valid definitions: mend the generator")
