"""The plots that reports share. Each gives a `Figure`: the picture, what it says in words, and its data as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from tocsin.adapters.report.drawing import drawn
from tocsin.adapters.report.page import Figure, Table
from tocsin.adapters.report.style import LIGHT

MOST_ROWS = 2_000
"""Rows of a table behind a figure; of a longer one every k-th."""
Floats = Sequence[float]


@dataclass(frozen=True, slots=True)
class Band:
    """A central band over the steps of a fan chart: `share` of 1 that it promises, both ends inside."""

    share: float
    low: Floats
    high: Floats


@dataclass(frozen=True, slots=True)
class Spread:
    """A fan: steps, the middle, bands of 50, 80 and 95 % (any of them), and what came where it is known.

    `times`: starts of the steps, as they should read on the axis (local time). `observed`: None where not known."""

    times: Sequence[datetime]
    middle: Floats
    bands: Sequence[Band]
    observed: Sequence[float | None] | None = None
    unit: str = "calls"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its interval; `ours` sets it off in colour and mark."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One named line over time or steps."""

    name: str
    x: Sequence[Any]
    y: Floats
    ours: bool = False


_FILLS = {0.95: "band-95", 0.8: "band-80", 0.5: "band-50"}
_RANKED = ("band-80", "band-50", "range")


def fan_chart(fan: Spread, caption: str) -> Figure:
    """Bands, the middle and what came: dots inside the widest drawn 80 % band, open triangles outside it."""
    bands = sorted(fan.bands, key=lambda band: -band.share)

    def draw(axes: Any) -> None:
        for band, fill in zip(bands, _fills(bands), strict=True):
            told = f"{100 * band.share:.0f} %"
            axes.fill_between(fan.times, band.low, band.high, color=LIGHT[fill], lw=0, label=told)
        axes.plot(fan.times, fan.middle, color=LIGHT["median"], lw=1.8, label="expected")
        _observed(axes, fan)
        axes.set_ylabel(fan.unit)
        axes.set_ylim(bottom=0)
        axes.margins(x=0)
        _dates(axes)
        _legend(axes)

    return Figure(drawn(draw), caption, _fan_words(fan), _fan_table(fan, bands))


def _fills(bands: Sequence[Band]) -> list[str]:
    """A fill of its own for each band, the widest first: of the nearest share, or by rank where two are one."""
    nearest = [_FILLS[min(_FILLS, key=lambda share: abs(share - band.share))] for band in bands]
    return nearest if len(set(nearest)) == len(bands) or len(bands) > len(_RANKED) else list(_RANKED[-len(bands) :])


def _observed(axes: Any, fan: Spread) -> None:
    if fan.observed is None:
        return
    b80 = next((b for b in fan.bands if b.share == 0.8), None)
    inside: list[tuple[datetime, float]] = []
    outside: list[tuple[datetime, float]] = []
    for i, (time, came) in enumerate(zip(fan.times, fan.observed, strict=True)):
        if came is not None:
            held = b80 is None or b80.low[i] <= came <= b80.high[i]
            (inside if held else outside).append((time, came))
    if inside:
        axes.plot(*zip(*inside, strict=True), ls="", marker="o", ms=3, color=LIGHT["text"], label="came")
    if outside:
        rim = {"mfc": LIGHT["card"], "mec": LIGHT["amber"], "mew": 1.3}
        axes.plot(*zip(*outside, strict=True), ls="", marker="^", ms=6, label="came, outside 80 %", **rim)


