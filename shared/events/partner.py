"""What partners send: signups, purchases, referrals, returns, and what becomes of a purchase."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, TypeAdapter, model_validator

from shared.events.envelope import EventId, PartnerCloudEvent
from shared.events.values import Amount, Attributes, Contract, Currency, Day, Language, Name, Slug

PHONE: Final = r"^\+[1-9][0-9]{6,14}$"
EMAIL: Final = r"^[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9.-]{1,190}\.[A-Za-z]{2,63}$"
Phone = Annotated[str, StringConstraints(pattern=PHONE), Field(description="E.164", examples=["+84901234567"])]
Email = Annotated[str, StringConstraints(pattern=EMAIL)]


class MemberRef(Contract):
    """How a partner names a member: any of five ways, at least one."""

    reference: Name | None = Field(
        None, description="the partner's own customer number; means nothing to other partners"
    )
    card: Name | None = Field(None, description="number of a coalition card")
    email: Email | None = None
    phone: Phone | None = None
    app: Name | None = Field(None, description="id of the coalition's app installation")

    @model_validator(mode="after")
    def _someone(self) -> Self:
        if not (self.reference or self.card or self.email or self.phone or self.app):
            raise ValueError("name the member by at least one of reference, card, email, phone, app")
        return self


class Profile(Contract):
    """How the member wants to be spoken to."""

    name: Name | None = None
    language: Language | None = Field(None, description="English where nobody has said")
    preferences: Attributes = Field(default_factory=dict, description='e.g. {"salutation": "formal", "mute": "bonus"}')
    birthday: Day | None = None
    household: Name | None = Field(None, description="who shares it shares limits that are set for a household")
    consents: list[Name] | None = Field(None, max_length=32, description="all that the member agreed to, e.g. sms")


class SignupData(Contract):
    """Somebody joins the programme, or is known to one more partner."""

    member: MemberRef
    profile: Profile = Profile()
    attributes: Attributes = Field(default_factory=dict, description="facts that segments may use")


class Line(Contract):
    """One line of a basket; a quantity of 0 and an amount of 0.00 are legal."""

    product: Name
    category: Name | None = None
    department: Name | None = None
    brand: Name | None = None
    quantity: int = Field(ge=0, le=10_000_000)
    amount: Amount = Field(description="what was paid for the line, after discounts")
    attributes: Attributes | None = Field(None, description='e.g. {"organic": true}')


class PaidWithPoints(Contract):
    """What points paid of a bill: lines say what was to pay; this part of it was not paid in money."""

    wallet: Slug
    points: int = Field(ge=1, le=10**12)
    amount: Amount = Field(description="what they paid, in the purchase's currency; not more than the lines together")
    redemption: Name | None = Field(None, description="id that the till's capture answered")


class PurchaseData(Contract):
    """A basket that was paid."""

    member: MemberRef
    store: Name | None = None
    channel: Name | None = None
    payment: Name | None = Field(None, description="how it was paid, in the partner's words")
    currency: Currency
    lines: Annotated[list[Line], Field(min_length=1, max_length=2_000)]
    paid_with_points: PaidWithPoints | None = Field(
        None,
        description="where points paid a part: whether the purchase earns on all of it or on the money, the "
        "programme decides",
    )
    attributes: Attributes = Field(default_factory=dict)

    @model_validator(mode="after")
    def _covered(self) -> Self:
        paid = self.paid_with_points
        if paid is not None and Decimal(paid.amount) > sum(Decimal(line.amount) for line in self.lines):
            raise ValueError("points paid more than the lines cost together: correct paid_with_points.amount")
        return self


class ReferralData(Contract):
    """A member (the advocate) brought somebody (the friend)."""

    advocate: MemberRef
    friend: MemberRef
    code: Name | None = None


class ReturnedLine(Contract):
    """Which line of the purchase, counted from 0, and how much of it came back."""

    line: int = Field(ge=0, le=1_999)
    quantity: int = Field(ge=1, le=10_000_000)


class ReturnData(Contract):
    """Goods of one purchase came back: lines, or an amount, or (neither given) all of it."""

    member: MemberRef
    purchase: EventId = Field(description="id of the partner's own purchase event")
    lines: Annotated[list[ReturnedLine], Field(min_length=1, max_length=2_000)] | None = None
    amount: Amount | None = Field(None, description="of what the lines cost, points that paid a part included")
    currency: Currency | None = Field(None, description="of the amount; the purchase's where nothing is said")

    @model_validator(mode="after")
    def _one(self) -> Self:
        if self.lines is not None and self.amount is not None:
            raise ValueError("write lines, or amount, or (for all that is left) neither")
        if self.amount is not None and not Decimal(self.amount):
            raise ValueError("an amount of nothing is no return: write how much came back")
        if self.currency is not None and self.amount is None:
            raise ValueError("currency is of an amount: write the amount too, or leave currency out")
        return self


class MilestoneData(Contract):
    """A purchase came to a milestone that points wait for (`activates: {on: ...}`), or was `cancelled`."""

    member: MemberRef
    purchase: EventId = Field(description="id of the partner's own purchase event")
    milestone: Slug = Field(description="in the programme's words; `cancelled` ends it", examples=["delivered"])


class Signup(PartnerCloudEvent):
    """loyalty.signup.v1"""

    type: Literal["loyalty.signup.v1"]
    data: SignupData


class Purchase(PartnerCloudEvent):
    """loyalty.purchase.v1"""

    type: Literal["loyalty.purchase.v1"]
    data: PurchaseData


class Referral(PartnerCloudEvent):
    """loyalty.referral.v1"""

    type: Literal["loyalty.referral.v1"]
    data: ReferralData


class Return(PartnerCloudEvent):
    """loyalty.return.v1"""

    type: Literal["loyalty.return.v1"]
    data: ReturnData


class Milestone(PartnerCloudEvent):
    """loyalty.milestone.v1"""

    type: Literal["loyalty.milestone.v1"]
    data: MilestoneData


AnyEvent = Signup | Purchase | Referral | Return | Milestone
PartnerEvent = Annotated[AnyEvent, Field(discriminator="type")]
PARTNER_EVENT: TypeAdapter[AnyEvent] = TypeAdapter(PartnerEvent)
