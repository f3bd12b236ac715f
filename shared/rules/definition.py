"""What a definition is: the typed shape of everything a programme says, one model a kind."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Any, Final, Literal, Self, get_args

from pydantic import Field, TypeAdapter, field_validator, model_validator

from shared.events.values import Currency, Instant, Language, Money, Name, Slug
from shared.rules.bounds import Budget, Limit, Stacking
from shared.rules.conditions import When
from shared.rules.expressions import LineExpression
from shared.rules.inside import Progress, Text, Tier
from shared.rules.localtime import ZoneName
from shared.rules.part import Count, EventKind, Part, Words, written_out
from shared.rules.partners import Agreement
from shared.rules.placed import Wrong, refuse
from shared.rules.prizes import Prize
from shared.rules.rewards import PointsEffect, Then, Thing
from shared.rules.schedule import Schedule
from shared.rules.second_person import SecondPerson
from shared.rules.templates import Reason, fault_of_template
from shared.rules.unsaid import UNSAID, Effective
from shared.rules.wallets import Declared, Wallet


class Base(Part):
    """What every definition has."""

    id: Slug
    version: Count = Field(1, ge=1, description="left out, the publication numbers it; a published one never changes")
    effective: Effective = UNSAID
    owner: Slug = "coalition"
    title: Name
    tags: Words = frozenset()


class Programme(Base):
    """The programme itself: its time zone, wallets, and which lines count."""

    kind: Literal["programme"]
    time_zone: ZoneName
    currency: Currency
    wallets: list[Declared] = Field(
        min_length=1, description="each an id alone (active at once, never expires, cannot be spent) or with its terms"
    )
    not_eligible: LineExpression | None = Field(
        None, description="lines that earn nothing, unless a rule says so by its `of`; none by default"
    )
    approvals: Count = Field(0, ge=0, le=1, description="how many others than its author must approve a publication")
    second_person: SecondPerson | None = Field(None, description="what the back office does only with another's leave")
    _said = field_validator("second_person", mode="before")(written_out)

    @field_validator("wallets")
    @classmethod
    def _once(cls, value: list[str | Wallet]) -> list[str | Wallet]:
        names = [each if isinstance(each, str) else each.id for each in value]
        if len(set(names)) != len(names):
            raise ValueError("a wallet is declared twice; keep one")
        return value

    @cached_property
    def purses(self) -> dict[str, Wallet]:
        """The wallets by id, with their terms."""
        full = [Wallet(id=each) if isinstance(each, str) else each for each in self.wallets]
        return {each.id: each for each in full}


class Bounded(Base):
    """What rules and campaigns share: when, for whom, how often, for how much."""

    schedule: Schedule = Schedule()
    segment: Slug | None = Field(None, description="only for members of this segment")
    when: When | None = None
    limits: list[Limit] = Field(default_factory=list, max_length=8)
    budget: Budget | None = None
    _all_said = field_validator("when", "segment", "budget", mode="before")(written_out)

    @field_validator("limits")
    @classmethod
    def _one_a_period(cls, value: list[Limit]) -> list[Limit]:
        periods = [(limit.per, limit.period, limit.measure) for limit in value]
        said = "two limits are about the same period; keep the smaller"
        refuse([Wrong((n, "period"), said) for n, each in enumerate(periods) if each in periods[:n]])
        return value


class Campaign(Bounded):
    """What several rules have in common: they run while it runs, for its members, within its limits and budget."""

    kind: Literal["campaign"]


class Rule(Bounded):
    """What earning and campaign rules share: an event, a schedule, a condition, an effect, limits."""

    kind: str
    on: EventKind = "purchase"
    campaign: Slug | None = Field(None, description="the campaign that the rule belongs to")
    then: Then
    stacking: Stacking | None = None
    _said = field_validator("campaign", "stacking", mode="before")(written_out)

    @model_validator(mode="after")
    def _one_a_wallet(self) -> Self:
        given = [(n, effect.wallet) for n, effect in enumerate(self.then) if isinstance(effect, PointsEffect)]
        before = [wallet for _, wallet in given]
        said = "two effects give points of one wallet: make two rules of them"
        refuse([Wrong(("then", n), said) for at, (n, wallet) in enumerate(given) if wallet in before[:at]])
        return self

    @cached_property
    def points(self) -> list[PointsEffect]:
        """The effects that give points."""
        return [effect for effect in self.then if isinstance(effect, PointsEffect)]

    @cached_property
    def things(self) -> list[Thing]:
        """The effects that give something else."""
        return [effect for effect in self.then if isinstance(effect, Thing)]

    @cached_property
    def repeats(self) -> list[str]:
        """The rules whose points this one builds on."""
        return [rule for effect in self.points for rule in effect.repeats]


class Earn(Rule):
    """Earn posts it together with the activity."""

    kind: Literal["earn"]

    @model_validator(mode="after")
    def _points_only(self) -> Self:
        wrong = [
            Wrong(
                ("then", number, each.name),
                f"an earn rule gives points only; make the {each.name} a rule of kind bonus",
            )
            for number, each in enumerate(self.then)
            if isinstance(each, Thing)
        ]
        refuse(wrong)
        return self


class Bonus(Rule):
    """Campaigns grants it."""

    kind: Literal["bonus"]


class Challenge(Rule):
    """Campaigns grants it once a period, when the goal is reached."""

    kind: Literal["challenge"]
    progress: Progress

    @model_validator(mode="after")
    def _of_its_own(self) -> Self:
        said = "a challenge is won once a `progress.period`; leave limits per member out"
        wrong = [Wrong(("limits", n), said) for n, limit in enumerate(self.limits) if limit.per == "member"]
        longest = {"day": 1, "week": 7, "month": 31, "quarter": 92, "year": 366}.get(self.progress.period)
        if self.progress.count == "days" and longest is not None and self.progress.goal > longest:
            said = f"no {self.progress.period} has {self.progress.goal} days; lower the `goal`"
            wrong.append(Wrong(("progress", "goal"), said))
        refuse(wrong)
        return self


class Segment(Base):
    """A named set of members, by a condition on their attributes."""

    kind: Literal["segment"]
    when: When


class ReferralRule(Bounded):
    """Rewards both sides on the friend's first purchase after the referral. Segment and condition ask about the friend
    and that purchase; limits per member are the advocate's, all others and the budget count both sides."""

    kind: Literal["referral"]
    advocate: PointsEffect
    friend: PointsEffect

    @model_validator(mode="after")
    def _fixed(self) -> Self:
        said = "a referral's rewards are `fixed` points; write `fixed` here"
        sides = (("advocate", self.advocate), ("friend", self.friend))
        wrong = [Wrong((side, each.shape), said) for side, each in sides if each.fixed is None]
        shared = "whose household the advocate is of is not known when the friend buys; write `member` or `programme`"
        wrong += [Wrong(("limits", n, "per"), shared) for n, each in enumerate(self.limits) if each.per == "household"]
        refuse(wrong)
        return self

    @cached_property
    def sides(self) -> tuple[Bonus, Bonus]:
        """Friend's and advocate's part as rules of their own, which share what they count: a use in all is the
        friend's. Without the schedule, which is about the referral."""
        in_all = [each for each in self.limits if each.per == "programme"]
        others = [each for each in self.limits if each.per != "programme" or each.measure == "points"]
        return self._side(self.friend, in_all), self._side(self.advocate, others)

    def _side(self, effect: PointsEffect, limits: list[Limit]) -> Bonus:
        said: dict[str, Any] = {name: getattr(self, name) for name in Bounded.model_fields}
        said |= {"kind": "bonus", "schedule": Schedule(time_zone=self.schedule.time_zone), "limits": limits}
        return Bonus.model_construct(**said, then=[effect])