def _fan_words(fan: Spread) -> str:
    if not len(fan.times):
        return "Nothing is forecast."
    top = int(np.argmax(fan.middle))
    words = (
        f"Forecast of {fan.unit} from {fan.times[0]:%Y-%m-%d %H:%M} to {fan.times[-1]:%Y-%m-%d %H:%M}; highest "
        f"expected {fan.middle[top]:.3g} at {fan.times[top]:%Y-%m-%d %H:%M}, lowest {min(fan.middle):.3g}."
    )
    b80 = next((b for b in fan.bands if b.share == 0.8), None)
    if fan.observed is None or b80 is None:
        return words
    came = [(o, lo, hi) for o, lo, hi in zip(fan.observed, b80.low, b80.high, strict=True) if o is not None]
    held = sum(lo <= o <= hi for o, lo, hi in came)
    return f"{words} The 80 % band held {held} of {len(came)}."


def _fan_table(fan: Spread, bands: Sequence[Band]) -> Table:
    columns = ["Start", "Expected", *(f"{100 * b.share:.0f} %" for b in bands)]
    rows: list[list[str | float | None]] = []
    for i, time in enumerate(fan.times):
        row: list[str | float | None] = [f"{time:%Y-%m-%d %H:%M}", round(float(fan.middle[i]), 3)]
        row += [f"{b.low[i]:g} to {b.high[i]:g}" for b in bands]
        if fan.observed is not None:
            row.append(fan.observed[i])
        rows.append(row)
    return Table([*columns, *(["Came"] if fan.observed is not None else [])], _thinned(rows), "Expected, bands")


def bars(values: Sequence[Bar], caption: str, *, unit: str, lower_is_better: bool | None = None) -> Figure:
    """A bar each from the top, with its interval where it has one. Ours is blue, the rest is grey."""

    def draw(axes: Any) -> None:
        rows = range(len(values) - 1, -1, -1)
        colours = [LIGHT["unit"] if bar.ours else LIGHT["edge"] for bar in values]
        axes.barh(list(rows), [bar.value for bar in values], color=colours, height=0.62)
        for row, bar in zip(rows, values, strict=True):
            if bar.low is not None and bar.high is not None:
                axes.plot([bar.low, bar.high], [row, row], color=LIGHT["text"], lw=1.4, marker="|", ms=7)
        axes.set_yticks(list(rows), [bar.name for bar in values])
        axes.grid(visible=False, axis="y")
        axes.grid(visible=True, axis="x")
        axes.set_xlabel(unit + {None: "", True: " (less is better)", False: " (more is better)"}[lower_is_better])

    words = "; ".join(f"{bar.name} {bar.value:.4g}" for bar in values) or "nothing"
    spread = any(bar.low is not None for bar in values)
    table = Table(
        ["What", unit, *(["from", "to"] if spread else [])],
        [[bar.name, bar.value, *([bar.low, bar.high] if spread else [])] for bar in values],
        caption,
    )
    return Figure(drawn(draw, height_in=max(1.6, 0.42 * len(values) + 0.9)), caption, f"{unit}: {words}.", table)


def reliability(said: Floats, came: Floats, cells: Sequence[int], caption: str) -> Figure:
    """Chances given against the share that came, a point a bin; on the line the chances are right."""
    most = max(cells, default=1) or 1

    def draw(axes: Any) -> None:
        axes.plot([0, 1], [0, 1], color=LIGHT["edge"], lw=1.2, ls=(0, (4, 3)), label="as it should be")
        sizes = [20 + 120 * n / most for n in cells]
        axes.plot(said, came, color=LIGHT["unit"], lw=1)
        axes.scatter(said, came, s=sizes, color=LIGHT["unit"], label="a bin; larger: more counts", zorder=3)
        axes.set(xlabel="chance given", ylabel="share that came", xlim=(0, 1), ylim=(0, 1))
        _legend(axes)

    off = max((abs(s - c) for s, c, n in zip(said, came, cells, strict=True) if n >= 20), default=0.0)
    words = f"{len(said)} bins of chances; the largest gap between chance and share is {100 * off:.1f} points."
    rows: list[list[float | int]] = [[round(s, 4), round(c, 4), n] for s, c, n in zip(said, came, cells, strict=True)]
    table = Table(["Chance given", "Share that came", "Cells"], rows, "Chances and what came")
    return Figure(drawn(draw, height_in=4.2), caption, words, table)


