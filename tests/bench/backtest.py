"""`make bench-backtest`: a real year replayed from an exported file on one core, beside a plain program that
reckons the same year; its figures must be that program's."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, NamedTuple

from shared.demo import exporting
from shared.settings import Settings

DRAFT = """
- id: fresh
  kind: earn
  effective: 2017-01-01T00:00:00-05:00
  title: Fresh basket
  when: lines.distinct(product, department == "PRODUCE") >= 3
  then: {fixed: 15}
  limits: [{per: member, period: day, times: 1}]
- id: family-wednesday
  kind: earn
  effective: 2017-01-01T00:00:00-05:00
  title: Wednesdays triple for families
  segment: families
  schedule: {weekdays: [wednesday]}
  then: {multiply: {rules: [base], by: 2}}
"""

MODEL = """
import json
from tests.model import journey
expected = journey.expect()
print(json.dumps({"stars": expected.stars, "total": expected.stars_total}))
"""


class Took(NamedTuple):
    """Seconds of a command: on the clock, and of the processor."""

    clock: float
    processor: float


def main() -> None:
    """Writes the year where it is not there yet, replays it some times, by turns with the plain program."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    here = Settings()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        year, programme = work / "year.zip", here.programs / "journey"
        about = exporting.export(here, year)
        say(f"{about.entries:,} entries of {about.members:,} members, {year.stat().st_size / 1e6:.1f} MB; on one core:")
        (work / "draft.yaml").write_text(DRAFT, encoding="utf-8")
        beside_a_plain_program(programme, year, work, rounds)
        for what, arguments in (
            ("a draft of two rules, against what was posted", [str(work / "draft.yaml")]),
            ("the same, both sides decided", [str(work / "draft.yaml"), "--against", str(programme)]),
        ):
            shown(what, [backtest(arguments, year, work / "found.json") for _ in range(rounds)])


def beside_a_plain_program(programme: Path, year: Path, work: Path, rounds: int) -> None:
    """By turns, as a machine's pace changes from minute to minute: the replay, and what tells fast machines from slow
    ones: the model, which reads the same year, knows only these rules, and shares no code with the engine."""
    replays, plain = list[Took](), list[Took]()
    for _ in range(rounds):
        replays.append(backtest([str(programme)], year, work / "found.json"))
        plain.append(timed([sys.executable, "-c", MODEL], work / "expected.json"))
    shown("journey as a draft, against what was posted", replays)
    shown("the same year by the plain program, tests/model/journey.py", plain)
    ratio = median(each.processor for each in replays) / median(each.processor for each in plain)
    say(f"  the replay's CPU is {ratio:.2f} of the plain program's, by the medians")
    check(json.loads((work / "found.json").read_text()), json.loads((work / "expected.json").read_text()))


def backtest(arguments: list[str], year: Path, output: Path) -> Took:
    """The whole command as a process of its own."""
    command = [sys.executable, "-m", "shared.cli.main", "rules", "backtest", *arguments, "--input", str(year)]
    return timed([*command, "--format", "json", "-o", str(output)])


def timed(command: list[str], output: Path | None = None) -> Took:
    """A process, from its start to its end, pinned to one core where the system can. output: where to what it prints
    is written."""
    started = perf_counter()
    # As on a user's machine: where nothing may be kept, every start would compile the product anew.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with (output or Path(os.devnull)).open("w", encoding="utf-8") as printed:
        process = subprocess.Popen(command, stdout=printed, env=environment)
        if hasattr(os, "sched_setaffinity"):
            os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
        _, status, used = os.wait4(process.pid, 0)
    clock = perf_counter() - started
    if status:
        raise SystemExit(f"{' '.join(command)} failed")
    return Took(clock, used.ru_utime + used.ru_stime)


def check(found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Every rule's stars, and all together: those of the plain program."""
    stars = {each["rule"]: each["sums"]["draft"]["points"] for each in found["rules"]}
    assert stars == expected["stars"], (stars, expected["stars"])
    total = found["total"]["draft"]["points"]
    assert total == found["total"]["other"]["points"] == expected["total"], total
    say(f"  {total:,} stars in all, rule by rule those of the plain program")


def shown(what: str, took: list[Took]) -> None:
    """Every round."""
    said = ", ".join(f"{each.clock:.1f} s ({each.processor:.1f} s of CPU)" for each in took)
    say(f"  {what}: {said}")


def say(text: str) -> None:
    """Shown at once."""
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
