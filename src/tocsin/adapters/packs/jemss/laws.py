"""Reads gen_config.xml: from which laws JEMSS draws calls. Its times are in days, ours in seconds."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tocsin.errors import BadReport
from tocsin.model.service import CallRate, Duration, DurationLaw, ServiceLaw

DAY_S = 86_400.0
_LARGEST = 1_000_000
_SHORTEST_S = 0.01
"""No calls come quicker after each other on average."""
_OPERATORS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_CALL = re.compile(r"\s*(\w+)\s*\((.*)\)\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class CallLaws:
    """How calls come in and bind ambulances. `raster`: the name of the file with where they come from."""

    rate: CallRate
    service: ServiceLaw
    raster: str | None


def read_laws(path: Path) -> CallLaws:
    """The laws of a gen_config.xml. Raises: BadReport when one is missing or cannot be read."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if "<!DOCTYPE" in text or "<!ENTITY" in text:
            raise BadReport(path.name, "declares entities, which no such file needs: take them out")
        root = ElementTree.fromstring(text)  # noqa: S314 - entities are refused above
    except (ElementTree.ParseError, UnicodeDecodeError) as error:
        raise BadReport(path.name, f"is no XML ({error})") from error
    found = root.find(".//callDistributions")
    if found is None:
        raise BadReport(path.name, "has no <callDistributions>: name a model whose calls are generated")
    said = {child.tag: (child.text or "").strip() for child in found}
    between_s = _get(said, "interarrivalTime", path.name).mean_s()
    if between_s < _SHORTEST_S:
        raise BadReport(f"{path.name}, interarrivalTime", f"is {between_s:g} s between calls: no city has so many")
    rate = CallRate(
        DAY_S / between_s,
        _shares(_text(said, "priority", path.name), path.name),
    )
    service = ServiceLaw(
        delay_s=_get(said, "dispatchDelay", path.name),
        on_scene=_get(said, "onSceneDuration", path.name),
        transport_share=_shares(_text(said, "transport", path.name), path.name)[0],
        handover=_get(said, "handoverDuration", path.name),
    )
    raster = root.findtext(".//callDensityRaster/filename")
    return CallLaws(rate, service, None if raster is None else re.split(r"[\\/]", raster.strip())[-1])


def law_of(text: str, where: str) -> DurationLaw:
    """A law as Distributions.jl writes it, in days: `Exponential(12/60/24)`. Raises: BadReport.

    A normal law with a spread becomes the gamma law with the same mean and variance, which has no negative times.
    """
    try:
        law = _law_of(text, where)
        mean_s = law.mean_s()
    except OverflowError:
        mean_s = math.inf
    if not math.isfinite(mean_s):
        raise BadReport(where, f"{text!r} has no finite mean: correct its numbers, which are in days")
    return law


def _law_of(text: str, where: str) -> DurationLaw:
    name, values = _parts(text, where)
    match name, values:
        case ("Exponential", [mean]) if mean > 0:
            return DurationLaw(Duration.EXPONENTIAL, mean * DAY_S)
        case ("Weibull", [shape, scale]) if shape > 0 and scale > 0:
            return DurationLaw(Duration.WEIBULL, scale * DAY_S, shape)
        case ("Gamma", [shape, scale]) if shape > 0 and scale > 0:
            return DurationLaw(Duration.GAMMA, scale * DAY_S, shape)
        case ("Erlang", [shape, scale]) if shape > 0 and scale > 0:
            return DurationLaw(Duration.GAMMA, scale * DAY_S, shape)
        case ("LogNormal", [mu, sigma]) if sigma > 0:
            return DurationLaw(Duration.LOGNORMAL, 2.718281828459045**mu * DAY_S, sigma)
        case ("Uniform", [low, high]) if 0 <= low < high:
            return DurationLaw(Duration.EMPIRICAL, values_s=(low * DAY_S, high * DAY_S))
        case (("Normal" | "Dirac"), [mean, *spread]) if mean >= 0 and not any(spread):
            return DurationLaw.constant(mean * DAY_S)
        case ("Normal", [mean, spread]) if mean > 0 and spread > 0:
            return DurationLaw(Duration.GAMMA, spread**2 / mean * DAY_S, (mean / spread) ** 2)
    known = "Exponential, Weibull, Gamma, Erlang, LogNormal, Uniform, Normal, Dirac"
    raise BadReport(where, f"{text!r} is no law of a duration that is known: {known}")


def _get(said: Mapping[str, str], key: str, file: str) -> DurationLaw:
    return law_of(_text(said, key, file), f"{file}, {key}")


def _text(said: Mapping[str, str], key: str, file: str) -> str:
    if key not in said:
        raise BadReport(file, f"has no <{key}> in <callDistributions>")
    return said[key]


def _shares(text: str, file: str) -> tuple[float, ...]:
    """The shares of a Categorical or the chance of a Bernoulli."""
    name, values = _parts(text.replace("[", "").replace("]", ""), file)
    if name not in ("Categorical", "Bernoulli") or not values or min(values) < 0 or sum(values) <= 0:
        raise BadReport(file, f"{text!r} is no list of shares: write Categorical([0.6, 0.4]) or Bernoulli(0.8)")
    return tuple(values)


def _parts(text: str, where: str) -> tuple[str, list[float]]:
    found = _CALL.fullmatch(text)
    if found is None:
        raise BadReport(where, f"{text!r} is no law such as Exponential(1/280)")
    try:
        return found[1], [_value(ast.parse(part, mode="eval").body) for part in map(str.strip, found[2].split(","))]
    except (SyntaxError, ValueError, ZeroDivisionError, RecursionError, OverflowError, MemoryError) as error:
        raise BadReport(where, f"{text!r} cannot be worked out ({error})") from error


def _value(node: ast.expr) -> float:
    """Sums, products and quotients of numbers, and nothing else."""
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and abs(node.value) < _LARGEST:
        return float(node.value)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATORS:
        return _OPERATORS[type(node.op)](_value(node.left), _value(node.right))
    raise ValueError("only numbers, +, -, * and / are worked out")