def pit_histogram(bins: Sequence[int], caption: str) -> Figure:
    """Cells per bin of the randomised PIT, with the range that 95 of 100 right laws stay within, bin by bin.

    Source of the range: binomial law of one bin's count. Czado, Gneiting and Held 2009, Biometrics 65.
    """
    from scipy import stats

    total, count = int(sum(bins)), len(bins)
    low, high = (float(q) for q in stats.binom.ppf([0.025, 0.975], max(total, 1), 1.0 / count))

    def draw(axes: Any) -> None:
        edges = np.arange(count) / count
        axes.axhspan(low, high, color=LIGHT["band-80"], lw=0, label="95 % range of a right law")
        axes.bar(edges, bins, width=0.94 / count, align="edge", color=LIGHT["range"], label="counts")
        axes.axhline(total / count, color=LIGHT["median"], lw=1.2)
        where = "where what came fell in the forecast: 0 lowest, 1 highest"
        axes.set(xlabel=where, ylabel="how many counts", xlim=(0, 1))
        _legend(axes)

    out = sum(not low <= n <= high for n in bins)
    words = f"Histogram of {total:,} cells in {count} bins; {out} bins lie outside the range of chance."
    rows: list[list[str | int]] = [[f"{i / count:.1f} to {(i + 1) / count:.1f}", int(n)] for i, n in enumerate(bins)]
    return Figure(drawn(draw), caption, words, Table(["Part of the law", "Cells"], rows, "Cells per bin"))


def accuracy_and_cost(
    points: Sequence[tuple[str, float, float, bool]], caption: str, *, cost: str, score: str
) -> Figure:
    """Name, cost and score of each model, and whether it is ours: cost on a logarithmic axis, left and low is good."""

    def draw(axes: Any) -> None:
        for _, x, y, ours in points:
            colour = LIGHT["unit"] if ours else LIGHT["edge"]
            axes.plot([max(x, 1e-9)], [y], ls="", marker="o" if ours else "s", ms=8, color=colour)
        axes.set_xscale("log")
        axes.set(xlabel=cost, ylabel=score)
        axes.margins(x=0.18, y=0.12)
        low, high = axes.get_xlim()
        axes.xaxis.set_major_formatter("{x:g}")
        axes.xaxis.set_minor_formatter(lambda x, _: f"{x:g}" if high < 20 * low and f"{x:e}"[0] in "25" else "")
        _names(axes, [(name, max(x, 1e-9), y) for name, x, y, _ in points])

    words = "; ".join(f"{name}: {score} {y:.4g}, {cost} {x:.3g}" for name, x, y, _ in points) + "."
    table = Table(["Model", cost, score], [[name, x, y] for name, x, y, _ in points], caption)
    return Figure(drawn(draw, height_in=4.2), caption, words, table)


def _names(axes: Any, points: Sequence[tuple[str, float, float]]) -> None:
    """A name beside each point, some lines higher or lower where another name already stands."""
    size, scale = 10, axes.figure.dpi / 72
    taken: list[tuple[float, float, float]] = []
    for name, x, y in sorted(points, key=lambda point: point[1:]):
        left, level = (float(end) / scale for end in axes.transData.transform((x, y)))
        right = left + 0.6 * size * len(name) + 14
        beside = [at for start, end, at in taken if start < right and left < end]
        free = (up for up in OFFSETS if all(abs(level + up - at) > size + 2 for at in beside))
        up = next(free, OFFSETS[0])
        taken.append((left, right, level + up))
        axes.annotate(name, (x, y), xytext=(7, up), textcoords="offset points", fontsize=size)


OFFSETS = (4, -14, 18, -28, 32, -42)
"""Where a name may stand above or below its point, in points."""


