"""The page of the command line, from the commands themselves."""

from __future__ import annotations

from types import UnionType
from typing import Any, get_args, get_origin

import typer
from tools.reference.reading import line

from tocsin.cli import app

HEAD = """# The command line

Made by `tools/write_reference.py` from the commands themselves. Change the code, then run `make reference`. In a clone
`tocsin` is `.venv/bin/tocsin`. The examples follow each other, in a folder of their own.

PACK is a folder that holds `pack.toml`, or the name of a pack that ships with Tocsin (`san_francisco`). A command ends
with status 0 when it did its work, 2 with one sentence on standard error when something cannot be, 130 after Ctrl+C.
Progress bars and errors go to standard error; tables and `--json` to standard output. `tocsin.toml` in the folder in
which a command is started may set [defaults](settings.md).

"""

EXAMPLES = {
    "demo": "tocsin demo --speed 60",
    "new": "tocsin new town",
    "check": "tocsin check town",
    "serve": "tocsin serve town --data town-data",
    "accounts list": "tocsin accounts list --data town-data",
    "accounts add": "tocsin accounts add bob --data town-data --role dispatcher --office Dispatch",
    "accounts roles": "tocsin accounts roles bob --data town-data --role dispatcher --role analyst",
    "accounts reset": "tocsin accounts reset bob --data town-data",
    "accounts disable": "tocsin accounts disable bob --data town-data",
    "accounts token": "tocsin accounts token data-folder --data town-data --scope intake --title CAD",
    "rehearse": "tocsin rehearse town --seeds 2 --strategy recorded_homes --strategy dmexclp --workers 1",
    "replay": "tocsin replay town --until 2024-04-29T06:00 --data town-log",
    "policy check": "tocsin policy check town --against base",
    "verify": "tocsin verify town-log",
    "witness": "tocsin witness --log town-log --data our-witness --key town-log/ledger/key --once",
    "account": "tocsin account --data town-log --pack town --processing",
    "export": "tocsin export town --data town-log --out facts --recipient Analysts --asked-by ana "
    "--approved-by wim --approved-by dea --passwords passwords.txt",
    "trace": "tocsin trace calls.parquet --data town-log",
    "forecast": "tocsin forecast town --days 7 --report forecast.html",
    "plan supplies": "tocsin plan supplies town requests.csv --report plan.html",
    "plan stations": "tocsin plan stations town --close east --objective mexclp",
    "plan shifts": "tocsin plan shifts town --until 2024-05-09T00:00",
    "plan relocate": "tocsin plan relocate town --seeds 1",
    "bench forecast": "tocsin bench forecast --calls calls.csv --time received --area district --tz Europe/Dublin",
    "detect": "tocsin detect level.csv --out scored.csv",
    "bench anomaly": "tocsin bench anomaly --series series.csv --windows windows.json",
    "bench ledger": "tocsin bench ledger --appends 200 --disclosures 100 --leaves 300 --decisions 100 --no-rivals",
    "bench locate": "tocsin bench locate --orlib orlib --seconds 45",
    "bench route": "tocsin bench route town --sources 8 --timed 2 --calls 20 --json",
    "bench simulate": "tocsin bench simulate town --calls 1000 --repeats 1 --twin-calls 10",
    "bench strategy": "tocsin bench strategy town --quick --fleet 0 --json",
    "bench warn": "tocsin bench warn --calls calls.csv --time received --area district",
}
"""In the order of a first visit."""

NOT_RUN = frozenset(
    {
        *("demo", "detect", "export", "plan supplies", "trace"),
        *("bench forecast", "bench anomaly", "bench locate", "bench warn"),
    }
)
"""Take a while or want a file: browser tests start the demo, docs/how-to/ shows the others on files that it makes."""

