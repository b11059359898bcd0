"""The account on a terminal: tables for people."""

from __future__ import annotations

from collections.abc import Iterable

from pydantic import BaseModel
from rich.console import Console
from rich.table import Table
from rich.text import Text

from tocsin.web import schema

_BARS = "▁▂▃▄▅▆▇█"
_STATES = {"in_place": "in place", "open": "open", "to_look_at": "to look at"}


def show(found: BaseModel, console: Console) -> None:
    """Any of the accounts."""
    match found:
        case schema.PublicAccount():
            _show_public(found, console)
        case schema.ProcessingRecord():
            _show_processing(found, console)
        case schema.ImpactSheet():
            _show_impact(found, console)
        case schema.Register():
            _show_register(found, console)


def _show_public(found: schema.PublicAccount, console: Console) -> None:
    _head(console, f"Public account of {found.city or 'this desk'}", found.controller)
    log = found.log
    witnesses = ", ".join(log.witnesses) or "no witness"
    console.print(Text(f"Ledger: {log.size:,} entries, {witnesses}; policy set {found.policy.digest[:12]}"))
    console.print()
    _table(
        console,
        "Uses of data",
        ("What", "For", "On the basis of", "By", "Uses", "Rows", "Last"),
        ((_what(u), u.purpose_title, u.basis, _by(u.office, u.role_title), f"{u.uses:,}", f"{u.rows:,}", _day(u.last))
         for u in found.uses if u.kind not in ("refusal", "policy_error")),
        "Nothing sealed was opened yet.",
    )  # fmt: skip
    _table(
        console,
        "Refused",
        ("What", "By", "Times", "Last"),
        ((_what(u), _by(u.office, u.role_title), f"{u.uses:,}", _day(u.last))
         for u in found.uses if u.kind in ("refusal", "policy_error")),
    )  # fmt: skip
    if found.weeks:
        console.print(
            Text(f"Uses by week   {_spark([week.uses for week in found.weeks])}   since {found.weeks[0].start}")
        )
        console.print()
    _table(
        console,
        "Opened for life and limb",
        ("Entry", "When", "By", "Review"),
        ((str(b.index), _minute(b.at), _by(b.office, b.role), _review(b)) for b in found.break_glass[:20]),
    )
    _table(
        console,
        "Left the house",
        ("Entry", "When", "To", "What", "Until"),
        ((str(e.index), _minute(e.at), e.recipient, e.dataset, _day(e.expires)) for e in found.exports[:20]),
    )
    _table(
        console,
        "Destroyed",
        ("Entry", "When", "Why", "What", "Payloads"),
        ((str(d.index), _minute(d.at), f"{d.kind} {d.rule}".strip(), d.dataset, f"{d.payloads:,}")
         for d in found.destroyed[:20]),
    )  # fmt: skip
    for budget in found.budgets:
        of = "" if budget.limit is None else f" of {budget.limit:g}"
        spent = f"{budget.epsilon:g}{of} on its dearest day, in {budget.releases} releases"
        console.print(Text(f"Privacy budget spent on {budget.dataset}: {spent}"))
    console.print(Text(f"Claim codes handed out: {found.claim_codes:,}"))
    console.print(Text(found.note, style="italic"), soft_wrap=not console.is_terminal)


def _show_processing(found: schema.ProcessingRecord, console: Console) -> None:
    _head(console, f"Record of processing activities (GDPR Art. 30): {found.city or 'this desk'}", found.controller)
    for one in found.entries:
        console.print()
        console.print(Text(one.title, style="bold").append(f"  {one.iri}", style="dim"))
        _line(console, "On the basis of", one.bases)
        _line(console, "People concerned", one.subjects)
        _line(console, "Data", [f"{d.title} ({d.dataset_title}, {d.sensitivity})" for d in one.data])
        _line(console, "Opened to", one.roles)
        _line(console, "Recipients", [*one.recipients, *(f"{r.name} ({r.uses} uses)" for r in one.received)])
        _line(console, "Time limits", one.erasure)
    console.print()
    _list(console, "Security", found.security)
    _list(console, "Not said", found.missing)


