"""Small models inside definitions: a challenge's progress, a ladder's rung, a message's text."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from shared.events.values import Name, Slug
from shared.rules.part import Count, Part
from shared.rules.schedule import Period


class Progress(Part):
    """What a challenge counts of all matching events of the period: different local days, events (`times`), whole
    currency units of the eligible amount, or pieces."""

    count: Literal["days", "times", "amount", "quantity"] = "days"
    period: Period = "week"
    goal: Count = Field(ge=1, le=1_000_000_000)


class Tier(Part):
    """A rung: its name and the qualifying points from which it is reached."""

    id: Slug
    title: Name
    reached_from: Count = Field(alias="from", ge=1)


class Text(Part):
    """A message in one language; subject and text are Jinja templates."""

    subject: str = Field(min_length=1)
    text: str = Field(min_length=1)
