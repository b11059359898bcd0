"""From a log to a folder of Parquet files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tocsin.adapters.export.city import read_services
from tocsin.adapters.export.reduction import Reduction
from tocsin.adapters.export.rows import Rows
from tocsin.adapters.export.tables import open_tables
from tocsin.adapters.stores.sqlite import LOG_FILE, SqliteLog
from tocsin.errors import BadSettings
from tocsin.model.city import Service
from tocsin.ports import EventLog

Progress = Callable[[int, int], None]
"""Called with events done and events in all."""

_PROGRESS_EVERY: Final = 5_000

README: Final = """# Facts from a Tocsin log

One Parquet file a table, times in UTC. With DuckDB, in this folder:

```sql
SELECT area, date_trunc('hour', received) AS hour, count(*) AS calls
FROM 'calls.parquet'
GROUP BY ALL
ORDER BY calls DESC
LIMIT 10;
```

| file | one row is |
| --- | --- |
| calls.parquet | a call; `lon`, `lat` are the middle of its block or its area's centre |
| marks.parquet | a mark of a unit on a call; `inferred` where nobody reported it |
| plans.parquet | a proposal for a call |
| plan_choices.parquet | a unit of a proposal, in order; the runner-up last |
| forecasts.parquet | an area (null: the city) and an hour of a forecast; `q10` … `q90`: quantiles of its calls |
| alarms.parquet | an alarm raised or changed |
| warnings.parquet | a warning proposed, issued, updated, declined, lifted or expired |
| verifications.parquet | an hour beside what was said of it, by area, city, kind or hours ahead: sums over `cells` |
| verdicts.parquet | a warning whose window is over: whether it came true, and how long before |
| quarantined.parquet | a report that was kept but not applied |
| events.parquet | an event of the log: who gave it, in which role, for what, in which mode |

What is not here: exact places, names, free text and everything else that is sealed. Where `reduced` is true, the
call is older than 24 hours and medical, or nobody can say that it is not. Its rows carry the area only: no hospital,
no ids of incidents and alarms, no estimates of arrival, and times to 15 minutes. Times in events.parquet are to 15
minutes throughout, and sequence numbers stand in no other file, because the order of the log would give exact
times back.
"""


def _say_nothing(done: int, total: int) -> None:
    """No progress is shown."""


def export_data(data: Path, out: Path, progress: Progress = _say_nothing) -> dict[str, int]:
    """Export the log of a data folder, also while a desk writes to it; rows per table.

    Raises: BadSettings when there is no log, or `out` is neither new nor empty; LogDamaged.
    """
    log = SqliteLog(data / LOG_FILE, writes=False)
    try:
        return export_log(log, out, read_services(data), progress)
    finally:
        log.close()


def export_log(
    log: EventLog,
    out: Path,
    services: Mapping[str, Service | None],
    progress: Progress = _say_nothing,
) -> dict[str, int]:
    """Export what the log holds at this moment; rows per table.

    Args:
        services: kind of call to service. A kind that is missing, or has none, is treated as medical.

    Raises: BadSettings when `out` is neither new nor empty; LogDamaged.
    """
    _make_folder(out)
    total, last_at = log.head(), log.last_at()
    with open_tables(out) as tables:
        if last_at is not None:
            rows = Rows(tables, Reduction(services, last_at), services)
            for recorded in log.read():
                if recorded.seq > total:
                    break
                rows.add(recorded)
                if recorded.seq % _PROGRESS_EVERY == 0 or recorded.seq == total:
                    progress(recorded.seq, total)
        written = {name: table.finish(out) for name, table in tables.items()}
    (out / "README.md").write_text(README, encoding="utf-8")
    return written


def _make_folder(out: Path) -> None:
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadSettings(f"{out} is not an empty folder: name a new one, so that nothing is overwritten")
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(f"{out} cannot be made: {error.strerror}") from error
