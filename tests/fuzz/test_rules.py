"""A few thousand broken files in every run; `make fuzz-rules` looks at 100,000."""

from __future__ import annotations

from tests.fuzz.breaking import broken, sources
from tests.fuzz.rules import SEED, look, run

FILES = 3_000


def test_the_checker_takes_whatever_it_is_given() -> None:
    """No crash, no hang, a fault inside the file where it is not accepted, a rulebook where it is."""
    wrong, counts = run(FILES)
    assert [f"--seed {SEED} --from {each.number} --files 1: {each.why}" for each in wrong] == []
    assert counts["faults"] > FILES / 2, "most are broken"
    assert counts["accepted"] > FILES / 100, "and some are only changed"


def test_the_same_seed_gives_the_same_files() -> None:
    texts = sources()
    assert [broken(texts, f"x:{n}") for n in range(50)] == [broken(texts, f"x:{n}") for n in range(50)]
    assert len({broken(texts, f"x:{n}") for n in range(50)}) > 40


def test_a_fault_outside_of_the_file_would_be_seen() -> None:
    """The judge is no rubber stamp: what it is to find, it finds."""
    checked, why = look(b"- id: x\n  kind: earning\n")
    assert why is None
    assert [(each.line, each.column) for each in checked.faults] == [(2, 9)]
    assert look(b"\xff\xfe")[0].errors and look(b"")[1] is None
