"""`make nightly`: random programmes and events by the hundred thousand; engines beside the naive interpreter.

A pair is one random programme (of 3 to 40 definitions of rules) and one event of one of its members. Each worker
process takes so many programmes and ends, for durable-rules gives no memory back. A difference prints its seed.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from multiprocessing import Pool
from random import Random
from typing import Final

from shared.rules.engines.engine import Engine
from tests.model.agreeing import Case, engines

EVENTS: Final = 40
PROGRAMMES: Final = 30
SIZES: Final = (3, 3, 6, 10, 16, 24, 40)


def programme(seed: int, events: int = EVENTS) -> tuple[int, list[str]]:
    """How many pairs one seed gave, and what differed."""
    r = Random(seed)
    case = Case(r, r.choice(SIZES), _ENGINES or _load(), events)
    found = [f"seed {seed}, {name}: event {happened['id']}\n  model  {expected}\n  engine {answer}"
             for name, happened, expected, answer in case.differences()]  # fmt: skip
    return len(case.events), found


_ENGINES: list[Engine] = []


def _load() -> list[Engine]:
    _ENGINES[:] = engines()[0]
    return _ENGINES


def several(first: int) -> tuple[int, int, list[str]]:
    """So many programmes, from one seed on."""
    found = [programme(seed) for seed in range(first, first + PROGRAMMES)]
    return first, sum(pairs for pairs, _ in found), [each for _, differing in found for each in differing]


def main() -> int:
    """Runs until that many pairs agreed; 1 where one did not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=None, help="the first seed; the day's by default")
    given = parser.parse_args()
    first = given.seed if given.seed is not None else int(time.time()) // 86_400 * 100_000
    tasks = range(first, first + -(-given.pairs // EVENTS), PROGRAMMES)
    names, why = engines()
    _say(f"engines: {', '.join(each.name for each in names)}" + (f" (not durable: {why})" if why else ""))
    _say(f"seeds from {first} on, {EVENTS} events each; one alone: --seed N --pairs 1")
    done, wrong, begun = 0, list[str](), time.monotonic()
    with Pool(os.cpu_count(), maxtasksperchild=1) as pool:
        for seed, pairs, differing in pool.imap_unordered(several, tasks):
            done += pairs
            wrong += differing
            _say(f"{done:,} pairs, {len(wrong)} differ; {time.monotonic() - begun:.0f} s; last seeds from {seed}")
            for difference in differing[:3]:
                _say(difference)
    _say(f"{done:,} pairs of a random programme and an event: {len(wrong)} differ")
    return 1 if wrong else 0


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
