"""What a replay posts. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from msgspec import Struct

from shared.backtest.tally import Handed
from shared.backtest.withheld import Held
from shared.rules.effects import Award


class Posted(Struct, frozen=True, gc=False):
    """What came of an event, for one member, on a local day: points given, and rules that were held back.

    grant: the id of what campaigns gave; None where it is what the event earned at once. handed: things that campaigns
    gave, counted when they are won.
    """

    member: str
    time: datetime
    day: date
    awards: Sequence[Award]
    held: Sequence[Held] = ()
    grant: str | None = None
    handed: Sequence[Handed] = ()
