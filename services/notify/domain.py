"""Notifications, decided: one message a reason, once, personalised, in the member's language. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.notify.reasons import Occasion, occasion
from services.notify.rendering import render
from shared.events.internal import (
    NOTIFY_INPUT,
    Accrual,
    EntryData,
    Gift,
    Notification,
    NotificationData,
    Offer,
    TierChanged,
)
from shared.events.partner import Signup
from shared.events.topics import NOTIFICATIONS
from shared.rules import learning
from shared.rules.definition import MessageTemplate
from shared.rules.learning import learn, numbered
from shared.rules.rulebook import NoProgrammeError, Rulebook, Ruleset
from shared.runtime.leading import lead, led, unmerged
from shared.runtime.records import Decision, Item, Message

MEMBERS = "members"
SENT = "sent"
News = Accrual | TierChanged | Gift | Offer


@dataclass(slots=True)
class NotifyState:
    """What was read for a batch."""

    members: dict[str, dict[str, Any]]
    sent: set[str]


class Notifications:
    """Decides one batch of news."""

    def __init__(self, state: NotifyState, book: Rulebook, prefix: str = "") -> None:
        self._members, self._sent = state.members, state.sent
        self._known = frozenset(state.members)
        self._book = book
        self._topic = prefix + NOTIFICATIONS
        self._touched: set[str] = set()
        self.decision = Decision()

    def take(self, item: Item[News]) -> None:
        """One piece of news."""
        news = item.event
        member = self._member(news.data.member)
        entry = news.data.entry if isinstance(news, Accrual) else None
        if isinstance(news, Accrual) and entry is not None and entry.survivor is not None:
            return self._led(member, entry, entry.survivor, news.data.seq)
        if isinstance(news, Accrual) and news.data.activity is not None and not member.get("erased"):
            self._learn(member, news)
        member = self._last(member)
        if member.get("erased"):
            return self.decision.count("erased")
        if not member["joined"]:
            # Topics race: news about a member may come before the signup that says who it is. It waits here.
            held = item.record.value
            if held not in member["held"]:
                self._touched.add(member["_id"])
                member["held"] = [*member["held"], held]
            return self.decision.count("held")
        for each in [news, *self._released(member)]:
            self._tell(member, each)
        return None

    def _member(self, id_: str) -> dict[str, Any]:
        return self._members.setdefault(id_, {"_id": id_, "joined": False, "known": {}, "held": []})

    def _led(self, member: dict[str, Any], entry: EntryData, into: str, seq: int) -> None:
        """From a merge on the survivor is written to; what waits for the duplicate's signup goes along."""
        unmerged(self._member(into), entry.survivor_seq)
        self._touched.add(into)
        if not lead(member, seq, into if entry.kind == "merge" else None):
            return self.decision.count("redelivery")
        self._touched.add(member["_id"])
        survivor = self._last(member)
        if survivor is not member and member["held"]:
            survivor["held"] = [*survivor["held"], *(each for each in member["held"] if each not in survivor["held"])]
            member["held"] = []
            self._touched.add(survivor["_id"])
            for each in self._released(survivor) if survivor["joined"] else ():
                self._tell(survivor, each)
        return self.decision.count(entry.kind)

    def _last(self, member: dict[str, Any]) -> dict[str, Any]:
        while (into := led(member)) is not None:
            member = self._member(into)
        return member

    def finish(self) -> Decision:
        """The decision, with every touched member once."""
        self.decision.keep(MEMBERS, self._touched, self._members, self._known)
        return self.decision

    def _learn(self, member: dict[str, Any], news: Accrual) -> None:
        assert news.data.activity is not None
        event = news.data.activity.data.event
        if not isinstance(event, Signup):
            return
        said: dict[str, Any] = {f"prefers.{name}": value for name, value in event.data.profile.preferences.items()}
        if event.data.profile.name is not None:
            said["name"] = event.data.profile.name
        if event.data.member.email is not None:
            said["email"] = event.data.member.email
        if event.data.profile.language is not None:
            said["language"] = event.data.profile.language
        member["joined"] = True
        learn(member, said, event.time, event.key)
        self._touched.add(member["_id"])

    def _released(self, member: dict[str, Any]) -> list[News]:
        held, member["held"] = member["held"], []
        if held:
            self._touched.add(member["_id"])
        return [NOTIFY_INPUT.validate_json(bytes(each)) for each in held]

    def _tell(self, member: dict[str, Any], news: News) -> None:
        try:
            rules = self._book.at(news.time)
        except NoProgrammeError:
            return self.decision.count("before_programme")
        # By the instant the status began: a change that is read again must not take the member back to it.
        if isinstance(news, TierChanged) and learn(
            member, {"tier": news.data.after}, news.data.since, numbered(news.id)
        ):
            self._touched.add(member["_id"])
        found = occasion(news, rules)
        if found is None:
            return None
        if found.id in self._sent:
            return self.decision.count("redelivery")
        template = rules.messages.get(found.reason) if found.template is None else rules.message(found.template)
        if template is None:
            return self.decision.count("no_template")
        self._sent.add(found.id)
        return self._write(member, news, found, template, rules)

    def _write(
        self, member: dict[str, Any], news: News, found: Occasion, template: MessageTemplate, rules: Ruleset
    ) -> None:
        known = learning.facts(member)
        muted = str(known.get("prefers.mute", "")).replace(" ", "").split(",")
        facts = {
            "name": known.get("name") or "",
            "formal": known.get("prefers.salutation") == "formal",
            "tier": _tier_title(rules, known.get("tier")),
            "programme": rules.programme.title,
            **found.facts,
        }
        language, subject, text = render(template, str(known.get("language", "en")), facts)
        reachable = known.get("email") is not None and found.reason not in muted
        event = Notification(
            specversion="1.0",
            id=found.id,
            source="/notify",
            time=news.time,
            data=NotificationData(
                member=member["_id"],
                template=found.reason,
                definition=template.id,
                version=template.version,
                language=language,
                channel="email" if reachable else "none",
                to_name=known.get("name"),
                to_email=known.get("email"),
                subject=subject,
                text=text,
                facts={key: value for key, value in found.facts.items() if value is not None},
                cause=found.cause,
            ),
        )
        sent = {
            "_id": found.id,
            "member": member["_id"],
            "template": found.reason,
            "definition": template.id,
            "version": template.version,
            "language": language,
            "channel": event.data.channel,
            "at": news.time,
        }
        self.decision.insert(SENT, sent)
        self.decision.messages.append(
            # Nulls stay: without an address the contract still asks for `to_email`, and delivery would refuse it.
            Message(self._topic, member["_id"], event.model_dump_json().encode(), found.reason)
        )
        self.decision.count(found.reason)


def _tier_title(rules: Ruleset, tier: str | None) -> str | None:
    return next((each.title for ladder in rules.ladders for each in ladder.tiers if each.id == tier), None)
