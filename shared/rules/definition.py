"""What a definition is: the typed shape of everything a programme says, one model a kind."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Final, Literal, Self, TypeVar, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, TypeAdapter, field_validator, model_validator
from pydantic.functional_validators import BeforeValidator

from shared.events.values import Currency, Instant, Language, Money, Name, Slug
from shared.rules.conditions import Condition
from shared.rules.facts import LineFilter, Words
from shared.rules.templates import check_template
from shared.rules.unsaid import UNSAID, Effective

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Weekdays = Annotated[frozenset[Weekday], PlainSerializer(sorted, return_type=list[str])]
Rounding = Literal["down", "up", "half_up"]
Period = Literal["day", "week", "month", "year", "ever"]
EventKind = Literal["signup", "purchase", "referral", "return"]


def _shaped(condition: Any) -> Any:
    """Says in our words that a list or a word is no condition: nothing tells which of the shapes to try."""
    if not isinstance(condition, dict | BaseModel):
        raise ValueError("write a condition, such as {fact: basket.total, at_least: 10}")
    if isinstance(condition, dict):
        lists = [condition[word] for word in ("all", "any") if isinstance(condition.get(word), list)]
        for part in [*(part for parts in lists for part in parts), *([condition["not"]] if "not" in condition else [])]:
            _shaped(part)
    return condition


When = Annotated[Condition, BeforeValidator(_shaped)]


class Part(BaseModel):
    """What every part of a definition is: frozen, and refusing words that mean nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Schedule(Part):
    """When a rule runs, in the programme's time zone: `from` inclusive, `until` exclusive."""

    starts: Instant | None = Field(None, alias="from")
    until: Instant | None = None
    weekdays: Weekdays | None = Field(None, min_length=1)

    @model_validator(mode="after")
    def _window(self) -> Self:
        if self.starts and self.until and self.starts >= self.until:
            raise ValueError("the window is empty: `until` must be later than `from`")
        return self


class PerAmount(Part):
    """`give` points for each whole `per` of an amount; the amounts are added first, then rounded."""

    per: Decimal = Field(gt=0)
    of: Literal["basket.total", "basket.eligible"] = "basket.eligible"
    give: int = Field(1, ge=1)
    rounding: Rounding = "down"


class PointsEffect(Part):
    """How many points of which wallet: exactly one of `fixed`, `per_amount`, `again`."""

    wallet: Slug = "stars"
    fixed: int | None = Field(None, ge=1)
    per_amount: PerAmount | None = None
    again: list[Slug] | None = Field(None, min_length=1, description="the points of these rules once more")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(each is not None for each in (self.fixed, self.per_amount, self.again)) != 1:
            raise ValueError("write exactly one of `fixed`, `per_amount`, `again`")
        return self


class Limit(Part):
    """At most `times` a member and period, in the programme's time zone."""

    per: Literal["member"] = "member"
    period: Period
    times: int = Field(1, ge=1)


class Base(Part):
    """What every definition has."""

    id: Slug
    version: int = Field(1, ge=1, description="left out, the publication numbers it; a published one never changes")
    effective: Effective = UNSAID
    owner: Slug = "coalition"
    title: Name
    tags: Words = frozenset()


class Programme(Base):
    """The programme itself: its time zone, wallets, and which lines count."""

    kind: Literal["programme"]
    time_zone: str
    currency: Currency
    wallets: list[Slug] = Field(min_length=1)
    not_eligible: LineFilter | None = Field(None, description="lines whose amount earns nothing; none by default")
    approvals: int = Field(0, ge=0, le=1, description="how many others than its author must approve a publication")

    @field_validator("time_zone")
    @classmethod
    def _exists(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"no such time zone: {value}; write an IANA name such as Asia/Ho_Chi_Minh") from None
        return value


