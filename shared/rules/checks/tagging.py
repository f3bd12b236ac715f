"""Rules that ask for a tag which nobody gives but they themselves: who does not have it never gets it."""

from __future__ import annotations

from collections.abc import Iterator

from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import expressions, nodes
from shared.rules.checks.reach import asked, question
from shared.rules.checks.shelf import Shelf
from shared.rules.definition import Bonus, Challenge, Earn
from shared.rules.language.checking import condition
from shared.rules.language.syntax import Binary, Literal, Name
from shared.rules.language.terms import literal


def tagging(rule: Earn | Bonus | Challenge, shelf: Shelf) -> Iterator[Remark]:
    """A warning: an older version may have given it."""
    mine = {each.tag for each in rule.things if each.tag is not None and shelf.tags[each.tag] == {rule.id}}
    if not mine or shelf.any_unread or shelf.unread:
        return
    gates = shelf.gates(rule)
    terms, own = asked(gates, shelf), question(gates, rule, shelf)
    for text in expressions(rule):
        for node in nodes(text.tree) if text.scope == "event" else ():
            if not isinstance(node, Binary) or node.operator != "in" or not isinstance(node.left, Literal):
                continue
            tag, of = node.left.value, node.right
            if tag not in mine or not isinstance(of, Name) or of.dotted != "member.tags":
                continue
            if not own.can_hold(*terms, but_not=[condition(f"{literal(tag)} in member.tags")]):
                said = f"only this rule gives the tag {tag}, and to nobody who does not have it; "
                said += "leave this out, or let another rule give it"
                yield Remark(text.path, said, "tag", "warning", (node.at, node.end))
