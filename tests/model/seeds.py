"""Seeds of random lives: the same ones in every `make test`, others in `make explore`."""

from __future__ import annotations

import os
from typing import Final

FIRST: Final = "DOUBLESTAR_TEST_SEED"


def seeds(count: int) -> range:
    """So many, from the one that the environment names on, or from 0."""
    first = int(os.environ.get(FIRST, "0"))
    return range(first, first + count)
