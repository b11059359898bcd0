"""Colours of a report, light and dark, and the style sheet. The tokens are the console's; contrast is WCAG AA.

A plot is drawn in the light colours. In the finished SVG each of them becomes a CSS variable, so that the same plot
follows the reader's choice of light or dark, and prints light.
"""

from __future__ import annotations

from typing import Final

LIGHT: Final = {
    "ground": "#f5f7f8",
    "card": "#ffffff",
    "line": "#d3d9dd",
    "edge": "#7b868e",
    "text": "#12171b",
    "text-2": "#414c54",
    "text-3": "#5b6770",
    "unit": "#0a5ea3",
    "amber": "#8a5600",
    "amber-fill": "#c67600",
    "vermilion": "#b92c16",
    "median": "#0a4f8a",
    "band-95": "#e9f1f7",
    "band-80": "#d5e4ef",
    "band-50": "#abcbe1",
    "range": "#4f90bd",
}
DARK: Final = {
    "ground": "#161a1e",
    "card": "#1e2429",
    "line": "#2a3137",
    "edge": "#6d7982",
    "text": "#eef1f3",
    "text-2": "#b0bac2",
    "text-3": "#8b97a0",
    "unit": "#62b6f2",
    "amber": "#f4b740",
    "amber-fill": "#f4b741",
    "vermilion": "#ff6f5b",
    "median": "#9fd0f3",
    "band-95": "#212e39",
    "band-80": "#243746",
    "band-50": "#2f5069",
    "range": "#4a80a9",
}


def _variables(colours: dict[str, str]) -> str:
    return "".join(f"--{name}:{colour};" for name, colour in colours.items())


STYLE: Final = (
    ":root{color-scheme:light dark;"
    + _variables(LIGHT)
    + "}@media screen and (prefers-color-scheme:dark){:root{"
    + _variables(DARK)
    + "}}"
    + """
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text);
font:16px/1.5 "IBM Plex Sans",system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif}
main,footer{max-width:60rem;margin:0 auto;padding:1.25rem}
h1{font-size:1.75rem;line-height:1.2;margin:1rem 0 .25rem}
h2{font-size:1.25rem;line-height:1.3;margin:2.25rem 0 .5rem}
p{max-width:44rem;margin:.5rem 0}
figure,.table{margin:1.25rem 0;padding:1rem;background:var(--card);border:1px solid var(--line);border-radius:4px}
figcaption,caption{color:var(--text-2);text-align:left;margin-bottom:.5rem;font-weight:600}
figcaption{margin-top:.25rem}
.scroll{overflow-x:auto}
figure svg{display:block;width:100%;height:auto;min-width:40rem;max-width:54rem}
figure svg text,figure svg tspan{font-family:inherit!important}
table{border-collapse:collapse;font-size:.9375rem;font-variant-numeric:tabular-nums}
th,td{padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{color:var(--text-2);font-weight:600}
td.n,th.n{text-align:right}
td.n,td.w{white-space:nowrap}
details{margin-top:.5rem}
summary{cursor:pointer;color:var(--unit);padding:.25rem 0}
summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--text);outline-offset:2px}
footer{color:var(--text-3);font-size:.875rem;border-top:1px solid var(--line)}
@media print{body{background:#fff;font-size:11pt}main,footer{max-width:none;padding:0}
figure svg{min-width:0}.scroll{overflow:visible}
figure,.table{break-inside:avoid;border:0;padding:0}h2{break-after:avoid}}
"""
)
