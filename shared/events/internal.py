"""What services tell each other: activities, accruals, grants, tiers, gifts, offers, notifications."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from shared.events.envelope import CloudEvent, EventId, Source
from shared.events.partner import PartnerEvent, Purchase
from shared.events.values import Attributes, Language, Money, Name, Slug

MemberId = Annotated[str, Field(pattern=r"^m-[0-9a-f]{20}$", description="ours; minted from the first signup event")]
Points = Annotated[int, Field(description="whole points of one wallet; negative takes away")]


FactValue = str | bool | int | list[str] | None


class Internal(BaseModel):
    """Payloads between services. A consumer ignores fields it does not know, so that a producer may add some."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True, defer_build=True)


class Origin(Internal):
    """Where a partner's record was read: the address that its effect or its dead letter is accounted under."""

    topic: str
    partition: int
    offset: int

    @property
    def key(self) -> str:
        """`topic:partition:offset`."""
        return f"{self.topic}:{self.partition}:{self.offset}"


class Cause(Internal):
    """The partner's (or a service's) event that something follows from."""

    source: Source
    id: EventId


class ActivityData(Internal):
    """A partner's event that is valid, with the member it belongs to."""

    member: MemberId
    origin: Origin
    hash: str = Field(description="of the event's canonical content; another hash under the same id is refused")
    advocate: MemberId | None = Field(None, description="of a referral: the member who recommended us")
    request: str | None = Field(
        None, description="id of the request that brought it, where its sender says one: the HTTP API does"
    )
    event: PartnerEvent


class GrantData(Internal):
    """Points that campaigns won for a member and earn is to post."""

    member: MemberId
    rule: Slug
    version: int
    wallet: Slug
    points: Points
    reason: Literal["challenge", "bonus", "referral"]
    period: str | None = Field(None, description="what limits it: 2017-W03, or ever")
    issuer: str = Field("programme", description="whose account pays: programme, or partner:<id>")
    tag: Slug | None = Field(None, description="put on the member; points may be 0 then")
    role: Literal["advocate", "friend"] | None = Field(None, description="of a referral: which side this rewards")
    corrects: EventId | None = Field(None, description="id of the grant that this one takes back")
    bought_by: MemberId | None = Field(
        None, description="of such a one: who had won it, where that is one who was merged into another since"
    )
    cause: Cause


class Activity(CloudEvent):
    """loyalty.activity.v1, on `activities`, keyed by member."""

    type: Literal["loyalty.activity.v1"] = "loyalty.activity.v1"
    data: ActivityData


class Grant(CloudEvent):
    """loyalty.grant.v1, on `grants`, keyed by member."""

    type: Literal["loyalty.grant.v1"] = "loyalty.grant.v1"
    data: GrantData


class Earned(Internal):
    """What one rule gave, and by how much each line of the basket took part."""

    rule: Slug
    version: int
    wallet: Slug
    points: Points
    lines: list[Points] | None = Field(None, description="points of each line, in the basket's order; sums to points")


EntryKind = Literal[
    "activation", "expiry", "warning", "redemption", "undo", "adjustment", "goodwill", "transfer", "merge", "unmerge",
    "closing", "erasure", "voucher", "voucher_undo", "late_return",
]  # fmt: skip


class EntryData(Internal):
    """What the ledger did that no partner's event brought about: by the clock, at a till, by a person."""

    kind: EntryKind
    id: EventId
    wallet: Slug
    points: Points = Field(
        description="by which the member's balance changed; of a warning: that will expire then or in the week after"
    )
    at: AwareDatetime
    active: Points | None = Field(None, description="of an activation: that count from now on")
    until: AwareDatetime | None = Field(None, description="of a warning: the instant at which the first of them expire")
    reason: str | None = Field(None, description="in the words of whoever did it")
    partner: Slug | None = Field(None, description="of a redemption: at whom")
    moved: dict[Slug, Points] | None = Field(
        None, description="of what concerns all wallets at once (then `wallet` is none): by which each balance changed"
    )
    survivor: MemberId | None = Field(
        None, description="of the duplicate's merge: whom they are merged into; of its unmerge: out of whom they come"
    )
    survivor_seq: int | None = Field(
        None, description="number of the survivor's own announcement of it: by then they were merged into nobody"
    )
    duplicate: MemberId | None = Field(None, description="the same, in the survivor's entry: who came, or went")


class ReturnedData(Internal):
    """A purchase of which something came back: for whoever has counted it, as it stood before and as it stands now."""

    was: Purchase = Field(description="what had been left of it before this return")
    left: Purchase | None = Field(None, description="what is left of it; nothing where all came back")
    parts: list[str] = Field(description="of each line of the whole purchase the part that is left: 0, 1, or 2/3")
    facts: dict[str, FactValue] = Field(default_factory=dict, description="as `facts`, for `was`, at that time")
    left_facts: dict[str, FactValue] = Field(default_factory=dict, description="the same for `left`")
    posted_at: AwareDatetime | None = Field(
        None, description="when the purchase was: rules that were published since have no say in what comes back"
    )


