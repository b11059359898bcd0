"""How long the live desk takes to decide: a plan for a call, a look for move-ups, over the shipped city's week.

    python -m benchmarks.decisions [--pack NAME] [--hours N]

The week is run as the desk runs it, without scoring. Every plan and every look is timed on the wall and in CPU
seconds of its thread; on a busy machine the wall shows who else was at work. Targets on 2 cores: a plan within 50 ms,
a look within 1 s, both at the 99th percentile. The first plan and the first look load compiled code and are named
apart.
"""

from __future__ import annotations

import argparse
import os
import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import numpy as np

from benchmarks.machine import about, keep
from tocsin.adapters.clocks import WallClock
from tocsin.adapters.packs import find_pack, load_pack
from tocsin.adapters.stores import MemoryLog
from tocsin.bootstrap import open_engine
from tocsin.bootstrap_settings import Settings
from tocsin.model.events import MoveUpProposed, PlanProposed
from tocsin.model.origin import Mode


class Timed:
    """A function, and how long each call of it took: wall and CPU milliseconds."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self.wall_ms: list[float] = []
        self.cpu_ms: list[float] = []

    def __call__(self, *args: Any, **more: Any) -> Any:
        wall, cpu = time.perf_counter(), time.thread_time()
        try:
            return self._function(*args, **more)
        finally:
            self.cpu_ms.append(1000.0 * (time.thread_time() - cpu))
            self.wall_ms.append(1000.0 * (time.perf_counter() - wall))

    def told(self) -> dict[str, Any]:
        """Quantiles of all but the first call."""
        return {
            "count": len(self.wall_ms),
            "first_wall_ms": round(self.wall_ms[0], 2) if self.wall_ms else None,
            "wall_ms": _quantiles(self.wall_ms[1:]),
            "cpu_ms": _quantiles(self.cpu_ms[1:]),
            "cpu_s": round(sum(self.cpu_ms) / 1000.0, 2),
        }


def _quantiles(ms: list[float]) -> dict[str, float]:
    if not ms:
        return {}
    return {name: round(float(np.quantile(ms, q)), 3) for name, q in (("p50", 0.5), ("p99", 0.99), ("max", 1.0))}


def main() -> None:
    """Run and keep the result."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pack", default="san_francisco")
    asked.add_argument("--hours", type=int, default=0, help="only so many hours; 0: all of the record")
    args = asked.parse_args()
    seed = int(Settings().seed)
    facts = about(seed=seed)
    log = MemoryLog()
    engine = open_engine(load_pack(find_pack(args.pack)), log, Mode.REPLAY, WallClock().now(), seed=seed)
    plans, moves = Timed(engine.plans.propose), Timed(engine.moves.due) if engine.moves else None
    engine.plans.propose = plans  # type: ignore[method-assign]
    if engine.moves is not None and moves is not None:
        engine.moves.due = moves  # type: ignore[method-assign]
    last = engine.feed.last_at() if engine.feed else engine.now
    until = min(last, engine.now + timedelta(hours=args.hours)) if args.hours else last
    wall, cpu = time.perf_counter(), time.process_time()
    while engine.now < until:
        engine.advance(min(engine.now + timedelta(hours=1), until))
    engine.flush()
    result = {
        **facts,
        "pack": args.pack,
        "until": until.isoformat(),
        "wall_s": round(time.perf_counter() - wall, 2),
        "cpu_s": round(time.process_time() - cpu, 2),
        "load_after": [round(x, 2) for x in os.getloadavg()],
        "target": {"dispatch_p99_ms": 50, "relocation_p99_ms": 1000},
        "dispatch": plans.told(),
        "relocation": None if moves is None else moves.told(),
        "said": _said(log),
    }
    keep("decisions", result)


def _said(log: MemoryLog) -> dict[str, Any]:
    """What was proposed, so that a figure can be told from that of an idle desk."""
    planners: Counter[str] = Counter()
    fallbacks: Counter[str] = Counter()
    ahead, proposed = 0, 0
    for recorded in log.read():
        event = recorded.event
        if isinstance(event, PlanProposed):
            planners[event.plan.planner] += 1
            fallbacks[event.plan.fallback.code if event.plan.fallback else "none"] += 1
            ahead += any(choice.reason.code.startswith("look_ahead") for choice in event.plan.choices)
        proposed += isinstance(event, MoveUpProposed)
    return {
        "plans_by": dict(planners),
        "fallbacks": dict(fallbacks),
        "plans_that_passed_over_the_closest": ahead,
        "move_ups_proposed": proposed,
    }


if __name__ == "__main__":
    main()
