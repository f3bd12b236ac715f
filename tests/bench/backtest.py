"""`make bench-backtest`: a real year replayed from an exported file on one core; its figures must be the model's."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple

from shared.demo import exporting
from shared.settings import Settings
from tests.model import journey

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


class Took(NamedTuple):
    """Seconds of a command: on the clock, and of the processor."""

    clock: float
    processor: float


def main() -> None:
    """Writes the year where it is not there yet, replays it some times, compares with the model."""
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
        for what, arguments in (
            ("journey as a draft, against what was posted", [str(programme)]),
            ("a draft of two rules, against what was posted", [str(work / "draft.yaml")]),
            ("the same, both sides decided", [str(work / "draft.yaml"), "--against", str(programme)]),
        ):
            took = [backtest(arguments, year, work / "found.json") for _ in range(rounds)]
            shown = ", ".join(f"{each.clock:.1f} s ({each.processor:.1f} s of CPU)" for each in took)
            say(f"  {what}: {shown}")
            if arguments == [str(programme)]:
                check(json.loads((work / "found.json").read_text()))


def backtest(arguments: list[str], year: Path, output: Path) -> Took:
    """The whole command as a process of its own, pinned to one core where the system can."""
    command = [sys.executable, "-m", "shared.cli.main", "rules", "backtest", *arguments, "--input", str(year)]
    started = perf_counter()
    # As on a user's machine: where nothing may be kept, every start would compile the product anew.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    output_to = [*command, "--format", "json", "-o", str(output)]
    process = subprocess.Popen(output_to, stdout=subprocess.DEVNULL, env=environment)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process.pid, {min(os.sched_getaffinity(0))})
    _, status, used = os.wait4(process.pid, 0)
    clock = perf_counter() - started
    if status:
        raise SystemExit(f"the backtest ended with {os.waitstatus_to_exitcode(status)}")
    return Took(clock, used.ru_utime + used.ru_stime)


def check(found: dict[str, Any]) -> None:
    """Every rule's stars, and all together: those of the slow model that shares no code with the engine. What the model
    takes is said: it reads the same year and knows only these rules, so that it tells fast machines from slow ones."""
    started = process_time()
    expected = journey.expect()
    took = process_time() - started
    stars = {each["rule"]: each["sums"]["draft"]["points"] for each in found["rules"]}
    assert stars == expected.stars, (stars, expected.stars)
    total = found["total"]["draft"]["points"]
    assert total == found["total"]["other"]["points"] == expected.stars_total, total
    say(f"  {total:,} stars in all, rule by rule those of tests/model/journey.py, which took {took:.1f} s of CPU")


def say(text: str) -> None:
    """Shown at once."""
    print(text, flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
