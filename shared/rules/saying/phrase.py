"""Sayings: what is said, as a value; each language has a sentence for every phrase. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum, auto


class Phrase(StrEnum):
    """Everything that can be said. The values that each takes are named in the sentences."""

    # Words
    AMOUNT = auto()
    MONDAY = auto()
    TUESDAY = auto()
    WEDNESDAY = auto()
    THURSDAY = auto()
    FRIDAY = auto()
    SATURDAY = auto()
    SUNDAY = auto()
    IN_DAY = auto()
    IN_WEEK = auto()
    IN_MONTH = auto()
    IN_QUARTER = auto()
    IN_YEAR = auto()
    IN_EVER = auto()
    TRUE = auto()
    FALSE = auto()
    NONE = auto()
    # What is missing
    MORE = auto()
    MORE_POINTS = auto()
    MORE_PIECES = auto()
    MORE_TIMES = auto()
    MORE_DAYS = auto()
    MORE_YEARS = auto()
    MORE_HOURS = auto()
    MORE_THAN = auto()
    TOO_MUCH = auto()
    TOO_MANY = auto()
    LESS_THAN = auto()
    NEEDS = auto()
    NEEDS_ONE_OF = auto()
    NEEDS_OTHER = auto()
    NEEDS_BEFORE = auto()
    NEEDS_UNTIL = auto()
    NEEDS_FROM = auto()
    NEEDS_AFTER = auto()
    NEEDS_MORE_THAN = auto()
    NEEDS_AT_LEAST = auto()
    NEEDS_LESS_THAN = auto()
    NEEDS_AT_MOST = auto()
    FROM_HOUR = auto()
    BEFORE_HOUR = auto()
    NEEDS_TAG = auto()
    NEEDS_CONSENT = auto()
    NEEDS_TIER = auto()
    NEEDS_SEGMENT = auto()
    NO_SEGMENT = auto()
    NEEDS_START = auto()
    NEEDS_END = auto()
    NEEDS_WITHIN = auto()
    UNKNOWN = auto()
    MUST_BE_UNKNOWN = auto()
    MUST_NOT_HOLD = auto()
    NO_LINE = auto()
    EVERY_LINE = auto()
    NO_LINE_MAY = auto()
    ONLY_BIRTHDAY = auto()
    MUST_HOLD = auto()
    # What a comparison asks
    ASK_AT_LEAST = auto()
    ASK_MORE_THAN = auto()
    ASK_AT_MOST = auto()
    ASK_LESS_THAN = auto()
    ASK_IS = auto()
    ASK_IS_NOT = auto()
    ASK_ONE_OF = auto()
    ASK_FROM = auto()
    ASK_AFTER = auto()
    ASK_UNTIL = auto()
    ASK_BEFORE = auto()
    ASK_START = auto()
    ASK_END = auto()
    ASK_WITHIN = auto()
    ASK_KNOWN = auto()
    ASK_TAG = auto()
    ASK_CONSENT = auto()
    ASK_TIER = auto()
    ASK_SEGMENT = auto()
    ASK_BIRTHDAY = auto()
    ASK_LINES = auto()
    # When it runs
    ONLY_FROM = auto()
    ONLY_UNTIL = auto()
    ONLY_DATES = auto()
    ONLY_WEEKDAYS = auto()
    ONLY_RECURRENCE = auto()
    ONLY_HOURS = auto()
    AT_NIGHT = auto()
    IN_ZONE = auto()
    RUNS_NEXT = auto()
    RUNS_NO_MORE = auto()
    # What became of a rule
    CONDITION = auto()
    ONLY_SEGMENT = auto()
    OF_CAMPAIGN = auto()
    USED = auto()
    USED_BY = auto()
    POINTS_USED = auto()
    POINTS_USED_BY = auto()
    HOUSEHOLD_USED = auto()
    ALL_USED = auto()
    BUDGET_SPENT = auto()
    TOO_OLD = auto()
    AGAIN_FROM = auto()
    CUT = auto()
    STACKED_BEST = auto()
    STACKED_FIRST = auto()
    # How many points, and how they were rounded
    FIXED = auto()
    PER_AMOUNT = auto()
    PER_QUANTITY = auto()
    PER_LINE = auto()
    CASHBACK = auto()
    ONCE_MORE = auto()
    TIMES = auto()
    DOWN = auto()
    UP = auto()
    HALF_UP = auto()
    HALF_EVEN = auto()
    EACH_LINE = auto()
    AT_LEAST = auto()
    AT_MOST = auto()
    NO_CURRENCY = auto()
    OTHER_CURRENCY = auto()
    BUILDS_ON_NOTHING = auto()
    # Challenges
    DAY_OF = auto()
    COUNT_OF = auto()
    DAY_COUNTED = auto()
    WAS_FULL = auto()
    NOT_COUNTED = auto()
    # What the journal says besides
    PUBLISHED_SINCE = auto()
    WOULD_GIVE = auto()
    NOT_POSTED = auto()
    # A story, and an explanation as a whole
    CHALLENGE = auto()
    BONUS = auto()
    REFERRAL = auto()
    EARN = auto()
    PURCHASE = auto()
    SIGNUP = auto()
    RETURN = auto()
    GRANT = auto()
    GIFT = auto()
    GRANTED = auto()
    GRANTED_IN = auto()
    WHAT_AND_WHEN = auto()
    ENTRY = auto()
    READ_AT = auto()
    NOTHING_EARNED = auto()
    ALSO = auto()
    PART = auto()
    FACTS_USED = auto()
    RULES = auto()
    LINES = auto()
    POSTINGS = auto()
    FACT_UNKNOWN = auto()
    RULE_HEAD = auto()
    GIVES = auto()
    GIVES_BUT = auto()
    GIVES_NOT = auto()
    OF_SEGMENT = auto()
    OF_THE_CAMPAIGN = auto()
    FACT_IS = auto()
    FACT_SET = auto()
    IS = auto()
    YES = auto()
    YES_AS = auto()
    NO = auto()
    NO_AS = auto()
    NO_MISSING = auto()
    NO_MISSING_AS = auto()
    ALL_OF = auto()
    ANY_OF = auto()
    NOT_SO = auto()
    NOT_ELIGIBLE = auto()
    MEMBER = auto()
    BALANCE = auto()
    TIER = auto()
    GIFTS = auto()
    EARNED = auto()
    JOINED = auto()
    NOT_JOINED = auto()
    NOTHING = auto()
    NOTHING_YET = auto()
    TIER_KEPT = auto()
    NO_TIER = auto()
    IN_THE_YEAR = auto()
    EARLIER = auto()
    EARNED_NOTHING = auto()
    GIFT_OF = auto()
    # One rule and a member
    OF_RULE = auto()
    GAVE_NOTHING = auto()
    GAVE = auto()
    NEWEST = auto()
    RIGHT_NOW = auto()
    NOT_IN_FORCE = auto()
    WOULD_APPLY = auto()
    IN_FORCE_FROM = auto()
    ASK_REFERRED = auto()
    NOBODY_REFERRED = auto()
    REFERRED_BY = auto()
    ASK_REFERRAL_RUNS = auto()
    ASK_BOUGHT_AFTER = auto()
    NOT_BOUGHT = auto()
    BOUGHT_BEFORE = auto()
    ASK_QUALIFYING = auto()
    QUALIFYING_MORE = auto()
    FOR_FRIENDS = auto()


@dataclass(frozen=True, slots=True)
class Called:
    """A fact, by its label; each language has names for those of the catalogue."""

    label: str


@dataclass(frozen=True, slots=True)
class Named:
    """A definition: people read its title with the id behind it, machines the id."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Saying:
    """Something that is said: the phrase, and the values in it."""

    what: Phrase
    values: Mapping[str, Value]


Value = str | int | Decimal | date | datetime | Called | Named | Saying | tuple["Value", ...]


def say(what: Phrase, /, **values: Value) -> Saying:
    """A saying."""
    return Saying(what, values)
