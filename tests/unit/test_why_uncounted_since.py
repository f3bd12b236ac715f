"""What `why` says of challenges that were published after a purchase, for its time, when it comes back; by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.ops.rebuilding import before
from shared.rules.rulebook import Rulebook
from tests.unit.campaignkit import Campaigning
from tests.unit.partnerkit import ANN
from tests.unit.rulekit import rule

HOUR = timedelta(hours=1)
MUCH = rule("much", "progress: {count: amount, period: ever, goal: 999000}\nthen: {fixed: 9}", "challenge")


@pytest.mark.parametrize("hours", [1, -1])
async def test_what_was_bought_before_it_was_published(hours: int) -> None:
    """10,000 are bought before (or after) the challenge was published for that time; 20,000 are bought after that, and
    count; the first comes back. Mechanism: `Sources.knew`, by which the versions are asked that were known when the
    purchase was posted, as campaigns does; without it the 10,000 that counted for nothing are taken from the others."""
    found = Campaigning()
    whole = Campaigning(MUCH).book
    since = {(each.id, each.version): found.clock.now + hours * HOUR for each in whole.versions if each.id == "much"}
    published = Rulebook(whole.versions, published=since)
    if hours < 0:
        found.book = published
    await found.joins(ANN, "home")
    first = await found.buys_lines(ANN, 10_000)
    found.passes(days=0.1)
    found.book = published
    await found.buys_lines(ANN, 20_000)
    await found.gives_back(ANN, first)
    assert found.counted(ANN)["progress"] == {"much": {"ever": 20_000}}
    sources = replace(await found.sources(ANN), published=since)
    rebuilt = before(len(sources.journal) + 1, ANN, sources).campaigns.document
    assert rebuilt["progress"] == {"much": {"ever": 20_000}}
