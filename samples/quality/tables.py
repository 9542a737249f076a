"""Plain tables for people, on standard error."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Sequence

Cell = str | float | int | None


def show(title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> None:
    """A title, a head and rows in columns; Chinese characters are two columns wide."""
    lines = [list(head), *[[_text(cell) for cell in row] for row in rows]]
    widths = [max(_width(line[column]) for line in lines) for column in range(len(head))]
    print(f"\n{title}", file=sys.stderr)
    for line in lines:
        cells = [cell + " " * (width - _width(cell)) for cell, width in zip(line, widths, strict=True)]
        print("  " + "  ".join(cells).rstrip(), file=sys.stderr, flush=True)


def _text(cell: Cell) -> str:
    return "-" if cell is None else f"{cell:.3f}" if isinstance(cell, float) else str(cell)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
