"""What an event earns, naively: every rule is asked about every event, and every earlier use is counted again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from math import floor
from typing import Any

from tests.model.rules.conditions import tree
from tests.model.rules.effects import Given, effects, give, repeats, resized
from tests.model.rules.world import World, period, runs


@dataclass
class Use:
    """What was used of one limit: whose, which, by whom, when, how much. A limit counts from when it is written; a
    budget in money counts what the points cost then, apart from one in points."""

    owner: str
    limit: tuple[str, str, str]
    member: str
    household: str | None
    moment: datetime
    amount: Fraction


@dataclass
class Answer:
    """awards: rule, version, wallet, points, lines; passed: rule, version, verdict, wanted, by."""

    awards: list[tuple[Any, ...]] = field(default_factory=list)
    passed: list[tuple[Any, ...]] = field(default_factory=list)


@dataclass
class Tried:
    """What one rule would do."""

    rule: dict[str, Any]
    verdict: str
    given: list[Given]
    wanted: int
    by: tuple[str, str] | None  # the limit that held it back or cut it: its name and its verdict


class Shop:
    """A coalition with definitions, members and all that happened so far."""

    def __init__(self, definitions: list[dict[str, Any]], members: dict[str, dict[str, Any]]) -> None:
        self.definitions, self.members = definitions, members
        self.events: list[tuple[str, dict[str, Any]]] = []
        self.uses: list[Use] = []
        # What all members share has the most of the highest version that anybody was held to so far.
        self.totals: dict[tuple[str, ...], tuple[int, Fraction]] = {}

    def decide(self, member: str, event: dict[str, Any], kind: str = "earn") -> Answer:
        """What the event earns; it and the limits that it uses are remembered."""
        moment = datetime.fromisoformat(event["time"])
        force: dict[str, dict[str, Any]] = {}
        for each in sorted(self.definitions, key=lambda each: int(each.get("version", 1))):
            if datetime.fromisoformat(each["effective"]) <= moment:
                force[each["id"]] = each
        programme = next(each for each in force.values() if each["kind"] == "programme")
        segments = {each["id"]: each["when"] for each in force.values() if each["kind"] == "segment"}
        earlier = [each for who, each in self.events if who == member]
        world = World(event, {"id": member, **self.members[member]}, earlier, programme, segments)
        answer, given = Answer(), list[Given]()
        for unit in ordered([each for each in force.values() if "then" in each]):
            mine = [each for each in unit if each["kind"] == kind and each.get("on", "purchase") == world.kind]
            tried = [self._try(each, bounded(each, force), world, given) for each in mine]
            for one in compete(tried):
                self._settle(one, bounded(one.rule, force), world, given, answer)
        self.events.append((member, event))
        return answer

    def _try(self, rule: dict[str, Any], parts: list[Any], world: World, given: list[Given]) -> Tried:
        if not all(part is not None and holds(part, world) for part in parts):
            return Tried(rule, "condition", [], 0, None)
        for part in parts:
            for limit in limits(part):
                if self._left(part, limit, world) < 1:
                    if not any(give(effect, world, given)[0] for effect in effects(rule)):
                        return Tried(rule, "no_points", [], 0, None)  # what wants nothing is not held back
                    return Tried(rule, verdict(limit), [], 0, (key(part, limit), verdict(limit)))
        mine, wanted, by = list[Given](), 0, None
        for effect in effects(rule):
            points, exact, lines = give(effect, world, given)
            wanted += points
            allowed, taken = points, sum(each.points for each in mine)
            for part in parts if points else []:
                for limit in limits(part):
                    if (
                        limit["measure"] != "times"
                        and (left := max(0, self._left(part, limit, world) - taken)) < allowed
                    ):
                        allowed, by = left, (key(part, limit), verdict(limit))
            if allowed < points:
                lines, exact = resized(lines, points, allowed), Fraction(allowed)
            if allowed:
                wallet = effect.get("wallet", "stars")
                mine.append(Given(rule["id"], rule.get("version", 1), wallet, allowed, exact, lines, repeats(rule)))
        state = "applies" if mine else "no_points" if by is None else by[1]
        return Tried(rule, state, mine, wanted, by)

    def _settle(self, tried: Tried, parts: list[Any], world: World, given: list[Given], answer: Answer) -> None:
        rule = tried.rule
        head = (rule["id"], rule.get("version", 1))
        if tried.verdict == "applies":
            points = sum(each.points for each in tried.given)
            for part in parts:
                for limit in limits(part):
                    used = limit["unit"] * (1 if limit["measure"] == "times" else points)
                    self.uses.append(Use(part["id"], name(limit), world.member["id"], world.member.get("household"),
                                         world.moment, used))  # fmt: skip
            given += tried.given
            for each in tried.given:
                lines = None if each.lines is None else tuple(each.lines)
                answer.awards.append((*head, each.wallet, each.points, lines))
            if tried.by is not None and tried.wanted > points:
                answer.passed.append((*head, tried.by[1], tried.wanted, tried.by[0]))
        elif tried.verdict in ("limit", "budget", "stacking"):
            answer.passed.append((*head, tried.verdict, tried.wanted, tried.by[0] if tried.by else None))

    def _left(self, part: dict[str, Any], limit: dict[str, Any], world: World) -> int:
        zone, used = part.get("schedule", {}).get("time_zone"), Fraction(0)
        now = period(limit["period"], world.of(zone).today)
        for use in self.uses:
            then = World({"time": use.moment.isoformat()}, {}, [], world.programme, {}, zone)
            mine = use.member == world.member["id"]
            if limit["per"] == "household" and world.member.get("household") is not None:
                mine = use.household == world.member["household"]
            shared = limit["per"] == "programme" or mine
            counted = use.owner == part["id"] and use.limit == name(limit) and shared
            if counted and period(limit["period"], then.today) == now:
                used += use.amount
        most = limit["most"]
        if limit["per"] == "programme":
            place = (part["id"], *name(limit), now)
            most = self.totals.setdefault(place, (0, Fraction(0)))[1]
            if part.get("version", 1) > self.totals[place][0]:
                most = limit["most"]
                self.totals[place] = (part.get("version", 1), most)
        left: int = floor((most - used) / limit["unit"])
        return left


def holds(part: dict[str, Any], world: World) -> bool:
    """Schedule, condition and segment of a rule or campaign."""
    schedule = part.get("schedule", {})
    if not runs(schedule, world):
        return False
    if "when" in part and not tree(part["when"], world.of(schedule.get("time_zone"))):
        return False
    segment = part.get("segment")
    return segment is None or (segment in world.segments and tree(world.segments[segment], world.of(None)))


def bounded(rule: dict[str, Any], force: dict[str, dict[str, Any]]) -> list[Any]:
    """Whose schedule, condition and limits a rule goes by: its campaign's and its own."""
    return [force.get(rule["campaign"]), rule] if "campaign" in rule else [rule]


