"""Rules that ask for a tag which nobody gives but they themselves, or rules that ask for theirs in turn: who has none
of these never gets one."""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator

from shared.rules.checks.constants import Remark
from shared.rules.checks.pieces import Path, expressions, nodes
from shared.rules.checks.reach import asked, question
from shared.rules.checks.shelf import Shelf
from shared.rules.definition import Bonus, Challenge, Definition, Earn, Rule
from shared.rules.language.checking import condition
from shared.rules.language.syntax import Binary, Literal, Name
from shared.rules.language.terms import Holds, Term, children, literal


def tagging(rule: Earn | Bonus | Challenge, shelf: Shelf) -> Iterator[Remark]:
    """A warning: an older version may have given it."""
    if shelf.any_unread or shelf.unread or not any(thing.tag for thing in rule.things):
        return
    closed = _closed(shelf)
    for number, thing in enumerate(rule.then):
        tag = getattr(thing, "tag", None)
        if tag in closed:
            round_ = sorted(_leading_to(tag, closed, shelf))
            path, span = _place(rule, _opening(rule, closed, shelf)) or (("then", number, "tag"), None)
            yield Remark(path, _words(tag, round_, shelf), "tag", "warning", span)
            return


def _words(tag: str, round_: list[str], shelf: Shelf) -> str:
    if len(round_) > 1:
        named = f"{', '.join(round_[:-1])} and {round_[-1]}"
        said = f"the tags {named} are given only to who has one of them already, so nobody ever gets the first; leave "
        return f"{said}this out, or let another rule give one of them"
    if len(shelf.tags[tag]) > 1:
        return f"the tag {tag} is given to nobody who does not have it; leave this out, or let another rule give it"
    said = f"only this rule gives the tag {tag}, and to nobody who does not have it; leave this out, or let another "
    return f"{said}rule give it"


def _closed(shelf: Shelf) -> frozenset[str]:
    """Tags that nobody gets who has none of them: whatever rule gives one asks for one."""
    if "closed" not in shelf.noted:
        closed, todo, opened = set(shelf.tags), [each for each in shelf.of(Rule) if _tags(each)], set[str]()
        named = {each.id: _asked_for(each, shelf) for each in todo}
        asking: dict[str, list[Rule]] = {}
        for each in todo:
            for tag in named[each.id]:
                asking.setdefault(tag, []).append(each)
        while todo:  # each once, and again when a tag that it asks for can be had
            rule = todo.pop()
            if rule.id not in opened and _without(rule, named[rule.id] & closed, shelf):
                opened.add(rule.id)
                todo += [each for tag in _tags(rule) if tag in closed for each in asking.get(tag, ())]
                closed.difference_update(_tags(rule))
        shelf.noted["closed"] = frozenset(closed)
    found: frozenset[str] = shelf.noted["closed"]
    return found


def _asked_for(rule: Rule, shelf: Shelf) -> frozenset[str]:
    """The tags that a rule asks for, straight or by segments."""
    return frozenset(tag for term in asked(shelf.gates(rule), shelf) for tag in _named(term, shelf))


def _tags(rule: Rule) -> list[str]:
    return [thing.tag for thing in rule.things if thing.tag is not None]


def _without(rule: Rule, tags: Collection[str], shelf: Shelf) -> bool:
    """Whether a rule applies to somebody who has none of these tags; if it never applies, that is told elsewhere."""
    if not tags:
        return True
    gates = shelf.gates(rule)
    terms, own = asked(gates, shelf), question(gates, rule, shelf)
    return own.can_hold(*terms, but_not=map(_has, tags)) or not own.can_hold(*terms)


def _has(tag: str) -> Term:
    return condition(f"{literal(tag)} in member.tags")


def _leading_to(tag: str, closed: frozenset[str], shelf: Shelf) -> set[str]:
    """The tag, and the closed ones that are asked for by whoever gives it, by whoever gives these, and so on."""
    found, todo = {tag}, [tag]
    while todo:
        for id_ in shelf.tags[todo.pop()]:
            rule = shelf.newest[id_]
            assert isinstance(rule, Rule)
            more = _opening(rule, closed, shelf) - found
            found |= more
            todo += more
    return found


def _opening(rule: Rule, closed: frozenset[str], shelf: Shelf) -> set[str]:
    """The closed tags that a rule asks for: those with which alone it would apply or, where it takes several, all."""
    named = _asked_for(rule, shelf) & closed
    return {tag for tag in named if _without(rule, named - {tag}, shelf)} or set(named)


def _named(term: Term, shelf: Shelf) -> Iterator[str]:
    """Tags that a condition names, and the segments that it names."""
    waiting, segments = [term], set[str]()
    while waiting:
        each = waiting.pop()
        waiting += children(each)
        if isinstance(each, Holds) and each.of.asked.label == "member.tags":
            yield each.value
        elif isinstance(each, Holds) and each.value in shelf.segments and each.value not in segments:
            segments.add(each.value)
            waiting.append(shelf.segments[each.value])


def _place(rule: Definition, tags: Container[object]) -> tuple[Path, tuple[int, int | None]] | None:
    """Where the rule itself asks for one of these tags."""
    for text in expressions(rule):
        for node in nodes(text.tree) if text.scope == "event" else ():
            if isinstance(node, Binary) and node.operator == "in" and isinstance(node.left, Literal):
                tag, of = node.left.value, node.right
                if tag in tags and isinstance(of, Name) and of.dotted == "member.tags":
                    return text.path, (node.at, node.end)
    return None
