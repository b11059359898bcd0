"""The page of errors: the tree of exceptions, the API's problem types, why reports are set aside."""

from __future__ import annotations

import re

from tools.reference.reading import classes_of

import tocsin.errors
from tocsin.response.codes import QUARANTINED, REFUSED
from tocsin.web.problem_types import PROBLEM_TYPES
from tocsin.web.refused_uses import REFUSED_USES

HEAD = """# Errors

Made by `tools/write_reference.py` from `tocsin.errors`, `tocsin.web.problem_types` and `tocsin.response.codes`. Change
the code, then run `make reference`.

What can be expected in a day's work is a value, not an error: a run card that cannot be filled, a report that is set
aside. What a command line cannot do ends it with status 2 and one sentence on standard error.

## The tree

Every exception that Tocsin raises on purpose. `str(error)` says what is wrong and what to do.

"""
PROBLEMS = """
## Problem types of the API

Every error answer of the API is a problem detail (RFC 9457), `application/problem+json`:

| key | is |
| --- | --- |
| `type` | `urn:tocsin:problem:` and the name below |
| `title`, `status` | the HTTP status, in words and as a number |
| `detail` | what is wrong |
| `where` | the place in the input, where there is one |
| `do` | what the caller can do |
| `instance` | the address that was asked |

| type | status | meaning |
| --- | --- | --- |
"""
ASIDE = """
## Why a report is set aside

A report that cannot be true is kept with its bytes, marked, counted and not applied (`ReportQuarantined`). A single
report gets 422 and the code as problem type; in a batch it is named among the `faults`.

| code | why |
| --- | --- |
"""
NOTHING = """
## Why a command changes nothing

The refusal is an event of its own (`CommandRefused`). A repeated report is answered with 200 and the outcome `repeat`;
an order on an alarm with 409 and the code as problem type.

| code | why |
| --- | --- |
"""


REFUSED_BY_GATE = """
## Why nothing was opened, and nothing left

Refusals of the gate, of reviews and of exports. Each is written into the ledger too, where that can keep it: the
problem's `entry` says where, and `decision` which policy refused.

| type | status | why |
| --- | --- | --- |
"""


def written() -> str:
    """The page as the file holds it."""
    tree = re.search(r"```\n.*?```\n", tocsin.errors.__doc__ or "", re.DOTALL)
    assert tree is not None, "errors.py has lost its tree"  # noqa: S101
    parts = [HEAD, tree[0].replace("```\n", "```text\n", 1), *_classes(), PROBLEMS]
    for name, problem in PROBLEM_TYPES.items():
        statuses = ", ".join(map(str, problem.statuses)) or "any"
        parts.append(f"| `{name}` | {statuses} | {problem.meaning} |\n")
    parts.append(REFUSED_BY_GATE)
    for code, problem in REFUSED_USES.items():
        (status,) = problem.statuses
        parts.append(f"| `{code}` | {status} | {problem.meaning} |\n")
    parts += [ASIDE, *(f"| `{code}` | {why} |\n" for code, why in QUARANTINED.items())]
    parts += [NOTHING, *(f"| `{code}` | {why} |\n" for code, why in REFUSED.items())]
    return "".join(parts)


def _classes() -> list[str]:
    parts = []
    for told in classes_of(tocsin.errors).values():
        text, _, arguments = told.meaning.partition("\n\nArgs:\n")
        carries = [line.split(":")[0].strip() for line in arguments.splitlines() if re.match(r" {4}\w+:", line)]
        more = f" Carries {', '.join(f'`{name}`' for name in carries)}." if carries else ""
        parts.append(f"\n### {told.name}\n\n{' '.join(text.split())}{more} A kind of `{told.bases[0]}`.\n")
    return parts
