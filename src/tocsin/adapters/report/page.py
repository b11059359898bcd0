"""One HTML page that needs nothing from outside: texts, tables, and figures with their data behind them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Final

from tocsin.adapters.report.style import STYLE

_NUMBER: Final = re.compile(r"[-−+]?[\d.,   ]*\d[\d.,   ]*(?:\s?(?:%|s|ms|µs|min|h|d))?")
_DATE: Final = re.compile(r"\d{4}-\d{2}")
_WHOLE: Final = re.compile(
    rf"{_NUMBER.pattern} to {_NUMBER.pattern}|(?:[A-Z][a-z]{{2}} )?\d{{4}}-\d{{2}}-\d{{2}}[T \d:]*"
)
"""Ranges and times: no line breaks within them."""
Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Text:
    """Paragraphs of plain text, under a heading where there is one. Everything is escaped."""

    paragraphs: Sequence[str]
    heading: str | None = None


@dataclass(frozen=True, slots=True)
class Table:
    """A table. A float is shown with four significant digits, a whole number with commas, None as a dash; format
    others beforehand."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    caption: str


@dataclass(frozen=True, slots=True)
class Figure:
    """A plot. `svg`: as the plots of this package make it. `alt`: what it shows, for who does not see it.
    `table`: its data, folded away beneath it."""

    svg: str
    caption: str
    alt: str
    table: Table | None = None


Part = Text | Table | Figure


def page(title: str, parts: Sequence[Part], *, lang: str = "en", made: str) -> str:
    """The page as HTML 5 text.

    Args:
        made: one line at the foot: what made this, from what and when. Nothing is added to it, so that the same
            report is the same bytes.
    """
    body = "\n".join(_part(part) for part in parts)
    return (
        f'<!DOCTYPE html>\n<html lang="{escape(lang)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{escape(title)}</h1>\n{body}\n</main>\n<footer><p>{escape(made)}</p></footer>\n</body>\n</html>\n"
    )


def _part(part: Part) -> str:
    match part:
        case Text():
            return _text(part)
        case Table():
            return f'<div class="table">{_table(part)}</div>'
        case Figure():
            return _figure(part)


def _text(text: Text) -> str:
    heading = f"<h2>{escape(text.heading)}</h2>\n" if text.heading else ""
    return heading + "\n".join(f"<p>{escape(paragraph)}</p>" for paragraph in text.paragraphs)


def _figure(figure: Figure) -> str:
    # The label of the figure is its text alternative; what is inside the picture is not read out again.
    svg = figure.svg.replace("<svg ", f'<svg role="img" aria-label="{escape(figure.alt)}" ', 1)
    data = f"<details><summary>The figures behind it</summary>{_table(figure.table)}</details>" if figure.table else ""
    # On a phone a plot keeps its letters readable and scrolls, as wide tables do.
    plot = f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(figure.caption)}">{svg}</div>'
    return f"<figure>{plot}<figcaption>{escape(figure.caption)}</figcaption>{data}</figure>"


def _table(table: Table) -> str:
    sides = [_side([row[n] for row in table.rows]) for n in range(len(table.columns))]
    head = "".join(f'<th scope="col"{s}>{escape(c)}</th>' for c, s in zip(table.columns, sides, strict=True))
    rows = "\n".join(
        "<tr>" + "".join(f"<td{s}>{escape(_shown(c))}</td>" for c, s in zip(row, sides, strict=True)) + "</tr>"
        for row in table.rows
    )
    # A wide table scrolls on a phone; a region that scrolls must be reachable by the keyboard.
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-label="{escape(table.caption)}">'
        f"<table><caption>{escape(table.caption)}</caption><thead><tr>{head}</tr></thead>\n"
        f"<tbody>{rows}</tbody></table></div>"
    )


def _shown(cell: Cell) -> str:
    if cell is None:
        return "–"
    if isinstance(cell, int):
        return f"{cell:,}"
    return f"{cell:.4g}" if isinstance(cell, float) else cell


def _side(cells: Sequence[Cell]) -> str:
    """Numbers stand right; ranges and times stay in one line."""
    if _is_numeric(cells):
        return ' class="n"'
    told = [c for c in cells if c is not None]
    whole = all(isinstance(c, str) and _WHOLE.fullmatch(c) is not None for c in told)
    return ' class="w"' if told and whole else ""


def _is_numeric(cells: Sequence[Cell]) -> bool:
    told = [c for c in cells if c is not None]
    return bool(told) and all(
        isinstance(c, int | float) or (_NUMBER.fullmatch(c) is not None and _DATE.match(c) is None) for c in told
    )