def limits(part: dict[str, Any]) -> list[dict[str, Any]]:
    """Each with the most there is, and what one point (or time) uses of it."""
    found = []
    for limit in part.get("limits", []):
        measure = "times" if "times" in limit else "points"
        found.append({"per": limit.get("per", "member"), "period": limit["period"], "measure": measure, "of": measure,
                      "most": Fraction(limit[measure]), "unit": Fraction(1)})  # fmt: skip
    if "budget" in part:
        budget = part["budget"]
        of = "points" if "points" in budget else "money"
        most = Fraction(budget["points"] if of == "points" else budget["money"]["amount"])
        unit = Fraction(str(budget.get("cost_per_point", 1)))
        found.append({"per": "programme", "period": "ever", "measure": "budget", "of": f"budget in {of}", "most": most,
                      "unit": unit})  # fmt: skip
    return found


def name(limit: dict[str, Any]) -> tuple[str, str, str]:
    return limit["per"], limit["of"], limit["period"]


def key(part: dict[str, Any], limit: dict[str, Any]) -> str:
    return f"{part['id']}:{limit['per']}:{limit['measure']}:{limit['period']}"


def verdict(limit: dict[str, Any]) -> str:
    return "budget" if limit["measure"] == "budget" else "limit"


def compete(tried: list[Tried]) -> list[Tried]:
    """In a group of which one rule wins, what becomes of each."""
    applying = [each for each in tried if each.verdict == "applies"]
    how = tried[0].rule.get("stacking", {}).get("how", "additive") if tried else "additive"
    if how not in ("best", "exclusive") or len(applying) < 2:
        return tried
    winner = applying[0]
    if how == "best":
        for each in applying:
            if sum(given.points for given in each.given) > sum(given.points for given in winner.given):
                winner = each
    for each in applying:
        if each is not winner:
            each.verdict, each.wanted = "stacking", sum(given.points for given in each.given)
            each.given, each.by = [], (winner.rule["id"], "stacking")
    return tried


def ordered(rules: list[dict[str, Any]]) -> list[list[dict[str, Any]]]:
    """Units of one rule, or of all of a group of which one wins: by priority, then name; after what they build on."""

    def priority(rule: dict[str, Any]) -> int:
        return int(rule.get("stacking", {}).get("priority", 0))

    def unit(rule: dict[str, Any]) -> str:
        stacking = rule.get("stacking", {})
        return f"group {stacking['group']}" if stacking.get("how") in ("best", "exclusive") else str(rule["id"])

    names = sorted({unit(each) for each in rules})
    first = sorted(rules, key=lambda each: (-priority(each), each["id"]))
    members = {name: [each for each in first if unit(each) == name] for name in names}
    by_id = {each["id"]: unit(each) for each in rules}
    done: list[str] = []

    def place(name: str) -> None:
        if name not in done:
            for needed in sorted({by_id[id_] for each in members[name] for id_ in repeats(each) if id_ in by_id}):
                place(needed)
            done.append(name)

    for name in sorted(names, key=lambda name: (-priority(members[name][0]), name)):
        place(name)
    return [members[name] for name in done]
