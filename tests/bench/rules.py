"""`make bench-rules`: rules alone, in memory. What 10 to 10,000 definitions cost, with both engines; never timed in CI.

Definitions are spread over stores, partners, weekdays, categories, brands and windows of dates, so that an event meets
a handful, and as many of them apply to it, however many there are: what a rule that applies costs is not the matcher's.
Rates are of the same events in the same run, the best of three rounds.
"""

from __future__ import annotations

import argparse
import resource
import sys
import time
import tracemalloc
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Final

import psutil
import yaml

from shared.events.light import Occurrence
from shared.rules.definition import DEFINITION, Definition
from shared.rules.engines.choosing import engine
from shared.rules.engines.engine import Engine
from shared.rules.engines.names import EngineMissingError
from shared.rules.matching import Decided, decide, ruled
from shared.rules.member import Member
from shared.rules.rulebook import Rulebook
from shared.rules.usage import Ample, MemberUsage
from shared.rules.yamlfile import read_all
from tests.unit.rulekit import basket, line

SIZES: Final = (10, 100, 1_000, 10_000)
ROUNDS: Final = 3
EFFECTIVE: Final = "2017-01-01T00:00:00-05:00"
DAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
BEGIN: Final = datetime(2017, 1, 1, 12, tzinfo=UTC)
PROGRAMME: Final = {
    "id": "bench", "kind": "programme", "effective": EFFECTIVE, "title": "Bench", "time_zone": "America/New_York",
    "currency": "USD", "wallets": ["stars"], "not_eligible": 'department == "FUEL"',
}  # fmt: skip
Data = dict[str, Any]