MORE = {
    "demo": "The log is kept under `.tocsin/demo` in the folder where the command is started; the first start runs the "
    "feed up to the pack's `[demo] start`. Prints `Tocsin is ready at URL`. Ends with Ctrl+C.",
    "accounts list": "Says logins: for whoever has the data folder, and nobody else. How accounts are given: "
    "[give people accounts](../how-to/give-people-accounts.md).",
    "accounts add": "May run beside a desk, which sees it at once. Nobody but the owner ever knows the password.",
    "accounts roles": "Exactly these, the others are taken back.",
    "accounts reset": "The old password works until the link is used, unless the account is disabled.",
    "accounts disable": "`--enable` undoes it; the password stays.",
    "accounts token": "The secret is printed once and kept as a digest. `--take` with the name that `list --json` says "
    "takes one back at once.",
    "new": "The same bytes every time. From OpenStreetMap or JEMSS: "
    "[make a pack from a map](../how-to/make-a-pack-from-a-map.md).",
    "check": "With `--json`: `{ok, faults: [{file, row, column, code, message}], warnings, coverage}`; row 0 is the "
    "first data row.",
    "serve": "Prints three lines: the address, the token for writes, and a link that lets a browser write. Ends with "
    "Ctrl+C (status 130) or SIGTERM (status 0); in both cases what waits is made durable first.",
    "rehearse": "Speeds, services and rates are learned from the record before the span alone, strategies are tuned on "
    "generated days that are not scored, and all of them face the same calls and the same luck. Without `--from` the "
    "first three days of the pack's scored span are taken. `recorded` and `bound` are given for recorded calls without "
    "a scenario and with the fleet as it was: docs/concepts/rehearsal.md.",
    "replay": "The log stays in memory without `--data`. With `--data`, a second run goes on from the end of the log: "
    "what the log holds is not added again, and scores cover only what this run ran through. Times without an offset "
    "are local in the pack's time zone.",
    "policy check": "A cell is a role, an action, a dataset, a field, a purpose and a basis; each is asked of the "
    "rules. With `--json`: `{ok, faults, version, digest, roles: [{role, title, what, can}], cells: [[role, dataset, "
    "field, purpose, basis, action …], …]}` and, with `--against`, `granted` and `taken`: "
    "[write an access policy](../how-to/write-an-access-policy.md).",
    "verify": "`--key` from elsewhere is what finds a forger. With `--json`: `{ok, size, root, first_bad: {kind, "
    "index}, checkpoints}`, with `witnessed` where witnesses are asked for; kinds: [the "
    "ledger](../concepts/ledger.md). How to use it: [verify the ledger](../how-to/verify-the-ledger.md).",
    "witness": "With `--json`: `{ok, verdict, size, root, cosignature, why, evidence, witness}`. How to use it: [run a "
    "witness](../how-to/run-a-witness.md).",
    "account": "With `--json` what the API gives at `/api/public/account`, `processing`, `impact` and `register`. "
    "Where each figure comes from: [what residents see](../concepts/what-residents-see.md).",
    "trace": "With `--json`: `{export, rows, agree, chance, recipient, entries}`. What survives and what does not: "
    "[let data leave](../how-to/let-data-leave.md).",
    "forecast": "Learns from the pack's own calls up to `--at` alone; an earlier `--at` shows what would have been "
    "said. With `--json`: `{model, learned_from, learned_until, steps: [{start, mean, median, b50, b80, b95, "
    "usual_most, chance_more}], record, all_areas, loses}`, bands with both ends inside. How to read it: "
    "[forecast from a pack](../how-to/forecast-from-a-pack.md).",
    "plan supplies": "With `--json`: `{requests: [{request, met, short, reason, unfilled, runs_out_h, …}], deliveries, "
    "routes: [{vehicle, site, trips}], aid: [{neighbour, count, there, in_time, draft}], resources, refused: [{line, "
    "column, what}], notes, …}`. The columns of REQUESTS.csv, and what each reason means: [plan "
    "supplies](../how-to/plan-supplies.md).",
    "plan stations": "With `--json`: `{plans: [{plan, units, mean_s, late_share, worst_decile_late, late_by_density, "
    "late_by_income, pays, recorded_later, deployment, moves}], stations, notes}`. How to read it: [plan stations and "
    "shifts](../how-to/plan-stations-and-shifts.md).",
    "plan shifts": "With `--json`: `{shifts: [{start, hours, units}], by_hour: [{start, calls, needed, on, short, "
    "free}], paid_h, short_h, solver, proved}`.",
    "plan relocate": "The moment is `--at`, else the pack's `[demo] start`, else its last call; the 24 hours before it "
    "are run first. The span is scored with what was learned before it; without `--from` and `--until` the record is "
    "split. With `--json`: `{at, kinds: [{kind, idle, late, best, runner_up, against, why_none}], frontier: "
    "[{moves_per_h_cap, calls, late_share, mean_s, moves_per_h, empty_min_per_h, on_frontier}], busy_share}`. What the "
    "figures mean: [dispatch and cover](../concepts/dispatch-and-cover.md).",
    "bench forecast": "With `--json`: `{data, models, left_out, verdict, fairness, run}`; what they hold and how to "
    "read them: [compare forecasters](../how-to/compare-forecasters.md). A file may be any city's.",
    "detect": "Strictly causal: a score never changes when later readings come. What the columns mean: [warnings and "
    "streams](../concepts/warnings-and-streams.md).",
    "bench anomaly": "With `--json`: `{standard, low_fp, low_fn, fixed_threshold, us_per_point, models}`.",
    "bench locate": "A folder of the OR-Library's p-median files. Stops by CPU time; `optima.json` in it is read for "
    "the report alone. With `--json`: `{problems: [{problem, value, bound, proved, optimum, gap_percent, greedy, "
    "cpu_s}], equal, of, mean_gap_percent, cpu_s}`.",
    "bench route": "Every second is held against scipy's, with closures and without; times are CPU time of one thread. "
    "igraph and networkx are timed where they are installed. With `--json`: `{cases: [{pack, nodes, arcs, exact: "
    "{sources, largest_error_s, ok}, one_to_all_ms, ratio, eta: {units, calls, p50_ms, p99_ms, …}}]}`. How ways are "
    "found: [travel times](../concepts/travel-times.md).",
    "bench ledger": "With `--json`: `{appends_per_s, append_p99_ms, disclosures_per_s, disclosure_p99_ms, "
    "proofs_per_s, decisions_per_s, decision_p99_ms, sizes, parts: {decisions, appends, disclosures, proofs, rivals}, "
    "about}`. Appends and disclosures go through a ledger on the disk, published as ever; a disclosure is the policy's "
    "decision, the durable entry, its receipt and the sealed place opened. Callers wait for their answers, 256 and 128 "
    "at a time.",
    "bench simulate": "With `--json`: `{cases: [{pack, zones, stations, units, calls, strategies: [{strategy, "
    "calls_per_s, us_per_call, utilisation, late_share, moves_per_call, twin_difference, twin_agrees}]}]}`. Calls are "
    "generated by the pack's laws: [the simulated city](../concepts/simulator.md).",
    "bench strategy": "With `--json`: `{frozen: {sha256, parameters}, packs, cases: [{pack, fleet, utilisation, "
    "strategy, calls, late_share, mean_s, p90_s, worst_decile_late, moves_per_unit_hour, decision_ms_p99, …}], pairs: "
    "[{a, b, scope, late_relative, low, high, result, …}], sensitivity, goals}`. What is compared and how: "
    "[strategies](../concepts/strategies.md).",
    "bench warn": "With `--json`: `{events: [{day, found, delay_min}], false_per_week, alarms}`.",
    "export": "What each file holds, and what is left out, stands in the `README.md` that is written beside them. With "
    "`--json`: `{export, out, rows, sha256}`. How it goes beside a running desk, and what `counts` are: [let data "
    "leave](../how-to/let-data-leave.md).",
}
NAMES = {"str": "text", "int": "whole number", "float": "number", "Path": "path", "bool": "switch"}


