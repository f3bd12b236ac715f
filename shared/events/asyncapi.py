"""The topics as AsyncAPI 3.0 documents: one for partners, one for everybody who works on the services."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, get_args

from shared.events import topics
from shared.events.alerts import PackAlert
from shared.events.definitions import DefinitionRecord, Manifest
from shared.events.envelope import CloudEvent
from shared.events.internal import Accrual, Activity, Gift, Grant, Notification, Offer, TierChanged
from shared.events.partner import Milestone, Purchase, Referral, Return, Signup
from shared.events.rejection import Rejection

Json = dict[str, Any]
PARTNER: Final = "partner"
OPERATOR: Final = "operator"
_KAFKA: Final = "0.5.0"
_MEMBER_KEY: Final = "id of the member"
_ABOUT: Final = {topic.name: topic for topic in topics.INTERNAL}


@dataclass(frozen=True, slots=True)
class Flow:
    """A topic with its traffic. Senders and receivers are consumers by name, whole services, or `partner`."""

    topic: str
    contracts: tuple[type[CloudEvent], ...]
    key: str
    senders: tuple[str, ...]
    receivers: tuple[str, ...]
    grouped: bool = True


FLOWS: Final = (
    Flow(
        topics.partner_topic("{partner}"),
        (Signup, Purchase, Referral, Return, Milestone),
        "whatever names the member in the event (reference, card ...): it keeps a member's events in their order",
        (PARTNER,),
        ("earn-intake",),
    ),
    Flow(
        topics.rejections_topic("{partner}"),
        (Rejection,),
        "position of the refused record: topic:partition:offset",
        ("earn-intake", "earn-ledger"),
        (PARTNER,),
        grouped=False,
    ),
    Flow(topics.ACTIVITIES, (Activity,), _MEMBER_KEY, ("earn-intake",), ("earn-ledger",)),
    Flow(topics.ACCRUALS, (Accrual,), _MEMBER_KEY, ("earn-ledger",), ("tiers", "campaigns", "notify")),
    Flow(topics.GRANTS, (Grant,), _MEMBER_KEY, ("campaigns",), ("earn-ledger",)),
    Flow(topics.TIERS, (TierChanged, Gift), _MEMBER_KEY, ("tiers",), ("earn-ledger", "notify")),
    Flow(topics.OFFERS, (Offer,), _MEMBER_KEY, ("campaigns",), ("notify", "earn-vouchers")),
    Flow(topics.NOTIFICATIONS, (Notification,), _MEMBER_KEY, ("notify",), ("notify-delivery",)),
    Flow(topics.ALERTS, (PackAlert,), "id of the partner", ("earn-ledger",), (OPERATOR,), grouped=False),
    Flow(
        topics.DEFINITIONS,
        (DefinitionRecord, Manifest),
        "id of the definition; `programme` for the manifest",
        ("campaigns",),
        ("earn", "tiers", "campaigns", "notify"),
        grouped=False,  # every worker reads all of it
    ),
)
CONTRACTS: Final[tuple[type[CloudEvent], ...]] = tuple(contract for flow in FLOWS for contract in flow.contracts)


def type_of(contract: type[CloudEvent]) -> str:
    """The CloudEvents `type` of a contract: loyalty.signup.v1."""
    name: str = get_args(contract.model_fields["type"].annotation)[0]
    return name


def schema_file(contract: type[CloudEvent]) -> str:
    """The file that its JSON Schema is written to."""
    return f"{type_of(contract)}.schema.json"


def partners() -> Json:
    """What a partner's engineer needs: where to publish, where to read what was refused."""
    flows = [flow for flow in FLOWS if PARTNER in (*flow.senders, *flow.receivers)]
    about = (
        "You, the partner, send your customers' signups, purchases, referrals, returns and milestones to one topic of "
        "your own, and read on another which of them were refused, and why. README.md beside this file shows each."
    )
    return _document("Doublestar for partners", about, flows, {PARTNER})


def internal() -> Json:
    """All topics, with every service that sends or receives."""
    about = (
        "All topics of Doublestar, with who sends and who receives. Where a namespace is set, every topic and every "
        "consumer group begins with it and a hyphen. Consumers ignore fields that they do not know."
    )
    everybody = {name for flow in FLOWS for name in (*flow.senders, *flow.receivers)} - {PARTNER}
    return _document("Doublestar inside", about, FLOWS, everybody)


def _document(title: str, about: str, flows: Sequence[Flow], roles: Iterable[str]) -> Json:
    return {
        "asyncapi": "3.0.0",
        "info": {"title": title, "version": "1.0.0", "description": about, "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/json",
        "channels": {_channel_name(flow): _channel(flow) for flow in flows},
        "operations": {
            name: each for role in sorted(roles) for flow in flows for name, each in _operations(flow, role)
        },
        "components": {
            "messages": {_noun(contract): _message(contract, flow) for flow in flows for contract in flow.contracts}
        },
    }


def _channel_name(flow: Flow) -> str:
    return flow.topic.partition(".")[0]


def _noun(contract: type[CloudEvent]) -> str:
    return type_of(contract).split(".")[1]


def _channel(flow: Flow) -> Json:
    topic = _ABOUT.get(flow.topic)
    channel: Json = {"address": flow.topic}
    if topic is None:
        own = "a partner's own topic, all its events in it" if PARTNER in flow.senders else "what was refused, and why"
        channel["description"] = own
        channel["parameters"] = {"partner": {"description": "the partner's id: lower-case letters, digits, hyphens"}}
    else:
        channel["description"] = topic.about
        compacted = topic.compacted
        keeping: Json = (
            {"cleanup.policy": ["compact"]} if compacted else {"cleanup.policy": ["delete"], "retention.ms": -1}
        )
        kafka: Json = {"partitions": topic.partitions} if topic.partitions is not None else {}
        channel["bindings"] = {"kafka": {**kafka, "topicConfiguration": keeping, "bindingVersion": _KAFKA}}
    channel["messages"] = {_noun(each): {"$ref": f"#/components/messages/{_noun(each)}"} for each in flow.contracts}
    return channel


def _message(contract: type[CloudEvent], flow: Flow) -> Json:
    return {
        "name": type_of(contract),
        "title": contract.__name__,
        "contentType": "application/json",
        "payload": {"$ref": f"./{schema_file(contract)}"},
        "bindings": {"kafka": {"key": {"type": "string", "description": flow.key}, "bindingVersion": _KAFKA}},
    }


def _operations(flow: Flow, role: str) -> Iterable[tuple[str, Json]]:
    channel = _channel_name(flow)
    base: Json = {
        "channel": {"$ref": f"#/channels/{channel}"},
        "messages": [{"$ref": f"#/channels/{channel}/messages/{_noun(each)}"} for each in flow.contracts],
    }
    if role in flow.senders:
        yield f"{role}.sends.{channel}", {"action": "send", "summary": f"{role} sends to {flow.topic}", **base}
    if role in flow.receivers:
        found: Json = {"action": "receive", "summary": f"{role} reads {flow.topic}", **base}
        if flow.grouped:
            group = {"type": "string", "enum": [role]}
            found["bindings"] = {"kafka": {"groupId": group, "bindingVersion": _KAFKA}}
        yield f"{role}.receives.{channel}", found
