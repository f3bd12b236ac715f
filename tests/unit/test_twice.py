"""A definition that some files have twice."""

from __future__ import annotations

import pytest

from shared.rules.checks.checking import check
from shared.rules.yamlfile import DefinitionError, read_all


def test_two_versions_of_one_definition_are_the_same_fault_for_all_who_read_files() -> None:
    """Checked, published or backtested: the same words at the same places, each of the two with its own."""
    programme = "- {id: p, kind: programme, title: P, time_zone: UTC, currency: USD, wallets: [stars]}\n"
    rules = "".join(f"- {{id: x, kind: earn, version: {n}, title: X, then: {{fixed: {n}}}}}\n" for n in (1, 2))
    files = [("a.yaml", programme + rules)]
    with pytest.raises(DefinitionError) as refused:
        read_all(files)
    assert [str(each) for each in check(files).faults] == [str(each) for each in refused.value.faults]
    assert str(refused.value).startswith("a.yaml:3:32: version 1 of x is in a.yaml:2: versions are published one after")
