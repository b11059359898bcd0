"""The report of `tocsin bench warn` as a page for people."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tocsin.adapters.report import Bar, Part, Table, Text, bars, page


def page_of(result: Mapping[str, Any]) -> str:
    """The page as HTML, from the figures that `--json` gives."""
    data = result["data"]
    made = f"tocsin bench warn, {data.get('file', 'calls')}, {data['from']} to {data['until']}"
    return page("Are surges told early, and how often for nothing?", _parts(result), made=made)


def _parts(result: Mapping[str, Any]) -> list[Part]:
    events, weeks = result["events"], len(result["ordinary_weeks"])
    return [
        Text([_summary(result), _method(result)], "What was found"),
        Table(
            ["Day", "Found", "Delay, min", "First event hour, UTC", "Event hours"],
            [
                [
                    e["day"],
                    "yes" if e["found"] else "no",
                    e["delay_min"],
                    (e["first_hour"] or "")[:16],
                    e.get("event_hours"),
                ]
                for e in events
            ],
            "Events. The delay counts from the end of the first event hour; below 0 the alarm came before.",
        ),
        *_models(result, weeks),
        Table(
            ["Told, UTC", "Where", "Chance", "Since, UTC", "Calls", "in, min", "Usual", "Kinds", "Areas", "Within"],
            [_alarm(alarm) for alarm in result["alarms"]],
            "Every alarm that was told.",
        ),
        Text([_honesty(weeks)], "How to read this"),
    ]


def _models(result: Mapping[str, Any], weeks: int) -> list[Part]:
    models = result["models"]
    table = Table(
        ["Model", "Found", "Median delay, min", "Alarms", "False alarms", "False a week", "µs a call"],
        [
            [
                m["name"], f"{m['found']} of {len(m['events'])}", m["median_delay_min"], m["alarms"], m["false_alarms"],
                m["false_per_week"], round(m["us_per_point"], 2),
            ]
            for m in models
        ],
        "The same walk for simple rules.",
    )  # fmt: skip
    other = Table(
        ["Reading", "Ordinary weeks", "False alarms", "False a week"],
        [list(row.values()) for row in result["other_readings"]],
        "False alarms where gaps of the feed are read otherwise.",
    )
    if not weeks:
        return [table, other]
    drawn = [Bar(m["name"], m["false_per_week"], ours=m["name"] == "tocsin") for m in models]
    return [table, other, bars(drawn, "False alarms in an ordinary week.", unit="alarms a week", lower_is_better=True)]


def _alarm(alarm: Mapping[str, Any]) -> list[str | int | float | None]:
    where = "city" if alarm["scope"] == "city" else f"{alarm['scope']} {alarm['name']}"
    drivers = [", ".join(d["name"] for d in alarm.get(key, [])[:3]) for key in ("kinds", "areas")]
    since = alarm.get("since", "")[:16]
    return [
        alarm["at"][:16], where, alarm.get("probability"), since, alarm.get("calls"), alarm.get("span_min"),
        alarm.get("usual"), *drivers,
        alarm["within"],
    ]  # fmt: skip


def _summary(result: Mapping[str, Any]) -> str:
    events, weeks = result["events"], len(result["ordinary_weeks"])
    found = f"{result['found']} of {len(events)} event days were told of"
    delay = result["median_delay_min"]
    early = "" if delay is None else f", half of them within {delay:.0f} min of the end of the first event hour"
    false = result["false_alarms"]
    told = "there was 1 alarm" if false == 1 else f"there were {false} alarms"
    return f"{found}{early}. In {weeks} ordinary {'week' if weeks == 1 else 'weeks'} {told}."


def _method(result: Mapping[str, Any]) -> str:
    reference, data = result["reference"], result["data"]
    return (
        f"{data['calls']:,} calls were walked in the order in which they were seen ({data['seen']}). An event hour has "
        f"more calls than the {100 * reference['quantile']:.1f} % quantile of the reference ({reference['law']}). "
        f"Events: {reference['truth']}. Ordinary: {reference['ordinary']}."
    )


def _honesty(weeks: int) -> str:
    few = "" if weeks >= 20 else f" {weeks} ordinary weeks are few: the rate of false alarms is uncertain."
    return (
        "The detector learned at each local midnight from what had been seen by then, and from nothing later. The "
        "simple rules were given the reference's finally known counts of the weeks before." + few
    )