class Rule(Base):
    """What earning and campaign rules share: an event, a schedule, a condition, an effect, limits."""

    kind: str
    on: EventKind = "purchase"
    schedule: Schedule = Schedule()
    segment: Slug | None = Field(None, description="only for members of this segment")
    when: When | None = None
    then: PointsEffect
    limits: list[Limit] = Field(default_factory=list, max_length=8)

    @field_validator("limits")
    @classmethod
    def _one_a_period(cls, value: list[Limit]) -> list[Limit]:
        periods = [limit.period for limit in value]
        if len(set(periods)) != len(periods):
            raise ValueError("two limits have one period; keep the smaller")
        return value


class Earn(Rule):
    """Earn posts it together with the activity."""

    kind: Literal["earn"]


class Bonus(Rule):
    """Campaigns grants it."""

    kind: Literal["bonus"]

    @model_validator(mode="after")
    def _of_its_own(self) -> Self:
        return _without_again(self)


class Progress(Part):
    """What a challenge counts: different local days of matching events within the period, up to the goal."""

    count: Literal["days"] = "days"
    period: Literal["week", "month"] = "week"
    goal: int = Field(ge=2, le=31)


class Challenge(Rule):
    """Campaigns grants it once a period, when the goal is reached."""

    kind: Literal["challenge"]
    progress: Progress

    @model_validator(mode="after")
    def _of_its_own(self) -> Self:
        if self.limits:
            raise ValueError("a challenge is won once a `progress.period`: leave `limits` out")
        return _without_again(self)


class Segment(Base):
    """A named set of members, by a condition on their attributes."""

    kind: Literal["segment"]
    when: When


class ReferralRule(Base):
    """Rewards both sides on the friend's first purchase after the referral."""

    kind: Literal["referral"]
    schedule: Schedule = Schedule()
    advocate: PointsEffect
    friend: PointsEffect

    @model_validator(mode="after")
    def _fixed(self) -> Self:
        if self.advocate.fixed is None or self.friend.fixed is None:
            raise ValueError("a referral's rewards are `fixed` points")
        return self


class Tier(Part):
    """A rung: its name and the qualifying points from which it is reached."""

    id: Slug
    title: Name
    reached_from: int = Field(alias="from", ge=1)


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


class Text(Part):
    """A message in one language; subject and text are Jinja templates."""

    subject: str = Field(min_length=1)
    text: str = Field(min_length=1)


class MessageTemplate(Base):
    """What notify writes for a reason, in each language."""

    kind: Literal["message"]
    reason: Literal["welcome", "tier-reached", "tier-lost", "gift", "challenge-completed", "bonus", "referral"]
    texts: dict[Language, Text]

    @field_validator("texts")
    @classmethod
    def _english(cls, value: dict[str, Text]) -> dict[str, Text]:
        if "en" not in value:
            raise ValueError("write at least English (`en`): it is what other languages fall back to")
        return value

    @model_validator(mode="after")
    def _renders(self) -> Self:
        for text in self.texts.values():
            check_template(self.reason, text.subject)
            check_template(self.reason, text.text)
        return self


Definition = Programme | Earn | Bonus | Challenge | Segment | ReferralRule | Ladder | GiftRule | MessageTemplate
DEFINITION: TypeAdapter[Definition] = TypeAdapter(Annotated[Definition, Field(discriminator="kind")])
KINDS: Final = {get_args(each.model_fields["kind"].annotation)[0]: each for each in get_args(Definition)}


def as_data(definition: Definition) -> dict[str, Any]:
    """The definition as plain JSON data, as it travels on `definitions`.

    Without what was left to its default: a release that adds a field must not change the hash of what was published.
    """
    return definition.model_dump(mode="json", by_alias=True, exclude_defaults=True, exclude_none=True)


R = TypeVar("R", bound=Rule)


def _without_again(rule: R) -> R:
    if rule.then.again is not None:
        raise ValueError("`again` repeats the points of the same event, which only an `earn` rule can; write `fixed`")
    return rule