class AccrualData(Internal):
    """What the ledger did about one activity or grant. Fat on purpose: nobody downstream needs earn's database."""

    member: MemberId
    seq: int = Field(ge=1, description="the member's announcements, numbered without gaps")
    earned: list[Earned]
    balances: dict[Slug, Points] = Field(description="of the member, by wallet, after this")
    facts: dict[str, FactValue] = Field(
        default_factory=dict, description="what campaigns' rules ask about the member, as earn knew it for this event"
    )
    household: Name | None = Field(None, description="the member's, where it is known")
    activity: Activity | None = None
    grant: Grant | None = None
    entry: EntryData | None = None
    returned: ReturnedData | None = None
    counts_at: AwareDatetime | None = Field(
        None, description="the instant at which this counts, where it is another: of a return, the purchase's"
    )
    uncounted: dict[Slug, Points] = Field(
        default_factory=dict,
        description="of a return: points by rule that the member keeps, who had spent them, and that count no more",
    )
    bought_by: MemberId | None = Field(
        None, description="of a return: who bought, where that is one who was merged into the member since"
    )


class Accrual(CloudEvent):
    """loyalty.accrual.v1, on `accruals`, keyed by member."""

    type: Literal["loyalty.accrual.v1"] = "loyalty.accrual.v1"
    data: AccrualData


class TierChangedData(Internal):
    """A member's status changed."""

    member: MemberId
    ladder: Slug
    version: int
    before: Slug | None
    after: Slug | None
    qualifying: Points = Field(description="qualifying points of the period that decided it")
    since: AwareDatetime
    until: AwareDatetime = Field(description="exclusive: the status is kept until this instant")
    cause: Cause


class GiftData(Internal):
    """A gift that came with a tier."""

    member: MemberId
    rule: Slug
    version: int
    tier: Slug
    gift: Name = Field(description="kind of gift", examples=["gift-certificate"])
    value: Money | None = None
    announced: bool = Field(description="false: a surprise, not told of beforehand")
    cause: Cause


class TierChanged(CloudEvent):
    """loyalty.tier.v1, on `tiers`, keyed by member."""

    type: Literal["loyalty.tier.v1"] = "loyalty.tier.v1"
    data: TierChangedData


class Gift(CloudEvent):
    """loyalty.gift.v1, on `tiers`, keyed by member."""

    type: Literal["loyalty.gift.v1"] = "loyalty.gift.v1"
    data: GiftData


class ThingData(Internal):
    """What was won that is no points."""

    kind: Literal["voucher", "gift", "tickets", "punch"]
    title: Name
    code: str | None = Field(None, description="of a voucher: what is shown at the till")
    value: Money | None = None
    percent_off: str | None = Field(None, description="of a voucher: decimal string")
    until: AwareDatetime | None = Field(None, description="of a voucher: valid until this instant, exclusive")
    minimum: Money | None = Field(None, description="of a voucher: what must at least be spent on what it is for")
    categories: list[Name] | None = Field(None, description="of a voucher: what it is for; else for everything")
    alone: bool | None = Field(None, description="of a voucher: not used with others on one bill")
    draw: Slug | None = Field(None, description="of tickets: the draw they are for")
    count: int | None = Field(None, description="of tickets: how many")
    card: Slug | None = Field(None, description="of a punch: the card")
    punches: int | None = Field(None, description="of a punch: how many the card has now")
    of: int | None = Field(None, description="of a punch: how many fill the card")
    filled: bool | None = Field(None, description="of a punch: this one filled the card, and brought the points")
    withdrawn: bool | None = Field(
        None, description="taken back, as what won it came back; a voucher that was used stays used"
    )


class OfferData(Internal):
    """What a campaign says to a member; the points themselves travel as a grant."""

    member: MemberId
    reason: Literal["challenge", "bonus", "referral"]
    rule: Slug
    version: int
    title: str
    wallet: Slug
    points: Points = Field(description="0 where something else was won")
    period: str | None = None
    thing: ThingData | None = None
    message: Slug | None = Field(None, description="id of the message definition to tell it by")
    cause: Cause


class Offer(CloudEvent):
    """loyalty.offer.v1, on `offers`, keyed by member."""

    type: Literal["loyalty.offer.v1"] = "loyalty.offer.v1"
    data: OfferData


class NotificationData(Internal):
    """A message, rendered and ready to deliver; the event's id is what delivery dedupes by."""

    member: MemberId
    template: Slug = Field(description="what it is for: welcome, tier-reached, gift, challenge-completed, bonus ...")
    definition: Slug = Field(description="id of the message definition it was written by")
    version: int
    language: Language
    channel: Literal["email", "none"]
    to_name: str | None
    to_email: str | None
    subject: str
    text: str
    facts: Attributes = Field(default_factory=dict, description="what the template was filled with")
    cause: Cause


class Notification(CloudEvent):
    """loyalty.notification.v1, on `notifications`, keyed by member."""

    type: Literal["loyalty.notification.v1"] = "loyalty.notification.v1"
    data: NotificationData


LedgerInput = Annotated[Activity | Grant, Field(discriminator="type")]
LEDGER_INPUT: TypeAdapter[Activity | Grant] = TypeAdapter(LedgerInput)
NotifyInput = Annotated[Accrual | TierChanged | Gift | Offer, Field(discriminator="type")]
NOTIFY_INPUT: TypeAdapter[Accrual | TierChanged | Gift | Offer] = TypeAdapter(NotifyInput)