def stream(
    times: Sequence[datetime],
    values: Floats,
    alarms: Sequence[datetime],
    caption: str,
    *,
    windows: Sequence[tuple[datetime, datetime]] = (),
    unit: str = "value",
    threshold: float | None = None,
) -> Figure:
    """A stream with its alarms (amber triangles at the top) and the labelled windows, where there are any, shaded.

    `threshold`: a level that is drawn as a dashed line."""

    def draw(axes: Any) -> None:
        for n, (start, end) in enumerate(windows):
            axes.axvspan(start, end, color=LIGHT["band-50"], lw=0, label="labelled" if n == 0 else None)
        told = unit.replace("$", r"\$")  # no formula
        axes.plot(times, values, color=LIGHT["text-2"], lw=0.8, label=told, rasterized=False)
        if threshold is not None:
            dashed = {"lw": 1.4, "ls": (0, (5, 3)), "label": f"threshold {threshold:g}"}
            axes.axhline(threshold, color=LIGHT["vermilion"], **dashed)
            axes.margins(y=0.08)
        top = axes.get_ylim()[1]
        if alarms:
            marks = {"ls": "", "marker": "v", "ms": 7, "color": LIGHT["amber-fill"]}
            axes.plot(list(alarms), [top] * len(alarms), clip_on=False, label="alarm", **marks)
            axes.vlines(list(alarms), axes.get_ylim()[0], top, color=LIGHT["amber"], lw=0.8)
        axes.set_ylabel(told)
        axes.margins(x=0)
        _dates(axes)
        _legend(axes)

    first = f"{times[0]:%Y-%m-%d %H:%M} to {times[-1]:%Y-%m-%d %H:%M}" if len(times) else "no time"
    line = "" if threshold is None else f"; threshold {threshold:g}"
    words = f"{unit}, {len(times):,} points, {first}{line}; {_many(len(alarms), 'alarm')}"
    words += f", {_many(len(windows), 'labelled window')}." if windows else "."
    rows = [[f"{at:%Y-%m-%d %H:%M}"] for at in alarms]
    return Figure(drawn(draw), caption, words, Table(["Alarm at"], rows, "Alarms"))


def _many(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def lines(curves: Sequence[Line], caption: str, *, x_name: str, unit: str) -> Figure:
    """Named lines: ours blue and solid, the others grey, each with its own dash."""
    dashes = ["-", "--", ":", "-."]

    def draw(axes: Any) -> None:
        for n, curve in enumerate(curves):
            colour = LIGHT["unit"] if curve.ours else LIGHT["text-3"]
            axes.plot(
                curve.x,
                curve.y,
                color=colour,
                lw=2 if curve.ours else 1.3,
                ls=dashes[n % 4],
                marker=".",
                label=curve.name,
            )
        axes.set(xlabel=x_name, ylabel=unit)
        if any(len(curve.x) and isinstance(curve.x[0], datetime) for curve in curves):
            _dates(axes)
        _legend(axes)

    words = "; ".join(f"{c.name}: {min(c.y):.4g} to {max(c.y):.4g}" for c in curves if len(c.y)) or "nothing"
    rows: list[list[str | float]] = [[c.name, str(x), float(y)] for c in curves for x, y in zip(c.x, c.y, strict=True)]
    return Figure(drawn(draw), caption, f"{unit}. {words}.", Table(["Line", x_name, unit], _thinned(rows), caption))


def _thinned(rows: list[Any]) -> list[Any]:
    every = -(-len(rows) // MOST_ROWS) or 1
    return rows[::every]


def _dates(axes: Any) -> None:
    from matplotlib import dates

    marks: Any = dates  # its classes carry no types
    locator = marks.AutoDateLocator(maxticks=9)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(marks.ConciseDateFormatter(locator))


def _legend(axes: Any) -> None:
    entries = axes.get_legend_handles_labels()[1]
    if entries:
        close = {"handlelength": 1.5, "handletextpad": 0.5, "columnspacing": 1.1, "borderaxespad": 0.2}
        axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=min(len(entries), 6), fontsize=10, **close)
