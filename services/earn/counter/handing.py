"""What a caller hands on to a partner's topic: its key is used by that, and by nothing else. Pure."""

from __future__ import annotations

from services.earn.counter.commands import Answer, HandOn
from services.earn.counter.working import Working


def hand_on(command: HandOn, at: Working) -> Answer:
    """An entry that moves nothing: keys of the API are the journal's, so that one is never good for two requests."""
    return at.booked(command, f"partner:{command.partner}", [], command.answer, more={})
