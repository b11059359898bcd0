"""Refusals of the gate as problems: every code with its status and its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tocsin.accounting.access import Decision
from tocsin.accounting.uses import Refusal, RefusalCode
from tocsin.web import schema
from tocsin.web.problem_types import ProblemType
from tocsin.web.problems import ProblemError

REFUSED_USES: Final[Mapping[RefusalCode, ProblemType]] = {
    RefusalCode.UNKNOWN_DATASET: ProblemType((422,), "There is no such dataset, or nothing of it is sealed."),
    RefusalCode.UNKNOWN_FIELD: ProblemType((422,), "The dataset has no such field."),
    RefusalCode.NO_FIELDS: ProblemType((422,), "No field is named."),
    RefusalCode.NOT_SEALED: ProblemType((422,), "The field is not sealed: it is read where it is shown."),
    RefusalCode.NO_SCOPE: ProblemType((422,), "No call is named."),
    RefusalCode.SCOPE_TOO_LARGE: ProblemType((422,), "More than 10,000 calls are named."),
    RefusalCode.UNKNOWN_SCOPE: ProblemType((404,), "A call or an entry of the scope does not exist."),
    RefusalCode.PURPOSE_MISSING: ProblemType((422,), "No purpose is stated, or no basis."),
    RefusalCode.UNKNOWN_PURPOSE: ProblemType((422,), "Nobody declared the purpose."),
    RefusalCode.BASIS_NOT_OF_PURPOSE: ProblemType((422,), "The purpose may not rest on this basis."),
    RefusalCode.TASK_OVER: ProblemType((409,), "The task has ended, or is none of this session's."),
    RefusalCode.REASON_MISSING: ProblemType((422,), "Breaking the glass, and dismissing an alarm, want a reason."),
    RefusalCode.SECOND_MISSING: ProblemType((422,), "Breaking the glass names who is to look at it."),
    RefusalCode.SECOND_UNKNOWN: ProblemType((422,), "No role that reviews uses, and no account, is called so."),
    RefusalCode.SECOND_SELF: ProblemType((422,), "Whoever breaks the glass cannot be the one who looks at it."),
    RefusalCode.EXERCISE: ProblemType((409,), "Nothing sealed is opened for an exercise."),
    RefusalCode.ROLE_NOT_HELD: ProblemType((403,), "The account does not hold the role, or does no more."),
    RefusalCode.NOT_ALLOWED: ProblemType((403,), "A policy refused, or none allowed it; `decision` says which."),
    RefusalCode.POLICY_ERROR: ProblemType((503,), "The rules could not be evaluated, so nothing is opened."),
    RefusalCode.LEDGER_FULL: ProblemType((507,), "The disk under the ledger is full, so nothing was opened."),
    RefusalCode.LEDGER_DAMAGED: ProblemType((503,), "The ledger is damaged, so nothing was opened."),
    RefusalCode.CLOCK_SET_BACK: ProblemType((503,), "The machine's clock was set back, so nothing was opened."),
    RefusalCode.LEDGER_CLOSED: ProblemType((503,), "The ledger takes nothing now, so nothing was opened."),
    RefusalCode.BAD_ENTRY: ProblemType((422,), "The ledger cannot hold what would have to be said of it."),
    RefusalCode.FORGED_RECEIPT: ProblemType((503,), "The ledger's receipt is not of this use; nothing was opened."),
    RefusalCode.LOG_FAILED: ProblemType((503,), "What was sealed is not what the log committed to."),
    RefusalCode.STEP_NOT_POSSIBLE: ProblemType((409,), "The export stands where this cannot be done."),
    RefusalCode.OWN_REQUEST: ProblemType((403,), "Nobody approves or reviews what is their own."),
    RefusalCode.VOTED: ProblemType((409,), "This person or this role agreed already; another one is wanted."),
    RefusalCode.EXPIRED: ProblemType((409,), "The export has expired."),
    RefusalCode.BAD_EXPIRY: ProblemType((422,), "The export would expire in the past, or too late."),
    RefusalCode.UNKNOWN_EXPORT: ProblemType((422,), "Nothing that can leave is called so."),
    RefusalCode.BAD_OPTIONS: ProblemType((422,), "The options of the export cannot be."),
    RefusalCode.REVIEWED: ProblemType((409,), "Somebody reviewed it already."),
    RefusalCode.NOT_RELEASED: ProblemType((409,), "There is no file: not yet, or no more."),
}
"""By code; the code is the last part of the problem's `type`."""


def problem_of(refusal: Refusal) -> ProblemError:
    """The problem that stands for a refusal, with where the ledger keeps it and what decided."""
    (status,) = REFUSED_USES[refusal.code].statuses
    return ProblemError(
        status,
        refusal.code.value,
        refusal.what,
        where=refusal.where,
        do=refusal.do,
        entry=None if refusal.receipt is None else refusal.receipt.index,
        decision=None if refusal.decision is None else decision_view(refusal.decision),
    )


def decision_view(decision: Decision) -> schema.PolicyDecision:
    """What decided, for people."""
    return schema.PolicyDecision(
        allowed=decision.allowed,
        policies=list(decision.policies),
        policy_set=decision.policy_set,
        why=decision.why,
    )
