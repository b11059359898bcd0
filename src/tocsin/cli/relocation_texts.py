"""What `tocsin plan relocate` says, in its table and on its page."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from tocsin.cli.relocation import Relocation
from tocsin.model.moves import MoveOption
from tocsin.model.plan import Reason
from tocsin.planning.relocation.moves import Suggested
from tocsin.web.views.facts import Facts
from tocsin.web.views.lateness import reason_view

BESIDE = (
    "In the first row every unit that comes free drives home; in all others it goes where expected lateness is least, "
    "and idle units are moved as often as the cap allows. Empty minutes count both drives. What moves alone bring is "
    "told by the rows below the second."
)
COLUMNS = ("Moves/h at most", "Late %", "Mean min", "Moves/h", "Empty min/h", "On the frontier")


def local_text(found: Relocation) -> str:
    """The moment in the city's own time."""
    assert found.at is not None  # noqa: S101 - there is a record
    return f"{found.at.astimezone(ZoneInfo(found.city.timezone)):%Y-%m-%d %H:%M} local"


def sentence_of(found: Relocation, reason: Reason) -> str:
    """The reason in words."""
    return reason_view(Facts(found.city), reason).text


def option_text(found: Relocation, option: MoveOption) -> str:
    """One move in a line."""
    stations = found.city.stations
    start = "where it is" if option.from_station is None else stations[option.from_station].name
    late = option.late
    band = "" if late.low is None or late.high is None else f" ({-late.high:.2f} to {-late.low:.2f})"
    return (
        f"{option.unit} from {start} to {stations[option.to_station].name}: {-late.change:.2f} fewer late calls in the "
        f"next hour{band}, of {late.before:.2f}; {option.drive_s / 60:.0f} min of driving."
    )


def sentences(found: Relocation) -> list[str]:
    """What is proposed at the moment, or why nothing is."""
    if found.at is None:
        return ["The pack has no record: nobody knows where units are, so that none is moved."]
    lines = []
    for kind, said in found.said.items():
        name = found.city.unit_kinds[kind].name
        if not isinstance(said, Suggested):
            lines.append(f"{name}: {sentence_of(found, said)}")
            continue
        lines.append(f"{name}: {option_text(found, said.best)} {sentence_of(found, said.best.reason)}")
        lines += [f"  Against it: {sentence_of(found, reason)}" for reason in said.against]
        if said.runner_up is not None:
            lines.append(f"  Next best: {option_text(found, said.runner_up)}")
    return lines


def rows(found: Relocation) -> list[list[str]]:
    """The frontier as a table."""
    return [
        [
            "all go home" if p.home else "no limit" if p.moves_per_h_cap is None else f"{p.moves_per_h_cap:g}",
            "–" if p.late_share is None else f"{100 * p.late_share:.2f}",
            "–" if p.mean_s is None else f"{p.mean_s / 60:.2f}",
            f"{p.moves_per_h:.2f}",
            f"{p.empty_min_per_h:.1f}",
            "yes" if p.on_frontier else "no",
        ]
        for p in found.frontier
    ]


def span_text(found: Relocation) -> str:
    """What was simulated."""
    assert found.case is not None  # noqa: S101 - there is a frontier
    split, kinds = found.case.split, ", ".join(found.case.fleet.kinds)
    calls = found.frontier[0].calls if found.frontier else 0
    recorded = "" if split is None else f"the record from {split.score.start:%Y-%m-%d} to {split.score.end:%Y-%m-%d}"
    drawn = f"{found.draws} drawn weeks" if found.draws else ""
    homes = f" Homes: {found.case.notes['homes']}." if "homes" in found.case.notes else ""
    return (
        f"{calls:,} calls of priority 1 and 2 for {kinds}: {' and '.join(part for part in (recorded, drawn) if part)}. "
        f"Speeds, demand and times were learned before the span.{homes}"
    )
