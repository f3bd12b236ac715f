"""Referral rewards in histories where topics race: what depends on their order is taken back; promise 5, in depth.

That it holds is proved with the other promises (`test_promises`), whose histories these are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from tests.simulation import broken
from tests.simulation.checks import breaks, lived, one_effect

Mechanism = Callable[[pytest.MonkeyPatch], None]


@pytest.mark.parametrize("mechanism", [broken.rewards_never_taken_back, broken.first_heard_referral_counts])
async def test_promise_5_breaks_when_referral_rewards_are_decided_once(
    mechanism: Mechanism, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An earlier purchase or referral at another partner, heard of after the reward, then changes nothing."""
    mechanism(monkeypatch)
    await breaks(one_effect, faults=0)


async def test_rewards_are_taken_back_and_given_anew_in_these_histories() -> None:
    """The histories are no tame ones: corrections come up, and so do rewards that stand at the end."""
    seen: Counter[str] = Counter()
    for seed in range(25):
        world = await lived(seed, faults=0)
        for entry in world.stores["earn"].collection("journal").values():
            if entry["kind"] == "grant" and b'"referral"' in entry["event"]:
                seen["back" if entry["_id"].endswith(":back") else "given"] += 1
    assert seen["given"] > seen["back"] >= 4, seen
