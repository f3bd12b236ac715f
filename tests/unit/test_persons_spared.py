"""The lives of `test_persons_agree` where a return leaves what is spent (`on_return: zero`), and asks for it when a
till gives it back. After each step the ledger is what a model says that counts single stars.

Mechanisms: `shared.ledger.spared`; `spared.part`, which an unmerge asks."""

from __future__ import annotations

from tests.model.persons_spared import Sparing
from tests.unit.partnerkit import POOLED
from tests.unit.test_persons_agree import Persons


class Spared(Persons):
    """Nobody owes anything, but for what an unmerge finds."""

    programme = POOLED.replace("      redemption: {}\n", "      redemption: {}\n      on_return: zero\n")
    everybody = Sparing


TestSpared = Spared.TestCase
TestSpared.settings = Persons.TestCase.settings
