"""Fuzzes the checker: `python -m tests.fuzz.rules --files 100000 [--seed S] [--from N]`; a few thousand in `make test`.

Of every broken file: the checker does not crash and does not hang; what is not accepted has a fault, and every fault
has a place inside the file; what is accepted makes a rulebook.
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
import time
from collections import Counter
from types import FrameType
from typing import Final, NamedTuple

from shared.programmes import decoded
from shared.rules.checks.checking import Checked, check
from shared.rules.rulebook import NoProgrammeError, Rulebook
from shared.rules.yamlfile import parse
from tests.fuzz.breaking import broken, sources

SEED: Final = "2026"
# Processor time a file may take. Most take a few thousandths; what hangs takes all there is.
MOST_SECONDS: Final = 20.0
_LINE_END: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


class Wrong(NamedTuple):
    """A file that the checker does not do right by."""

    number: int
    why: str


def look(data: bytes) -> tuple[Checked, str | None]:
    """What the checker says of a file, and what is wrong with that."""
    text = decoded("f.yaml", data)
    checked = check([("f.yaml", text)])
    shown = data.decode("utf-8", "replace") if not isinstance(text, str) else text
    lines = _LINE_END.split(shown)
    for fault in checked.faults:
        inside = 1 <= fault.line <= len(lines) and 1 <= fault.column <= len(lines[fault.line - 1]) + 1
        if not inside:
            return checked, f"outside of the file: {fault}"
        if fault.end_column is not None and not fault.column < fault.end_column <= len(lines[fault.line - 1]) + 1:
            return checked, f"ends outside of the line: {fault} to {fault.end_column}"
        if not fault.message or "Input should" in fault.message:
            return checked, f"words that are not ours: {fault}"
    if not checked.errors and isinstance(text, str):
        return checked, _usable(text)
    return checked, None


def _usable(text: str) -> str | None:
    """Whether what was accepted can be put in force."""
    definitions, faults = parse(text, "f.yaml")
    if faults:
        return f"accepted, though it cannot be read: {faults[0]}"
    book = Rulebook(definitions)
    for each in definitions:
        try:
            rules = book.at(each.effective)
        except NoProgrammeError:
            continue
        rules.rules("earn", "purchase")
    return None


def _hangs(_: int, __: FrameType | None) -> None:
    raise TimeoutError("the file takes too long")


def run(files: int, seed: str = SEED, first: int = 0) -> tuple[list[Wrong], Counter[str]]:
    """Looks at so many files; what was not done right, and how many were accepted, had warnings, or faults."""
    texts, wrong, counts = sources(), list[Wrong](), Counter[str]()
    previous = signal.signal(signal.SIGALRM, _hangs)
    try:
        for number in range(first, first + files):
            data = broken(texts, f"{seed}:{number}")
            signal.alarm(int(MOST_SECONDS * 10))  # of the clock: the machine may be busy
            began = time.process_time()
            try:
                checked, why = look(data)
            except Exception as error:
                wrong.append(Wrong(number, f"{type(error).__name__}: {error}"[:300]))
                continue
            finally:
                signal.alarm(0)
            took = time.process_time() - began
            if why is None and took > MOST_SECONDS:
                why = f"took {took:.1f} s"
            if why is not None:
                wrong.append(Wrong(number, why))
            counts["faults" if checked.errors else "warnings" if checked.faults else "accepted"] += 1
    finally:
        signal.signal(signal.SIGALRM, previous)
    return wrong, counts


def main() -> int:
    """Exit code 1 where a file was not done right by; each can be had again by its seed and number."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--seed", default=SEED)
    parser.add_argument("--from", dest="first", type=int, default=0)
    given = parser.parse_args()
    began = time.monotonic()
    wrong, counts = run(given.files, given.seed, given.first)
    for each in wrong[:50]:
        sys.stdout.write(f"--seed {given.seed} --from {each.number} --files 1: {each.why}\n")
    said = ", ".join(f"{count:,} {name}" for name, count in counts.most_common())
    sys.stdout.write(f"{given.files:,} files in {time.monotonic() - began:.0f} s: {said}; {len(wrong)} wrong\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