def spread_of(size: int) -> tuple[int, int]:
    """Over how many stores, and partners, so many rules are spread. With ten a whole store more or less is much: these
    let as many rules apply to an event as with thousands, 2.8."""
    return (3, 2) if size == 10 else (size * 9 // 20, size * 9 // 80)


def definitions(size: int) -> list[Data]:
    """A programme and so many rules, of which an event meets a handful: the more of them, the more they are spread."""
    r = Random(7)
    spread, partners = spread_of(size)
    found = [PROGRAMME]
    for n in range(size):
        rule: Data = {"id": f"r-{n:05d}", "kind": "earn", "effective": EFFECTIVE, "title": f"Rule {n}",
                      "then": {"per_amount": {"per": "1.00"}} if n % 2 else {"fixed": 5}}  # fmt: skip
        day = datetime(2017, 1, 1) + timedelta(days=r.randrange(350))
        choices: list[Data] = [
            {"when": f'event.store == "s{r.randrange(spread)}"'},
            {"when": f'event.partner == "p{r.randrange(partners)}" && basket.total >= 20'},
            {"when": f'lines.any(category == "c{r.randrange(spread)}")',
             "schedule": {"weekdays": r.sample(DAYS, 2)}},
            {"when": f'lines.sum(amount, brand == "b{r.randrange(spread)}") >= 5.00'},
            {"schedule": {"from": f"{day:%Y-%m-%d}", "until": f"{day + timedelta(days=1 + 2_000 // size):%Y-%m-%d}"},
             "when": f'event.channel == "online" && event.payment == "k{r.randrange(20)}"'},
            {"when": {"all": [f'event.attributes.coupon == "x{r.randrange(spread)}"', "basket.eligible >= 1"]}},
        ]  # fmt: skip
        found.append(rule | choices[n % 6])
    return found


def events(size: int, count: int) -> list[Occurrence]:
    """Purchases of ten lines through a year, in the order of time, at places that the rules name."""
    r = Random(11)
    spread, partners = spread_of(size)
    return [
        basket(
            *(line(f"{r.randrange(1, 2_000) / 100:.2f}", product=f"p{r.randrange(999)}", department="DELI",
                   category=f"c{r.randrange(spread * 8)}", brand=f"b{r.randrange(spread * 8)}") for _ in range(10)),
            time=(BEGIN + timedelta(minutes=n * 365 * 1_440 / count)).isoformat(),
            partner=f"p{r.randrange(partners)}", store=f"s{r.randrange(spread)}",
            channel=r.choice(("online", "shop")), payment=f"k{r.randrange(20)}",
            attributes={"coupon": f"x{r.randrange(spread)}"},
        )
        for n in range(count)
    ]  # fmt: skip


def run(book: Rulebook, happened: Iterable[Occurrence]) -> tuple[int, int]:
    """Decides events as the ledger does; how many, and how many rules applied."""
    document: Data = {}
    member, usage = Member(document), MemberUsage(document, Ample())
    done = applied = 0
    for each in happened:
        under = ruled(each, book)
        assert under is not None
        candidates = under.rules.matcher.plausible("earn", under.facts)
        under.facts.of_member(member)
        decided: Decided = decide(candidates, under.facts, under.rules, usage, plausible=True)
        done, applied = done + 1, applied + len(decided.outcomes)
    return done, applied


class Contest:
    """One engine with so many definitions, and its events; its best round counts."""

    def __init__(self, size: int, which: Engine, found: list[Definition]) -> None:
        self.size, self.name = size, which.name
        self.book = Rulebook(found, which)
        self.events = events(size, 20_000 if which.name == "own" else max(500, 20_000 // max(1, size // 20)))
        self.best, self.applied = 0.0, 0
        run(self.book, self.events[:50])

    def round(self) -> None:
        """All its events once; the processor's time counts, which others on the machine do not take."""
        begun = time.process_time()
        done, self.applied = run(self.book, self.events)
        self.best = max(self.best, done / (time.process_time() - begun))


def rates(sizes: Sequence[int], engines: Sequence[Engine], most: int) -> None:
    """Rounds by turns, so that what disturbs the machine disturbs all."""
    contests: list[Contest] = []
    for size in sizes:
        found = validated(definitions(size))
        contests += [Contest(size, each, found) for each in engines if each.name == "own" or size <= most]
    for _ in range(ROUNDS):
        for each in contests:
            each.round()
    first = {each.name: each.best for each in reversed(contests)}
    own = {each.size: each.best for each in contests if each.name == "own"}
    for each in contests:
        say(f"  {each.size:6,} definitions  {each.name:7} {each.best:9,.0f} events/s  {1e6 / each.best:9,.1f} µs  "
            f"{each.applied / len(each.events):4.1f} rules apply  cost {first[each.name] / each.best:6.2f} x of "
            f"{sizes[0]}  {each.best / own[each.size]:5.2f} of own's rate")  # fmt: skip


def compiling(size: int) -> None:
    """From models, and from YAML text."""
    data = definitions(size)
    text = yaml.safe_dump([{**each} for each in data], sort_keys=False)
    begun = time.perf_counter()
    found = read_all([("bench.yaml", text)])
    read = time.perf_counter()
    book = Rulebook(found)
    run(book, events(size, 1))
    say(f"  {size:6,} definitions  YAML text to models, checked: {read - begun:.1f} s; models to the first decision: "
        f"{time.perf_counter() - read:.2f} s")  # fmt: skip


def edges(size: int, count: int) -> None:
    """Many versions with times of their own: each time has its rules, and none is compiled twice."""
    data = definitions(size)
    for n, each in enumerate(data[1 : count + 1]):
        each["effective"] = (BEGIN + timedelta(hours=8 * n)).isoformat()
    book = Rulebook(validated(data))
    happened = events(size, count)
    begun = time.perf_counter()
    run(book, happened)
    spent = time.perf_counter() - begun
    say(
        f"  {size:6,} definitions, {count:,} effective times, an event in each: {spent:.1f} s, "
        f"{spent / count * 1e3:.1f} ms each"
    )


def memory(size: int, count: int) -> None:
    """A million events by one rulebook: what the process holds, as Python and as the system see it."""
    book, happened = Rulebook(validated(definitions(size))), events(size, 10_000)
    run(book, happened)
    tracemalloc.start()
    process, held = psutil.Process(), list[str]()
    for n in range(count // len(happened)):
        run(book, happened)
        if n % max(1, count // len(happened) // 5) == 0:
            traced = tracemalloc.get_traced_memory()[0] / 1e6
            held.append(f"{traced:.1f}/{process.memory_info().rss / 1e6:.0f}")
    tracemalloc.stop()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3
    say(f"  {size:,} definitions, {count:,} events: MB traced/resident by turns {', '.join(held)}; peak {peak:.0f}")


def validated(data: Iterable[Data]) -> list[Definition]:
    return [DEFINITION.validate_python(each) for each in data]


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> None:
    """Everything; parts by name."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--durable-most", type=int, default=1_000, help="most definitions for durable-rules")
    parser.add_argument("--events", type=int, default=1_000_000, help="events of the memory run")
    parser.add_argument("--parts", nargs="*", default=["rates", "compile", "edges", "memory"])
    given = parser.parse_args()
    engines = [engine("own")]
    try:
        engines.append(engine("durable"))
    except EngineMissingError as error:
        say(str(error))
    if "rates" in given.parts:
        say("events of ten lines, decided:")
        rates(SIZES, engines, given.durable_most)
    if "compile" in given.parts:
        say("compiled:")
        compiling(10_000)
    if "edges" in given.parts:
        say("versions:")
        edges(10_000, 1_000)
    if "memory" in given.parts:
        say("memory:")
        memory(1_000, given.events)


if __name__ == "__main__":
    main()
