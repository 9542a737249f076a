"""The radar chart as inline SVG: text labels, a description for screen readers.

Its own attributes draw it in print; on a screen the page's style gives other colours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from unicodedata import east_asian_width

from markupsafe import Markup, escape

from app.core.catalogue import text
from app.reports.render.documents import RadarAxis
from app.scoring.sentences import format_points

WIDTH, HEIGHT, RADIUS = 520, 400, 122
CENTRE_X, CENTRE_Y = WIDTH / 2, HEIGHT / 2
RINGS = (200, 400, 600, 800, 1000)
LABEL_COLUMNS = 11
MAX_LABEL_COLUMNS = 16
LINE_HEIGHT = 20

SHAPE = Markup('fill="#0d5c63" fill-opacity=".16" stroke="#0d5c63" stroke-width="2" stroke-linejoin="round"')
AVERAGE = Markup('fill="none" stroke="#5b6773" stroke-width="1.5" stroke-dasharray="4 4"')

Point = tuple[float, float]


def _point(number: int, axes: int, share: float) -> Point:
    """The place of ``share`` (0 centre, 1 rim) on an axis; the first axis points up."""
    angle = 2 * math.pi * number / axes - math.pi / 2
    return CENTRE_X + RADIUS * share * math.cos(angle), CENTRE_Y + RADIUS * share * math.sin(angle)


def _points(places: Sequence[Point]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in places)


def _columns(words: str) -> int:
    return sum(2 if east_asian_width(c) in "WF" else 1 for c in words)


def _cut(line: str, columns: int) -> str:
    if _columns(line) <= columns:
        return line
    while line and _columns(line) > columns - 1:
        line = line[:-1]
    return line.rstrip() + "…"


def label_lines(label: str) -> list[str]:
    """A label on one line when it is short, else on the two most even lines; what does not fit ends in "…".

    Widths are columns: a Chinese character takes two. Latin words are never broken.
    """
    if _columns(label) <= LABEL_COLUMNS:
        return [label]
    breaks = [i for i, c in enumerate(label) if c == " "] if label.isascii() else range(1, len(label))
    if not breaks:
        return [_cut(label, MAX_LABEL_COLUMNS)]
    best = min(breaks, key=lambda i: (max(_columns(label[:i].strip()), _columns(label[i:].strip())), i))
    return [_cut(part.strip(), MAX_LABEL_COLUMNS) for part in (label[:best], label[best:])]


def _label(number: int, axes: int, axis: RadarAxis, language: str) -> Markup:
    x, y = _point(number, axes, 1.16)
    anchor = "middle" if abs(x - CENTRE_X) < 12 else "start" if x > CENTRE_X else "end"
    lines = label_lines(axis.label)
    height = LINE_HEIGHT * (len(lines) + 1)
    top = y + (-height + 12 if y < CENTRE_Y - RADIUS else 12 if y > CENTRE_Y + RADIUS else 12 - height / 2)
    spans = [
        Markup('<tspan x="{}" y="{}">{}</tspan>').format(f"{x:.1f}", f"{top + LINE_HEIGHT * i:.1f}", line)
        for i, line in enumerate(lines)
    ]
    value = text(language, "report.not_scored") if axis.value is None else format_points(axis.value)
    kind = "radar-none" if axis.value is None else "radar-value"
    spans.append(
        Markup('<tspan class="{}" fill="{}" x="{}" y="{}">{}</tspan>').format(
            kind,
            "#5b6773" if axis.value is None else "#0d5c63",
            f"{x:.1f}",
            f"{top + LINE_HEIGHT * len(lines):.1f}",
            value,
        )
    )
    return Markup('<text font-size="14" fill="#17212b" text-anchor="{}">{}</text>').format(
        anchor, Markup("").join(spans)
    )


def _description(axes: Sequence[RadarAxis], language: str) -> str:
    return "; ".join(
        text(
            language,
            "report.radar_value",
            label=axis.label,
            value=text(language, "report.not_scored") if axis.value is None else format_points(axis.value),
        )
        for axis in axes
    )


def _polygon(axes: Sequence[RadarAxis], values: Sequence[int | None], css: str, look: Markup) -> Markup:
    """A polygon through the axes that have a value: an axis without one is passed over, never drawn as zero."""
    places = [_point(i, len(axes), v / 1000) for i, v in enumerate(values) if v is not None]
    return (
        Markup('<polygon class="{}" points="{}" {}/>').format(css, _points(places), look)
        if len(places) > 2
        else Markup("")
    )


def radar_svg(axes: Sequence[RadarAxis], language: str) -> Markup:
    """The chart, or "" when fewer than three axes have a value (bars say more then)."""
    count = len(axes)
    if sum(axis.value is not None for axis in axes) < 3:
        return Markup("")
    parts = [
        Markup(
            '<svg class="radar" viewBox="0 0 {} {}" role="img" aria-labelledby="radar-title radar-desc"'
            ' font-family="Liberation Sans, WenQuanYi Zen Hei, sans-serif">'
        ).format(WIDTH, HEIGHT),
        Markup('<title id="radar-title">{}</title>').format(text(language, "report.radar_title")),
        Markup('<desc id="radar-desc">{}</desc>').format(_description(axes, language)),
    ]
    for ring in RINGS:
        rim = [_point(i, count, ring / 1000) for i in range(count)]
        parts.append(
            Markup('<polygon class="radar-ring" points="{}" fill="none" stroke="#dfe3e7"/>').format(
                _points(rim)
            )
        )
    for i, axis in enumerate(axes):
        x, y = _point(i, count, 1)
        css = "radar-axis radar-axis-none" if axis.value is None else "radar-axis"
        parts.append(
            Markup('<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}" stroke="#dfe3e7"/>').format(
                css, f"{CENTRE_X:.1f}", f"{CENTRE_Y:.1f}", f"{x:.1f}", f"{y:.1f}"
            )
        )
    parts.append(_polygon(axes, [a.average for a in axes], "radar-average", AVERAGE))
    parts.append(_polygon(axes, [a.value for a in axes], "radar-shape", SHAPE))
    for i, axis in enumerate(axes):
        if axis.value is not None:
            x, y = _point(i, count, axis.value / 1000)
            parts.append(
                Markup('<circle class="radar-dot" cx="{}" cy="{}" r="3.5" fill="#0d5c63"/>').format(
                    f"{x:.1f}", f"{y:.1f}"
                )
            )
        parts.append(_label(i, count, axis, language))
    parts.append(Markup("</svg>"))
    return escape("").join(parts)
