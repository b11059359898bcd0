"""From a drawing on axes to SVG that stands in a page: text as text, colours as variables, the same bytes each time.

matplotlib is imported when something is drawn, never before.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from io import StringIO
from typing import Any, Final

from tocsin.adapters.report.style import LIGHT

WIDTH_IN: Final = 8.0
_RULES: Final[dict[Any, Any]] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "tocsin",
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.edgecolor": LIGHT["edge"],
    "axes.labelcolor": LIGHT["text-2"],
    "axes.facecolor": "none",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": LIGHT["line"],
    "grid.linewidth": 0.8,
    "text.color": LIGHT["text"],
    "xtick.color": LIGHT["text-2"],
    "ytick.color": LIGHT["text-2"],
    "legend.frameon": False,
    "figure.facecolor": "none",
    "savefig.facecolor": "none",
}
_OWN_COLOUR: Final = {colour: name for name, colour in LIGHT.items()}


def drawn(draw: Callable[[Any], None], *, height_in: float = 3.6) -> str:
    """The SVG of what `draw` draws on the axes that it is given (`matplotlib.axes.Axes`).

    Use the colours of `style.LIGHT` only: every one of them turns into a variable of the page.
    """
    import matplotlib as mpl
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    with mpl.rc_context(_RULES):
        figure = Figure(figsize=(WIDTH_IN, height_in), layout="constrained")
        FigureCanvasSVG(figure)
        draw(figure.add_subplot())
        out = StringIO()
        figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return _inline(out.getvalue())


def _inline(svg: str) -> str:
    """Fit to stand in a page: no prologue, no ids that another figure has too, colours by name."""
    svg = svg[svg.index("<svg ") :].rstrip()
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg[^>]*?) width="[^"]*"', r"\1", svg, count=1)
    svg = re.sub(r'(<svg[^>]*?) height="[^"]*"', r"\1", svg, count=1)
    used = set(re.findall(r'(?:url\(#|href="#)([^")]+)', svg))
    svg = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in used else "", svg)
    # Text in black carries no colour of its own.
    svg = svg.replace("<svg ", '<svg fill="var(--text)" ', 1)
    return re.sub(r"#[0-9a-f]{6}\b", _variable, svg)


def _variable(found: re.Match[str]) -> str:
    name = _OWN_COLOUR.get(found[0])
    return f"var(--{name})" if name else found[0]
