"""Why a record is refused, in a sentence for the engineer who sent it, and what to do about it."""

from __future__ import annotations

from typing import Final

from shared.events.decode import MAX_BYTES, Reason

EXPLANATIONS: Final[dict[Reason, tuple[str, str]]] = {
    "empty": ("The record has no value.", "Send a CloudEvent; there are no tombstones here."),
    "not_json": ("The value is not JSON, or not a JSON object.", "Send one CloudEvent a record, in UTF-8."),
    "too_large": (f"The value is longer than {MAX_BYTES:,} bytes.", "Split the event."),
    "unknown_type": ("`type` is none of the five event types.", "Correct `type`."),
    "unsupported_version": ("The type is known, but not in this version.", "Send version 1."),
    "missing_field": ("A field that is needed is not there.", "Add the field that `detail` names."),
    "unknown_field": (
        "`data` has a field that the contract does not.",
        "Correct its name, or move it to `attributes`.",
    ),
    "invalid_value": ("A field has a value that the contract does not allow.", "Correct the field."),
    "wrong_source": ("`source` is not the partner of this topic.", "Send `/partners/<id>` to `partner.<id>`."),
    "identity_conflict": (
        "The names in the signup belong to two different members.",
        "Find out whose it is, and name only what is theirs, under a new `id`.",
    ),
    "self_referral": ("Advocate and friend are the same member.", "Nothing; nobody is rewarded for themselves."),
    "content_changed": (
        "An event with this `source` and `id` came before, with other content. The first one counts.",
        "Give what is a new event a new `id`.",
    ),
    "before_programme": ("The event happened before the programme began.", "Correct `time` if it is wrong."),
    "in_the_future": (
        "The event's `time` is later than we received it, by more than a day.",
        "Correct `time`, or send the event when it has happened.",
    ),
    "unknown_purchase": (
        "The event names a purchase that is not in the books, or is another member's.",
        "Correct `purchase`; or, where the purchase comes later, ask us to replay the letter when it has come.",
    ),
    "before_purchase": (
        "The `time` of the return or the milestone is before its purchase's.",
        "Correct `time`, under a new `id`.",
    ),
    "exceeds_purchase": (
        "The return asks for more than is left of its purchase after earlier ones; nothing of it was done.",
        "Return what is left: `detail` says how much that is.",
    ),
    "wrong_currency": (
        "The return's amount is in another currency than its purchase.",
        "Write the amount in the purchase's currency.",
    ),
    "unknown_wallet": (
        "The programme has no such wallet, or its points are not spent: they cannot have paid a purchase.",
        "Correct `paid_with_points.wallet`, or leave `paid_with_points` out, and send the event under a new `id`.",
    ),
    "account_closed": (
        "The member has left, and the account is closed.",
        "Nothing; ask the coalition where the member says otherwise.",
    ),
    "too_many_points": (
        "Rules give more points for the event than a member may have of a wallet (10^15); nothing of it was done.",
        "Correct an amount that is wrong, and send it again; else ask us: the rule has to be mended first.",
    ),
    "undecidable": (
        "The event fits the contract, but we failed to decide it.",
        "It is kept as a dead letter; ask us about it.",
    ),
}


def table() -> str:
    """All reasons as a Markdown table."""
    rows = [f"| `{reason}` | {meaning} | {remedy} |" for reason, (meaning, remedy) in EXPLANATIONS.items()]
    return "\n".join(["| reason | what it means | what to do |", "|---|---|---|", *rows])
