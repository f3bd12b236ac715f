"""The lives of `test_persons_agree` where a return leaves what is spent (`on_return: zero` and `pending`), and asks for
it when a till gives it back. After each step the ledger is what a model says that counts single stars.

Mechanisms: `shared.ledger.spared`; `spared.part`, which an unmerge asks."""

from __future__ import annotations

from tests.model.persons_spared import Sparing, SparingOthers
from tests.unit.partnerkit import POOLED
from tests.unit.test_persons_agree import Persons

REDEMPTION = "      redemption: {}\n"


class Spared(Persons):
    """Nobody owes anything, but for what an unmerge finds."""

    programme = POOLED.replace(REDEMPTION, REDEMPTION + "      on_return: zero\n")
    everybody = Sparing


class SparedOthers(Persons):
    """Stars of other days stay."""

    programme = POOLED.replace(REDEMPTION, REDEMPTION + "      on_return: pending\n")
    everybody = SparingOthers


TestSpared, TestSparedOthers = Spared.TestCase, SparedOthers.TestCase
TestSpared.settings = TestSparedOthers.settings = Persons.TestCase.settings
