"""The proof of an erasure in lines for people. Pure: it names counts and places, never the person."""

from __future__ import annotations

from typing import Final

from shared.ops.databases import CAMPAIGNS, EARN
from shared.ops.erasing import Proof

_RENAMED: Final = "before others' households are renamed, and names are free: start it, or wait, then run it again"
_LEFT: Final = {
    EARN: f"LEFT: earn has {{count:,}} outbox documents to publish that may name the person, {_RENAMED}",
    CAMPAIGNS: f"LEFT: campaigns has {{count:,}} records to read that may name the person, {_RENAMED}",
}


def told(proof: Proof) -> list[str]:
    """What was removed, what a search found afterwards, and what topics still hold."""
    lines = [
        f"erasure of {', '.join(proof.persons)}",
        f"asked for by {proof.person}, approved by {proof.approved_by}, begun {proof.begun:%Y-%m-%d %H:%M} UTC"
        + ("; it was done before" if proof.again else ""),
        "removed or redacted" + (", besides what a run had done that was cut off:" if proof.cut_off else ":"),
        *(f"  {count:>6} {step.replace('_', ' ')}" for step, count in proof.done.items()),
        *_searched(proof),
    ]
    if proof.others:
        alike = ", ".join(f"{place} {count}" for place, count in proof.others.items())
        lines.append(
            f"THE SAME NAME in documents that are not about this member, left as they are: {alike}. Others may be "
            "called so, or are known by the same number or address: look for it there, and where it means this person, "
            "overwrite it in MongoDB"
        )
    lines += [
        f"KEPT: {count} documents of {place} tell an id (of a partner's event, or a caller's Idempotency-Key) that has "
        "an identifier of the person in it: by it a repetition is known, so it stays"
        for place, count in proof.ids.items()
    ]
    lines += [_LEFT[service].format(count=count) for service, count in proof.unheard.items()]
    if proof.after:
        other = f"the erasure of {proof.after} renames others' households and has not ended"
        lines.append(f"LEFT: {other}: run that again, then this one")
    lines += [f"LEFT: {count} documents of {place} still name the person" for place, count in proof.left.items()]
    lines += [f"LEFT: e-mails may lie in {each}: remove those whose name holds the id" for each in proof.elsewhere]
    lines.append(_verdict(proof))
    lines.append("topics, which no service can change, hold their records:")
    lines += [f"  {each.topic} {each.said}" for each in proof.topics]
    return lines


def _searched(proof: Proof) -> list[str]:
    if proof.again and not proof.terms:
        return ["what was looked for is forgotten since: nothing could be searched for now"]
    documents, places = sum(proof.searched.values()), len(proof.searched)
    said = (
        f"searched afterwards for {proof.terms} identifiers and names: {documents:,} documents of {places} collections"
    )
    return [said, *(f"  {count:>6} {place}" for place, count in proof.searched.items())]


def _verdict(proof: Proof) -> str:
    """`nowhere` is said only where it is so: a name that others have, too, may be this person's."""
    if not proof.ok:
        return "not all is gone: run it again when the services are at rest"
    stays = [
        *(["in ids that stay"] if proof.ids else []),
        *(["in e-mails of other machines (see above), unless somebody has removed them"] if proof.elsewhere else []),
        *(["as a name in documents that are not about this member (see above)"] if proof.others else []),
    ]
    if not stays:
        return "found nowhere" + (" when it was done" if proof.again and not proof.terms else "")
    found = "still found" if proof.others else "found nowhere but"
    return f"{found} {' and '.join(stays)}; running it again changes nothing"
