"""The HTML report of `tocsin forecast`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from tocsin.adapters import report
from tocsin.cli.outlook import Outlook
from tocsin.errors import BadSettings
from tocsin.forecasting.scoring.summary import Row, row_of


def write_page(file: Path, outlook: Outlook) -> None:
    """Write the report. Raises: BadSettings when the file cannot be written."""
    try:
        file.write_text(page_of(outlook), encoding="utf-8")
    except OSError as error:
        raise BadSettings(f"--report {file} cannot be written ({error.strerror}): name another file") from error


def page_of(outlook: Outlook) -> str:
    """The report as HTML."""
    record, *rest = outlook.sentences()
    parts: list[report.Part] = [
        report.Text([_lead(outlook), record]),
        _ahead(outlook),
        report.Table(
            ["Start", "Expected", "50 %", "80 %", "95 %", "Chance of more than usual"],
            [
                [
                    outlook.local(s.start),
                    round(s.mean, 2),
                    *(f"{low} to {high}" for low, high in (s.b50, s.b80, s.b95)),
                    f"{100 * s.chance_more:.0f} %",
                ]
                for s in outlook.steps
            ],
            "The forecast in figures. More than usual: more than nine of ten such steps bring",
        ),
        *_record(outlook),
        report.Text(rest, "Where it comes from"),
    ]
    made = f"Made by tocsin forecast {outlook.city.name} with model {outlook.demand.model}. Times in {_zone(outlook)}."
    return report.page(outlook.title, parts, made=made)


def _zone(outlook: Outlook) -> str:
    return outlook.city.timezone


def _lead(outlook: Outlook) -> str:
    whole = sum(step.mean for step in outlook.steps)
    if not outlook.steps:
        return "Nothing is forecast."
    top = max(outlook.steps, key=lambda step: step.mean)
    steps = f"{len(outlook.steps)} {'days' if outlook.daily else 'hours'}"
    return (
        f"About {whole:.0f} calls are expected in the next {steps}. The busiest is {outlook.local(top.start)} with "
        f"{top.mean:.1f}, in 80 of 100 cases {top.b80[0]} to {top.b80[1]}."
    )


def _axis(outlook: Outlook, time: datetime) -> datetime:
    """As it should read on the axis: local, without its zone."""
    zone = ZoneInfo(outlook.city.timezone)
    return (time if outlook.daily else time.astimezone(zone)).replace(tzinfo=None)


def _ahead(outlook: Outlook) -> report.Figure:
    steps = outlook.steps
    fan = report.Spread(
        [_axis(outlook, s.start) for s in steps],
        [s.mean for s in steps],
        [
            report.Band(share, [b[0] for b in bands], [b[1] for b in bands])
            for share, bands in (
                (0.5, [s.b50 for s in steps]),
                (0.8, [s.b80 for s in steps]),
                (0.95, [s.b95 for s in steps]),
            )
        ],
        unit=f"calls {'a day' if outlook.daily else 'an hour'}",
    )
    return report.fan_chart(fan, f"Expected calls, {outlook.place}, with the bands of 50, 80 and 95 %")


def _record(outlook: Outlook) -> list[report.Part]:
    back = outlook.back
    if not back.past:
        return []
    past = back.past
    fan = report.Spread(
        [_axis(outlook, p.start) for p in past],
        [p.mean for p in past],
        [
            report.Band(share, [p.bands[low] for p in past], [p.bands[high] for p in past])
            for share, low, high in ((0.5, 2, 4), (0.8, 1, 5), (0.95, 0, 6))
        ],
        [p.observed for p in past],
        unit=f"calls {'a day' if outlook.daily else 'an hour'}",
    )
    bins = [(s / n, c / n, int(n)) for n, s, c in back.chances.tolist() if n > 0]
    said, came, cells = zip(*bins, strict=True) if bins else ((), (), ())
    return [
        report.Text(
            [
                "The model was asked again at earlier times, knowing each time only what was known then.",
                "The plain rival says the mean of the same hours so far (of the same weekdays, for days).",
            ],
            "How good it was",
        ),
        report.fan_chart(fan, f"What would have been said, and what came, {outlook.place}"),
        _figures(outlook),
        report.pit_histogram(
            back.pit.tolist(), "Where the truth fell in the laws, all areas: level when they are right"
        ),
        report.reliability(said, came, cells, "Chance of a call or more in an area, and how often one came"),
    ]


def _figures(outlook: Outlook) -> report.Table:
    rows: list[tuple[str, Row]] = [(outlook.place, outlook.row), ("All areas", outlook.whole)]
    rows += [
        (area.name, row_of("area", str(key), sums))
        for (key, area), sums in zip(outlook.city.areas.items(), outlook.back.areas, strict=True)
    ]
    return report.Table(
        ["Place", "Cells", "Pinball loss", "Against the plain rival", "80 % held", "promised", "80 % by PIT", "Bias"],
        [
            [
                name,
                row.cells,
                row.pinball,
                None if row.gain is None else f"{100 * row.gain:+.1f} %",
                _percent(row.coverage_80_raw),
                _percent(row.promised),
                _percent(row.coverage_80),
                row.bias,
            ]
            for name, row in rows
        ],
        "Scores over the earlier times. A loss below the plain rival's has a plus",
    )


def _percent(share: float | None) -> str | None:
    return None if share is None else f"{100 * share:.0f} %"