class Draw(Base):
    """A draw that rules give tickets for; `draws_at` ends the time in which tickets count."""

    kind: Literal["draw"]
    draws_at: Instant
    prizes: list[Prize] = Field(min_length=1, max_length=50)


class Ladder(Base):
    """Tiers by qualifying points of a calendar year, kept to the end of the next year."""

    kind: Literal["ladder"]
    qualifying: list[Slug] = Field(min_length=1, description="rules whose points qualify")
    period: Literal["calendar_year"] = "calendar_year"
    keep: Literal["end_of_next_year"] = "end_of_next_year"
    tiers: list[Tier] = Field(min_length=1)

    @field_validator("tiers")
    @classmethod
    def _ascending(cls, value: list[Tier]) -> list[Tier]:
        marks = [tier.reached_from for tier in value]
        if marks != sorted(set(marks)):
            raise ValueError("list the tiers from the lowest to the highest, each `from` more than the one before")
        return value


class GiftRule(Base):
    """What a member gets on first reaching a tier."""

    kind: Literal["gift"]
    ladder: Slug
    tier: Slug
    gift: Name
    value: Money | None = None
    announced: bool = True


class MessageTemplate(Base):
    """What notify writes for a reason, in each language."""

    kind: Literal["message"]
    reason: Reason
    texts: dict[Language, Text]

    @field_validator("texts")
    @classmethod
    def _english(cls, value: dict[str, Text]) -> dict[str, Text]:
        if "en" not in value:
            raise ValueError("write at least English (`en`): it is what other languages fall back to")
        return value

    @model_validator(mode="after")
    def _renders(self) -> Self:
        wrong = [
            Wrong(("texts", language, name), found.said, found.offset)
            for language, text in self.texts.items()
            for name in ("subject", "text")
            if (found := fault_of_template(self.reason, getattr(text, name))) is not None
        ]
        refuse(wrong)
        return self


class Partner(Base, Agreement):
    """A partner, by the id of its events; one that nobody defines pays afterwards, at the value of the points."""

    kind: Literal["partner"]


Campaigning = Bonus | Challenge | Campaign | ReferralRule | Draw
Definition = Programme | Partner | Earn | Campaigning | Segment | Ladder | GiftRule | MessageTemplate
DEFINITION: TypeAdapter[Definition] = TypeAdapter(Annotated[Definition, Field(discriminator="kind")])
KINDS: Final = {get_args(each.model_fields["kind"].annotation)[0]: each for each in get_args(Definition)}


def as_data(definition: Definition) -> dict[str, Any]:
    """The definition as plain JSON data, as it travels on `definitions`.

    Without what was left to its default: a release that adds a field must not change the hash of what was published.
    """
    return definition.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)
