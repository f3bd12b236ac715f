"""Tokens to a tree, by precedence: a subset of the Common Expression Language (docs/capabilities/expressions.md)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Final

from shared.rules.language import elsewhere, slips, spoken
from shared.rules.language.lexer import tokens, unquoted
from shared.rules.language.slips import Token
from shared.rules.language.syntax import Binary, Call, ExpressionError, Joined, Literal, Many, Method, Name, Node, Unary

MOST_CHARACTERS: Final = 2_000
_MOST_DEPTH: Final = 40
_COMPARISONS: Final = ("==", "!=", "<", "<=", ">", ">=", "in")
METHODS: Final = ("startsWith", "endsWith", "contains")


def parse(source: str) -> Node:
    """The tree of an expression. Raises ExpressionError with the place and what to write instead."""
    if len(source) > MOST_CHARACTERS:
        said = f"an expression has at most {MOST_CHARACTERS:,} characters: divide it with all and any"
        raise ExpressionError(said, MOST_CHARACTERS)
    try:
        words = tokens(source)
    except ExpressionError as error:
        raise _apart_by_semicolons(source, error) from None
    return _read(words)


def _read(words: list[Token]) -> Node:
    parser = _Parser(words)
    found = parser.either()
    parser.ends()
    return found


def _apart_by_semicolons(source: str, error: ExpressionError) -> ExpressionError:
    """Of `AND(a; b)`, as spreadsheets have it in some countries: what is wrong with it where commas stand there. Of any
    other error, that one."""
    read, at = source, error.at
    for _ in range(_MOST_DEPTH):
        if read[at : at + 1] != ";":
            return error
        read = f"{read[:at]},{read[at + 1 :]}"
        try:
            words = tokens(read)
        except ExpressionError as other:
            at = other.at
            continue
        try:
            _read(words)
        except ExpressionError as other:
            return error if read[other.at : other.at + 1] == "," else other
        return ExpressionError("`;` cannot stand here; write a comma for it", error.at)
    return error


class _Parser:
    def __init__(self, words: list[Token]) -> None:
        self._words, self._next, self._depth = words, 0, 0

    @property
    def _token(self) -> Token:
        return self._words[self._next]

    def _take(self) -> Token:
        token = self._words[self._next]
        self._next += 1
        return token

    def _ended(self) -> int:
        """Where the token before ends."""
        last = self._words[self._next - 1]
        return last.at + len(last.text)

    def _sign(self, *signs: str) -> Token | None:
        if self._token.kind in ("sign", "name") and self._token.text in signs:
            return self._take()
        return None

    def _expect(self, sign: str, for_: str) -> None:
        if self._sign(sign) is None:
            raise ExpressionError(self._slip() or f"`{sign}` is missing {for_}", self._token.at)

    def ends(self) -> None:
        """Raises ExpressionError where something is left over."""
        token = self._token
        if token.kind != "end":
            said = self._slip() or f"`{token.text}` is left over; an operator is missing before it"
            raise ExpressionError(said, token.at)

    def _slip(self) -> str:
        """What to write instead of what follows, where it is known what is meant."""
        at = self._next
        return spoken.compared(self._words, at) or slips.left_over(self._words, at) or spoken.left_over(self._words, at)

    def either(self) -> Node:
        """`a || b`"""
        self._depth += 1
        if self._depth > _MOST_DEPTH:
            raise ExpressionError("too many brackets within brackets: divide it with all and any", self._token.at)
        found = self._joined("||", self._both)
        self._depth -= 1
        return found

    def _both(self) -> Node:
        return self._joined("&&", self._comparison)

    def _joined(self, operator: str, part: Callable[[], Node]) -> Node:
        # From the first word to the last: a part in brackets does not have these in its own place.
        begin, parts = self._token.at, [part()]
        while self._sign(operator):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Joined(begin, self._ended(), operator, tuple(parts))

    def _comparison(self) -> Node:
        begin, left = self._token.at, self._sum()
        sign = self._sign(*_COMPARISONS)
        if sign is None:
            return left
        right = self._sum()
        return Binary(begin, self._ended(), sign.text, left, right)

    def _sum(self) -> Node:
        return self._calculated(("+", "-"), self._product)

    def _product(self) -> Node:
        return self._calculated(("*",), self._unary)

    def _calculated(self, signs: Sequence[str], part: Callable[[], Node]) -> Node:
        begin, found, parts = self._token.at, part(), 1
        while (sign := self._sign(*signs)) is not None:
            right, parts = part(), parts + 1
            if parts > _MOST_DEPTH:
                raise ExpressionError(f"a calculation has at most {_MOST_DEPTH} parts", sign.at)
            found = Binary(begin, self._ended(), sign.text, found, right)
        return found

    def _unary(self) -> Node:
        signs: list[Token] = []
        while (sign := self._sign("!", "-")) is not None:
            signs.append(sign)
        if len(signs) > 2:
            raise ExpressionError(f"`{signs[0].text}` stands here {len(signs)} times; once is enough", signs[0].at)
        found = self._postfix()
        for sign in reversed(signs):
            if sign.text == "-" and isinstance(found, Literal) and isinstance(found.value, Decimal):
                found = Literal(sign.at, found.end, -found.value)
            else:
                found = Unary(sign.at, self._ended(), sign.text, found)
        return found

    def _postfix(self) -> Node:
        found = self._primary()
        while True:
            if self._token.text == "." and self._token.kind == "sign":
                self._take()
                found = self._dotted(found)
            elif self._token.text == "[" and isinstance(found, Name):
                self._take()
                key = self._take()
                if key.kind != "text":
                    raise ExpressionError('write a name in quotes here, such as ["favourite colour"]', key.at)
                self._expect("]", "after the name")
                found = Name(found.at, self._ended(), (*found.parts, unquoted(key)))
            else:
                return found

    def _dotted(self, of: Node) -> Node:
        name = self._take()
        if name.kind != "name":
            said = slips.left_over(self._words, self._next - 2) if name.kind == "number" else ""
            if isinstance(of, Literal) and isinstance(of.value, Decimal):
                said = said or slips.pointless(of.value)
            raise ExpressionError(said or "a name is missing after the point", name.at)
        called = self._token.text == "(" and self._token.kind == "sign"
        if called and name.text in METHODS:
            arguments = self._arguments()
            return Method(of.at, self._ended(), of, name.text, arguments)
        if not isinstance(of, Name):
            raise ExpressionError(f"nothing is called `{name.text}` there", name.at)
        dotted = Name(of.at, self._ended(), (*of.parts, name.text))
        if not called:
            return dotted
        arguments = self._arguments()
        return Call(of.at, self._ended(), dotted.dotted, arguments)

    def _arguments(self) -> tuple[Node, ...]:
        self._expect("(", "before what the function is given")
        found = self._listed(")")
        self._expect(")", "after what the function is given")
        return found

    def _listed(self, close: str) -> tuple[Node, ...]:
        if self._token.text == close and self._token.kind == "sign":
            return ()
        found = [self.either()]
        while self._sign(","):
            found.append(self.either())
        return tuple(found)

    def _primary(self) -> Node:
        token = self._take()
        end = token.at + len(token.text)
        match token.kind, token.text:
            case "number", text:
                return Literal(token.at, end, Decimal(text))
            case "text", _:
                return Literal(token.at, end, unquoted(token))
            case "name", "true" | "false":
                return Literal(token.at, end, token.text == "true")
            case "name", text if text != "in" and not slips.word(text):
                if self._token.text == "(" and self._token.kind == "sign":
                    arguments = self._arguments()
                    return Call(token.at, self._ended(), text, arguments)
                return Name(token.at, end, (text,))
            case "sign", "(":
                begin, inner = self._next - 1, self.either()
                if self._token.text == "," and (said := spoken.listed(self._words, begin)):
                    raise ExpressionError(said, token.at)
                self._expect(")", "to close the bracket")
                return inner
            case "sign", "[":
                items = self._listed("]")
                if self._token.kind in ("text", "number") and not self._slip():
                    raise ExpressionError(f"a comma is missing before `{self._token.text}`", self._token.at)
                self._expect("]", "to close the list")
                return Many(token.at, self._ended(), items)
        raise self._wanted(token)

    def _wanted(self, token: Token) -> ExpressionError:
        if token.kind == "end":
            return ExpressionError("something is missing at the end: a fact, a number or a text in quotes", token.at)
        if token.kind == "name" and (said := elsewhere.joined(self._words, self._next - 1) or slips.word(token.text)):
            return ExpressionError(said, token.at)
        before = self._words[max(0, self._next - 2)]
        if (before.text, token.text) == ("<", ">"):
            return ExpressionError("write != for `<>`", before.at)
        return ExpressionError(f"a fact, a number or a text in quotes is missing before `{token.text}`", token.at)
