"""Who may do what at which address: every operation with every role, each cell said."""

from __future__ import annotations

from datetime import UTC, datetime

from tocsin.accounting.access import RoleId
from tocsin.accounting.entries import AccountId
from tocsin.accounting.identity.principal import Means, Principal
from tocsin.accounting.policy import policy_of
from tocsin.adapters.packs.access import read_access
from tocsin.web.app import api_document
from tocsin.web.authorise import Authoriser, Cell, Gated, May, Own, Public
from tocsin.web.cells import CELLS, SCOPES

HEAD = """# Who may do what at which address

Made by `tools/write_reference.py` from `tocsin.web.cells` and Tocsin's base policy. Change either, then run
`make reference`. A pack's own `access/` folder changes who may; `tocsin policy check PACK` says what then holds.

Every request is decided before its route runs. An address that is not in this table is refused to everybody. The
addresses of an exercise's desk, below `/api/exercises/{exercise}/`, are the operations that begin with `exercise.`.
Sealed fields are decided about once more, with their purpose and their basis, where they are opened.

"""
NOW = datetime(2030, 1, 1, tzinfo=UTC)
SIGNED_OUT = "signed out"


def askers() -> dict[str, Principal | None]:
    """Everybody who may ask: nobody, a person in each role, a token of each scope."""
    access = read_access(None)
    return {
        SIGNED_OUT: None,
        **{role: _person(role) for role in sorted(access.roles)},
        **{f"token:{scope}": _service(scope) for scope in sorted(SCOPES)},
        "token:none": _service(),
    }


def _person(role: RoleId) -> Principal:
    return Principal(AccountId(f"a-{role}"), role, frozenset({role}), "Office", Means.PASSWORD)


def _service(*scopes: str) -> Principal:
    feed = RoleId("feed")
    return Principal(AccountId("s-feed"), feed, frozenset({feed}), "Office", Means.TOKEN, frozenset(scopes))


def matrix() -> dict[str, dict[str, str]]:
    """Operation to who asks to `public`, `allowed`, `refused`, or `gate`: the gate decides, is told more than the role,
    and writes down what it refuses."""
    authoriser = Authoriser(policy_of(read_access(None)), CELLS, SCOPES)
    everybody = askers()
    return {
        operation: {name: _said(authoriser, operation, who) for name, who in everybody.items()} for operation in CELLS
    }


def _said(authoriser: Authoriser, operation: str, who: Principal | None) -> str:
    if isinstance(CELLS[operation], Public):
        return "public"
    if authoriser.find_refusal(operation, who, NOW) is not None:
        return "refused"
    return "gate" if isinstance(CELLS[operation], Gated) else "allowed"


def table() -> str:
    """The matrix with tabs between: a line an operation, a column everybody who may ask."""
    names = list(askers())
    lines = ["\t".join(["operation", *names])]
    lines += ["\t".join([operation, *(row[name] for name in names)]) for operation, row in matrix().items()]
    return "\n".join(lines) + "\n"


def written() -> str:
    """The page as the file holds it."""
    addresses = {
        operation["operationId"]: f"`{method.upper()} {path}`"
        for path, item in api_document()["paths"].items()
        for method, operation in item.items()
    }
    rows = [
        f"| `{name}` | {addresses.get(name, '')} | {_wants(CELLS[name])} | {_who(row)} |\n"
        for name, row in matrix().items()
    ]
    head = "| operation | address | wants | who may |\n| --- | --- | --- | --- |\n"
    scopes = [f"| `{scope}` | {', '.join(f'`{name}`' for name in sorted(held))} |\n" for scope, held in SCOPES.items()]
    said = "\n## Scopes of tokens\n\nA service account's role must be allowed as well.\n\n| scope | operations |\n"
    every = "\nEvery cell by itself is in `authorisation.tsv`, beside this page.\n"
    return "".join([HEAD, head, *rows, said, "| --- | --- |\n", *scopes, every])


def _wants(cell: Cell) -> str:
    match cell:
        case Public():
            return f"nothing. {cell.why}"
        case Own():
            return f"a session. {cell.why}"
        case Gated():
            return f"a session. {cell.why}"
        case May():
            return f"{cell.action.value}: {', '.join(cell.datasets)}"


def _who(row: dict[str, str]) -> str:
    if row[SIGNED_OUT] == "public":
        return "everybody"
    people = {name: said for name, said in row.items() if name != SIGNED_OUT and not name.startswith("token:")}
    if all(said == "allowed" for said in people.values()):
        return "everybody who is signed in"
    if "gate" in people.values():
        return "as the gate decides"
    return ", ".join(name for name, said in people.items() if said == "allowed") or "nobody"
