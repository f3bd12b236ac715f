"""Charts as inline SVG: drawn in a box of 1,000 by 100 that the page stretches; what is written stands outside."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from markupsafe import Markup, escape

_WIDTH: Final = 1_000
_HEIGHT: Final = 100


class Chart(NamedTuple):
    """A drawing, and the numbers for its left side: of the top line, the middle and the bottom."""

    svg: Markup
    top: float
    middle: float
    bottom: float


def lines(draft: Sequence[float], other: Sequence[float], hints: Sequence[str], label: str) -> Chart:
    """Two sides day by day: the other as an area, the draft as a line above it. hints: shown where one points."""
    top = nice(max([*draft, *other, 1]))
    area = f"M0,{_HEIGHT} L{_path(other, 0, top)} L{_WIDTH},{_HEIGHT} Z"
    drawn = f'<path class="area" d="{area}"/><path class="line" d="M{_path(draft, 0, top)}"/>'
    return Chart(_svg(_grid() + drawn + _hints(hints), label), top, top / 2, 0)


def running(values: Sequence[float], hints: Sequence[str], label: str) -> Chart:
    """One sum that grows or shrinks day by day, from a line at nought."""
    high, low = max([*values, 0.0]), min([*values, 0.0])
    top, bottom = nice(high) if high > 0 else 0.0, -nice(-low) if low < 0 else 0.0
    if top == bottom:
        top = 1.0
    zero = _y(0, bottom, top)
    area = f"M0,{zero:.2f} L{_path(values, bottom, top)} L{_WIDTH},{zero:.2f} Z"
    nought = f'<path class="zero" d="M0,{zero:.2f} H{_WIDTH}"/>'
    drawn = f'<path class="sum" d="{area}"/><path class="line" d="M{_path(values, bottom, top)}"/>{nought}'
    return Chart(_svg(_grid() + drawn + _hints(hints), label), top, (top + bottom) / 2, bottom)


def nice(most: float) -> float:
    """A round number that is not less."""
    step = 10.0 ** (len(str(int(most))) - 1)
    return next(step * times for times in (1, 1.5, 2, 3, 4, 5, 6, 8, 10, 15) if step * times >= most)


def _path(values: Sequence[float], bottom: float, top: float) -> str:
    last = max(1, len(values) - 1)
    points = [f"{n * _WIDTH / last:.1f},{_y(value, bottom, top):.2f}" for n, value in enumerate(values)]
    return " ".join(points if len(points) > 1 else [points[0], f"{_WIDTH},{points[0].partition(',')[2]}"])


def _y(value: float, bottom: float, top: float) -> float:
    return _HEIGHT * (1 - (value - bottom) / (top - bottom))


def _grid() -> str:
    return "".join(f'<path class="grid" d="M0,{y} H{_WIDTH}"/>' for y in (0, 25, 50, 75, 100))


def _hints(hints: Sequence[str]) -> str:
    width = _WIDTH / max(1, len(hints))
    return "".join(
        f'<rect class="hint" x="{n * width:.1f}" y="0" width="{width:.1f}" height="{_HEIGHT}">'
        f"<title>{escape(hint)}</title></rect>"
        for n, hint in enumerate(hints)
    )


def _svg(drawn: str, label: str) -> Markup:
    head = f'<svg viewBox="0 0 {_WIDTH} {_HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">'
    return Markup(f"{head}{drawn}</svg>")  # numbers of our own, and texts that are escaped