def _show_impact(found: schema.ImpactSheet, console: Console) -> None:
    _head(console, f"Impact sheet (GDPR Art. 35): {found.city or 'this desk'}", found.controller)
    console.print(Text(found.note, style="italic"), soft_wrap=not console.is_terminal)
    console.print()
    for title, part in (("Necessity", found.necessity), ("Risks", found.risks), ("Measures", found.measures)):
        rows = ((one.question, _STATES[one.state], one.found, one.measure) for one in part)
        _table(console, title, ("Question", "State", "Found", "What is done"), rows)


def _show_register(found: schema.Register, console: Console) -> None:
    console.print(Text(f"Register of models and rules: {found.city or 'this desk'}", style="bold"))
    for card in found.cards:
        console.print()
        entry = "not in the ledger yet" if card.index is None else f"entry {card.index}"
        console.print(Text(card.name, style="bold").append(f"  {card.kind}, {card.digest[:12]}, {entry}", style="dim"))
        for name, text in (
            ("For", card.purpose),
            ("Decides", card.decides),
            ("Does not", card.does_not),
            ("Overseen by", card.oversight),
        ):
            _line(console, name, [text])
        _line(console, "Goes in", card.data_in)
        _line(console, "Known limits", card.limits)


def _head(console: Console, title: str, controller: schema.Controller) -> None:
    console.print(Text(title, style="bold"))
    said = [part for part in (controller.name, controller.contact) if part]
    if said:
        console.print(Text(f"Controller: {', '.join(said)}"))
    if controller.data_protection_officer:
        console.print(Text(f"Data protection officer: {controller.data_protection_officer}"))
    if controller.missing:
        words = ", ".join(name.replace("_", " ") for name in controller.missing)
        console.print(Text(f"Not said of the controller: {words}. It stands in the pack; --pack names one"))


def _table(
    console: Console, title: str, heads: Iterable[str], rows: Iterable[Iterable[str]], otherwise: str = ""
) -> None:
    table = Table(*heads, title=title, title_justify="left")
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    if table.row_count:
        console.print(table)
    elif otherwise:
        console.print(Text(otherwise))
    if table.row_count or otherwise:
        console.print()


def _line(console: Console, name: str, items: Iterable[str]) -> None:
    said = list(items)
    text = (" " if all(item.endswith(".") for item in said) else "; ").join(said)
    if text:
        console.print(Text(f"  {name}: ", style="dim").append(text, style="default"), soft_wrap=not console.is_terminal)


def _list(console: Console, title: str, items: Iterable[str]) -> None:
    lines = list(items)
    if lines:
        console.print(Text(title, style="bold"))
    for line in lines:
        console.print(Text(f"  {line}"), soft_wrap=not console.is_terminal)


def _what(use: schema.UseCount) -> str:
    return f"{use.dataset_title}: {', '.join(use.fields)}" if use.fields else use.dataset_title or "unknown data"


def _by(office: str, role: str) -> str:
    return ", ".join(part for part in (office, role) if part)


def _review(use: schema.BreakGlassUse) -> str:
    if use.reviewed is not None:
        return f"{_minute(use.reviewed)} {(use.verdict or '').replace('_', ' ')}".strip()
    return "overdue" if use.overdue else f"due {_minute(use.due)}"


def _spark(values: list[int]) -> str:
    """The newest values as bars, at most as many as a line takes."""
    shown = values[-60:]
    most = max(shown) or 1
    return "".join(_BARS[min(value * len(_BARS) // (most + 1), len(_BARS) - 1)] for value in shown)


def _minute(at: object) -> str:
    return f"{at:%Y-%m-%d %H:%M}"


def _day(at: object | None) -> str:
    return "" if at is None else f"{at:%Y-%m-%d}"