def written() -> str:
    """The page as the file holds it."""
    found = listed()
    parts = [HEAD, "| command | what |\n| --- | --- |\n"]
    parts += [
        f"| [`tocsin {name}`](#tocsin-{name.replace(' ', '-')}) | {line(found[name].help or '')} |\n"
        for name in EXAMPLES
    ]
    for name, example in EXAMPLES.items():
        parts += _command(name, found[name], example)
    return "".join(parts)


def listed() -> dict[str, Any]:
    """Every command by what one types after `tocsin`; those of a group stand for it."""
    found: dict[str, Any] = {}
    for name, command in typer.main.get_command(app).commands.items():  # type: ignore[attr-defined]
        within = getattr(command, "commands", {})
        found |= {f"{name} {part}": one for part, one in within.items()} or {name: command}
    return found


def _command(name: str, command: Any, example: str) -> list[str]:
    fence = ("text", "") if name in NOT_RUN else ("console", "$ ")
    return [
        f"\n## tocsin {name}\n\n{line(command.help or '')} {MORE[name]}\n",
        "\n| | type | default | meaning |\n| --- | --- | --- | --- |\n",
        *(_parameter(parameter) for parameter in command.params),
        f"\n```{fence[0]}\n{fence[1]}{example}\n```\n",
    ]


def _parameter(parameter: Any) -> str:
    shown = " / ".join([*parameter.opts, *parameter.secondary_opts])
    if parameter.param_type_name == "argument":
        shown = (parameter.metavar or parameter.name).upper()
    return f"| `{shown}` | {_kind(parameter)} | {_default(parameter)} | {line(parameter.help or '')} |\n"


def _kind(parameter: Any) -> str:
    annotation = parameter.type_descriptor.annotation
    if isinstance(annotation, UnionType):
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is list:
        return f"{NAMES[get_args(annotation)[0].__name__]}, several times"
    kind = NAMES[annotation.__name__]
    if parameter.min is None and parameter.max is None:
        return kind
    if parameter.max is None:
        return f"{kind}, at least {parameter.min}"
    return f"{kind}, {parameter.min} to {parameter.max}"


def _default(parameter: Any) -> str:
    if parameter.required:
        return "must be given"
    if isinstance(parameter.default, bool):
        return _switch(parameter)
    return "" if parameter.default is None else f"`{parameter.default}`"


def _switch(parameter: Any) -> str:
    if parameter.secondary_opts:
        return f"`{parameter.opts[0] if parameter.default else parameter.secondary_opts[0]}`"
    return "on" if parameter.default else "off"
