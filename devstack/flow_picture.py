"""The flows as a picture: a row for each DAG, an arrow between two places; SVG, for a light and a dark page."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from devstack.flows import Flow, Language, Place

WIDTH, MARGIN, BOX, ROW, GAP = 960, 16, 232, 48, 14
_LANE = (MARGIN + BOX, WIDTH - MARGIN - BOX)
_TITLE = {"en": "The flows of the project", "zh": "本项目的数据流"}
# Character widths of the widest font that a reader may have, as shares of the font size.
_WIDE, _NARROW = 1.0, 0.6
_STYLE = """
  text { font: 13px system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", sans-serif; fill: #1f2328 }
  .name { font-weight: 600 }
  .what, .when { font-size: 11.5px; fill: #57606a }
  .dag { font: 13px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace }
  .page { fill: #ffffff; stroke: #d0d7de }
  .place { fill: #f0f6ff; stroke: #8db4e8 }
  .flow { fill: none; stroke: #0969da; stroke-width: 1.6 }
  .watch { fill: none; stroke: #9a6700; stroke-width: 1.3 }
  .compare { stroke-dasharray: 6 4 }
  .tip { fill: #0969da } .watchtip { fill: #9a6700 }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .what, .when { fill: #9198a1 }
    .page { fill: #0d1117; stroke: #30363d } .place { fill: #132339; stroke: #33588a }
    .flow { stroke: #58a6ff } .tip { fill: #58a6ff } .watch { stroke: #d29922 } .watchtip { fill: #d29922 }
  }"""


def picture(told: Sequence[Flow], language: Language) -> str:
    """Return the SVG.

    :raises ValueError: a text does not fit where it stands
    """
    tops = list(_tops(told))
    height = tops[-1] + ROW + MARGIN
    parts = [
        *_boxes(told, tops, language, lambda flow: flow.source, MARGIN),
        *_boxes(told, tops, language, lambda flow: flow.target, _LANE[1]),
        *(part for flow, top in zip(told, tops, strict=True) for part in _arrow(flow, top, language)),
    ]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}"'
            f' height="{height}" role="img">',
            f"<title>{_TITLE[language]}</title>",
            f"<style>{_STYLE}\n</style>",
            f'<rect class="page" x="0.5" y="0.5" width="{WIDTH - 1}" height="{height - 1}" rx="8"/>',
            *parts,
            "</svg>\n",
        ]
    )


def _tops(told: Sequence[Flow]) -> Iterator[int]:
    """Yield the top of each row, with a gap above a row that has neither place of the row before."""
    top = MARGIN
    for number, flow in enumerate(told):
        before = told[number - 1] if number else flow
        if flow.source != before.source and flow.target != before.target:
            top += GAP
        yield top
        top += ROW


def _boxes(
    told: Sequence[Flow],
    tops: Sequence[int],
    language: Language,
    place_of: Callable[[Flow], Place],
    left: int,
) -> Iterator[str]:
    """Draw one box for successive rows that have the same place."""
    for place, rows in groupby(zip(told, tops, strict=True), key=lambda row: place_of(row[0])):
        own = [top for _, top in rows]
        first, last = own[0] + 4, own[-1] + ROW - 4
        middle = (first + last) // 2
        name, what = place.names[language], place.words[language]
        _must_fit(name, 13, BOX - 20)
        _must_fit(what, 11.5, BOX - 20)
        yield (
            f'<rect class="place" x="{left}" y="{first}" width="{BOX}" height="{last - first}" rx="6"/>'
            f'<text class="name" x="{left + 12}" y="{middle - 3}">{escape(name)}</text>'
            f'<text class="what" x="{left + 12}" y="{middle + 13}">{escape(what)}</text>'
        )


def _arrow(flow: Flow, top: int, language: Language) -> Iterator[str]:
    """Draw a line from place to place, with the DAG's name and schedule on it."""
    left, right = _LANE[0] + 8, _LANE[1] - 8
    line, words = top + 32, top + 24
    when = flow.schedule(language)
    _must_fit(flow.dag + "  " + when, 13, right - left - 24)
    kind, tip = ("watch", "watchtip") if flow.watches else ("flow", "tip")
    compare = " compare" if flow.compares else ""
    yield f'<path class="{kind}{compare}" d="M{left} {line}H{right - 6}"/>'
    yield f'<path class="{tip}" d="M{right} {line}l-9 -4.5v9z"/>'
    if flow.compares:
        yield f'<path class="{tip}" d="M{left} {line}l9 -4.5v9z"/>'
    yield f'<text class="dag" x="{left + 12}" y="{words}">{escape(flow.dag)}</text>'
    yield f'<text class="when" x="{right - 12}" y="{words}" text-anchor="end">{escape(when)}</text>'


def _must_fit(text: str, size: float, room: float) -> None:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    if (wide * _WIDE + (len(text) - wide) * _NARROW) * size > room:
        raise ValueError(f"{text!r} does not fit into the picture: shorten it in docs/flows.yaml")
