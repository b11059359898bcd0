"""The track record as the API says it."""

from __future__ import annotations

from dataclasses import asdict

from tocsin.forecasting.scoring.record import ENOUGH_HOURS
from tocsin.forecasting.scoring.summary import Row, chance_bins, is_enough, pit_range, row_of, rows_of, warning_rows
from tocsin.model.ids import AreaId
from tocsin.situation.track import Track
from tocsin.web import schema
from tocsin.web.texts import find_sentence, render, sentence
from tocsin.web.views.facts import Facts


def record_page(facts: Facts, track: Track) -> schema.TrackRecord:
    """Everything that was said here, beside what came."""
    within = pit_range(track)
    return schema.TrackRecord(
        since=track.since,
        until=track.until,
        hours=track.hours,
        models=list(track.models),
        rows=[_row(facts, row) for row in rows_of(track, tuple(facts.city.areas))] if track.hours else [],
        pit=track.pit.tolist(),
        pit_low=None if within is None else within[0],
        pit_high=None if within is None else within[1],
        reliability=[schema.ReliabilityBin(**asdict(one)) for one in chance_bins(track)],
        warnings=[
            schema.WarningRow(name=find_sentence(f"warning_{one.kind}", {}).text, **asdict(one))
            for one in warning_rows(track)
        ],
        summary=_summary(track),
        enough=is_enough(track),
        late=track.late,
    )


def _row(facts: Facts, row: Row) -> schema.RecordRow:
    return schema.RecordRow(name=_name(facts, row), **asdict(row))


def _name(facts: Facts, row: Row) -> str:
    match row.by:
        case "all":
            return render("record_all", {})
        case "city":
            return render("whole_city", {})
        case "horizon":
            return render("record_ahead", {"hours": int(row.key)})
        case "area":
            return facts.area_name(AreaId(row.key)) or row.key
        case "kind":
            return row.key


def _summary(track: Track) -> schema.Sentence:
    whole = row_of("all", "all", track.horizons.sum(axis=0))
    if not is_enough(track) or whole.coverage_80_raw is None or whole.promised is None:
        return sentence("record_not_enough", hours=track.hours, enough=ENOUGH_HOURS)
    said = {"hours": track.hours, "held": whole.coverage_80_raw, "promised": whole.promised}
    if whole.gain is None:
        return sentence("record_summary", **said)
    code = "record_summary_better" if whole.gain >= 0 else "record_summary_worse"
    return sentence(code, **said, gain=abs(whole.gain))
