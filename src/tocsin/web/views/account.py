"""The public account, the record of processing and the impact sheet as the API says them."""

from __future__ import annotations

from tocsin.accounting.account import NOTE, Period, PublicAccount, Words
from tocsin.accounting.entries import Entry
from tocsin.accounting.impact import NOTE as IMPACT_NOTE
from tocsin.accounting.impact import Finding, Impact
from tocsin.accounting.processing import Activity, Category, Processing, duration_of
from tocsin.accounting.reading import text_of, texts_of, whole_of
from tocsin.accounting.tally import Broken, Gone, InUse, Left, Sum, UseKey
from tocsin.model.city import Controller
from tocsin.web import schema


def account_view(account: PublicAccount, city: str) -> schema.PublicAccount:
    """The whole account."""
    words = Words.of(account.access)
    log = account.log
    return schema.PublicAccount(
        at=account.at,
        city=city,
        note=NOTE,
        controller=controller_view(account.controller),
        log=schema.LogHead(
            origin=log.origin,
            size=log.size,
            root=log.root,
            checkpoint=log.checkpoint,
            witnesses=list(log.witnesses),
            pruned=account.pruned,
        ),
        policy=_policy(account),
        since=account.since,
        until=account.until,
        kinds=[schema.KindCount(kind=kind.value, entries=count) for kind, count in account.kinds],
        uses=[_use(words, key, sums) for key, sums in account.uses],
        days=[_period(one) for one in account.days],
        weeks=[_period(one) for one in account.weeks],
        break_glass=[_broken(one, account) for one in account.break_glass],
        break_glass_overdue=account.overdue,
        exports=[_left(one, account) for one in account.exports],
        budgets=[
            schema.BudgetSpent(
                dataset=dataset, epsilon=spent.epsilon, limit=spent.limit, releases=spent.releases, last=spent.last
            )
            for dataset, spent in account.budgets
        ],
        destroyed=[_gone(one) for one in account.destroyed],
        claim_codes=account.claim_codes,
    )


def controller_view(controller: Controller) -> schema.Controller:
    """Who answers for the data, with what is missing."""
    return schema.Controller(
        name=controller.name,
        contact=controller.contact,
        data_protection_officer=controller.data_protection_officer,
        missing=list(controller.missing),
    )


def _policy(account: PublicAccount) -> schema.PolicyHead:
    access, entry = account.access, account.policy
    since = entry.since if isinstance(entry, InUse) and entry.digest == access.digest else None
    return schema.PolicyHead(digest=access.digest, version=access.version, since=since, faults=list(access.faults))


def _use(words: Words, key: UseKey, sums: Sum) -> schema.UseCount:
    return schema.UseCount.model_validate(
        {
            "kind": key.kind.value,
            "dataset": key.dataset,
            "dataset_title": words.dataset(key.dataset),
            "fields": list(key.fields),
            "purpose": key.purpose,
            "purpose_title": words.purpose(key.purpose),
            "basis": key.basis,
            "office": key.office,
            "role": key.role,
            "role_title": words.role(key.role),
            "action": key.action,
            "uses": sums.uses,
            "rows": sums.rows,
            "first": sums.first,
            "last": sums.last,
        }
    )


def _period(one: Period) -> schema.PeriodCount:
    counts = one.counts
    return schema.PeriodCount(
        start=one.start,
        uses=counts.uses,
        rows=counts.rows,
        refusals=counts.refusals,
        break_glass=counts.break_glass,
        exports=counts.exports,
    )


def _broken(one: Broken, account: PublicAccount) -> schema.BreakGlassUse:
    return schema.BreakGlassUse(
        index=one.index,
        at=one.at,
        office=one.key.office,
        role=one.key.role,
        dataset=one.key.dataset,
        purpose=one.key.purpose,
        due=one.due,
        reviewed=one.reviewed,
        verdict=one.verdict,
        overdue=one.is_overdue(account.at),
    )


def _left(one: Left, account: PublicAccount) -> schema.ExportMade:
    return schema.ExportMade(
        index=one.index,
        at=one.at,
        dataset=one.key.dataset,
        purpose=one.key.purpose,
        office=one.key.office,
        recipient=one.key.recipient,
        expires=one.expires,
        expired=one.expires is not None and one.expires <= account.at,
        rows=one.rows,
    )


def _gone(one: Gone) -> schema.Destroyed:
    return schema.Destroyed.model_validate(
        {
            "index": one.index,
            "at": one.at,
            "kind": one.kind.value,
            "dataset": one.dataset,
            "rule": one.rule,
            "payloads": one.payloads,
            "digest": one.digest,
        }
    )


def use_line(entry: Entry) -> schema.UseLine:
    """One entry about a use."""
    body = entry.body
    return schema.UseLine.model_validate(
        {
            "index": entry.index,
            "at": entry.at,
            "kind": entry.kind.value,
            **{name: text_of(body, name) for name in _TEXTS},
            "fields": list(texts_of(body, "fields")),
            "policies": list(texts_of(body, "policies")),
            "rows": whole_of(body, "rows"),
        }
    )


_TEXTS = ("office", "role", "action", "dataset", "purpose", "basis", "decision", "policy_set")


def processing_view(record: Processing, city: str) -> schema.ProcessingRecord:
    """The record of processing."""
    access = record.access
    return schema.ProcessingRecord(
        at=record.at,
        city=city,
        controller=controller_view(record.controller),
        policy=schema.PolicyHead(digest=access.digest, version=access.version, since=None, faults=list(access.faults)),
        entries=[_activity(one) for one in record.activities],
        security=list(record.security),
        missing=list(record.missing),
    )


def _activity(one: Activity) -> schema.ProcessingEntry:
    purpose = one.purpose
    return schema.ProcessingEntry(
        purpose=purpose.id,
        title=purpose.title,
        iri=purpose.iri,
        broader=purpose.broader,
        bases=[*purpose.bases, *purpose.special],
        subjects=list(one.subjects),
        data=[_category(each) for each in one.data],
        roles=list(one.roles),
        recipients=list(one.recipients),
        received=[schema.Received(name=r.name, internal=r.internal, uses=r.uses, last=r.last) for r in one.received],
        transfers=list(one.transfers),
        erasure=list(one.erasure),
        uses=one.uses,
        last=one.last,
    )


def _category(one: Category) -> schema.DataCategory:
    return schema.DataCategory(
        dataset=one.dataset,
        dataset_title=one.dataset_title,
        field=one.field,
        title=one.title,
        sensitivity=one.sensitivity.value,
        why=one.why,
        retention=duration_of(one.retention),
    )


def impact_view(impact: Impact, city: str) -> schema.ImpactSheet:
    """The impact sheet."""
    record = processing_view(impact.description, city)
    return schema.ImpactSheet(
        at=impact.at,
        city=city,
        note=IMPACT_NOTE,
        controller=record.controller,
        policy=record.policy,
        description=record.entries,
        necessity=[_finding(one) for one in impact.necessity],
        risks=[_finding(one) for one in impact.risks],
        measures=[_finding(one) for one in impact.measures],
    )


def _finding(one: Finding) -> schema.ImpactFinding:
    return schema.ImpactFinding.model_validate(
        {
            "id": one.id,
            "question": one.question,
            "state": one.state.value,
            "figure": one.figure,
            "found": one.found,
            "measure": one.measure,
            "source": one.source,
        }
    )
