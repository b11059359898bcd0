"""Reports: nothing from outside, the same bytes twice, and everything that a plot shows also in words and figures."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime, timedelta
from xml.etree import ElementTree

import pytest

from tocsin.adapters import report

HOURS = [datetime(2024, 3, 4) + timedelta(hours=h) for h in range(6)]  # noqa: DTZ001 - local time on an axis
SIX = [1.0, 2.0, 3.0, 4.0, 3.0, 2.0]


def fan(observed: list[float | None] | None = None) -> report.Spread:
    low, high = [x - 1 for x in SIX], [x + 1 for x in SIX]
    return report.Spread(HOURS, SIX, [report.Band(0.8, low, high)], observed)


def figures() -> dict[str, report.Figure]:
    return {
        "fan": report.fan_chart(fan([1, 2, 9, 4, None, None]), "Calls"),
        "bars": report.bars([report.Bar("ours", 1.0, 0.9, 1.1, ours=True), report.Bar("plain", 2.0)], "B", unit="loss"),
        "reliability": report.reliability([0.1, 0.9], [0.2, 0.9], [50, 50], "R"),
        "pit": report.pit_histogram([10, 10, 10, 70], "P"),
        "cost": report.accuracy_and_cost(
            [("ours", 0.1, 1.0, True), ("tree", 9.0, 1.1, False)], "C", cost="s", score="l"
        ),
        "stream": report.stream(HOURS, SIX, [HOURS[2]], "S", windows=[(HOURS[1], HOURS[3])]),
        "lines": report.lines([report.Line("ours", [7, 14], [0.6, 0.7], ours=True)], "L", x_name="days", unit="MASE"),
    }


def test_a_page_asks_nothing_from_outside_and_is_the_same_twice():
    def whole() -> str:
        return report.page("Calls", list(figures().values()), made="tocsin")

    html = whole()
    assert html == whole()
    links = set(re.findall(r"""(?:src|href|url)\s*[=(]\s*["']?([^"')\s>]+)""", html))
    assert all(link.startswith("#") for link in links), links
    assert "<script" not in html
    assert "@import" not in html


@pytest.mark.parametrize("name", ["fan", "bars", "reliability", "pit", "cost", "stream", "lines"])
def test_a_figure_has_words_a_table_and_real_text(name: str):
    figure = figures()[name]
    html = report.page("T", [figure], made="m")
    assert 'role="img"' in html
    assert f'aria-label="{figure.alt}"' in html
    assert "<details>" in html
    assert figure.table is not None
    assert figure.table.rows
    assert "<text" in figure.svg, "text stays text"
    ElementTree.fromstring(figure.svg)  # noqa: S314 - made above


def test_colours_are_variables_and_ids_are_unique():
    html = report.page("T", [*figures().values()], made="m")
    plots = "".join(re.findall(r"<svg.*?</svg>", html, re.DOTALL))
    assert not re.search(r"#[0-9a-f]{6}\b", plots), "a colour of no token would not follow light and dark"
    assert "var(--median)" in plots
    assert not re.findall(r'id="(?:figure|axes|patch|text|line2d)_\d+"', plots)


def test_what_lies_outside_the_band_is_said():
    assert "held 3 of 4" in report.fan_chart(fan([1, 2, 9, 4, None, None]), "Calls").alt
    assert "1 bins lie outside" not in report.pit_histogram([10, 10, 10, 10], "P").alt
    assert report.pit_histogram([10, 10, 10, 70], "P").alt.count("4 bins lie outside") == 1


def test_texts_and_cells_are_escaped():
    parts = [report.Text(["a < b"], "<h>"), report.Table(["<c>"], [["<script>"], [None], [1.23456]], "<t>")]
    html = report.page("<title>", parts, made="<m>")
    assert "<script>" not in html
    assert "a &lt; b" in html
    assert "<title>&lt;title&gt;</title>" in html
    assert "<td>–</td>" in html
    assert "1.235" in html


def test_nothing_to_draw_is_drawn():
    empty = report.Spread([], [], [])
    for figure in (
        report.fan_chart(empty, "F"),
        report.bars([], "B", unit="u"),
        report.reliability([], [], [], "R"),
        report.pit_histogram([0] * 10, "P"),
        report.stream([], [], [], "S"),
        report.lines([], "L", x_name="x", unit="u"),
    ):
        assert "<svg" in figure.svg
        assert "nan" not in figure.alt


def test_the_command_line_starts_without_the_plots():
    code = "import sys, tocsin.cli, tocsin.adapters.report; sys.exit('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_bands_of_40_and_60_percent_differ_in_colour():
    bands = [report.Band(share, [x - share for x in SIX], [x + share for x in SIX]) for share in (0.8, 0.6, 0.4)]
    svg = report.fan_chart(report.Spread(HOURS, SIX, bands), "Calls").svg
    assert all(f"var(--band-{share})" in svg for share in (80, 50))
    assert "var(--range)" in svg


def test_names_of_models_close_together_stand_on_lines_of_their_own():
    points = [(f"hour-of-week-quantiles-{n}", 0.005 + 0.0001 * n, 0.2660, False) for n in range(4)]
    svg = report.accuracy_and_cost([*points, ("slow", 9.0, 0.27, False)], "C", cost="s", score="l").svg
    levels = re.findall(r'<text [^>]*y="([\d.]+)"[^>]*>hour-of-week-quantiles', svg)
    assert len(levels) == len({round(float(level)) for level in levels}) == len(points)


def test_on_a_phone_a_plot_scrolls_and_ranges_stay_in_one_line():
    html = report.page("T", [*figures().values()], made="m")
    plots = re.findall(r'<div class="scroll" role="region" tabindex="0" aria-label="[^"]+"><svg', html)
    assert len(plots) == len(figures())
    assert re.search(r"figure svg\{[^}]*min-width:40rem", html)
    assert re.search(r"@media print\{.*figure svg\{min-width:0\}", html, re.DOTALL)
    rows = [
        ["44 to 57", "Fri 2024-03-01 13:00", "three words here", "1.5"],
        ["0.1 to 1,200", None, "2024-03-01", "2 %"],
    ]
    table = report.page("T", [report.Table(["Band", "Start", "Words", "n"], rows, "c")], made="m")
    assert table.count('<td class="w">') == 4
    assert '<td class="w">44 to 57</td>' in table
    assert '<td class="n">1.5</td>' in table
    assert "<td>three words here</td>" in table
    assert "td.n,td.w{white-space:nowrap}" in table


def test_a_threshold_is_drawn_and_told():
    figure = report.stream(HOURS, SIX, [HOURS[2]], "S", unit="$m", threshold=9.5)
    assert "threshold 9.5</text>" in figure.svg
    assert "threshold 9.5; 1 alarm." in figure.alt
    assert "threshold" not in report.stream(HOURS, SIX, [], "S").alt


def test_whole_numbers_are_read_in_thousands():
    assert ">12,345<" in report.page("T", [report.Table(["n"], [[12345]], "c")], made="m")
