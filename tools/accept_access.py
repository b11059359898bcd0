"""Take the cells of the base rules as they now are: rewrites the golden files that the tests hold them against.

Run it after a change of `src/tocsin/access/` that is meant, and read the difference before it is committed.
"""

from __future__ import annotations

import json
from pathlib import Path

from tocsin.accounting.policy import CedarPolicy
from tocsin.accounting.policy.asking import entities_json
from tocsin.accounting.policy.cells import as_lines
from tocsin.accounting.policy.matrix import rows_of
from tocsin.adapters.packs import read_access

GOLDEN = Path(__file__).resolve().parent.parent / "tests" / "unit" / "accounting"


def main() -> None:
    access = read_access(None)
    cells = "\n".join(as_lines(rows_of(CedarPolicy(access)))) + "\n"
    (GOLDEN / "access-matrix.tsv").write_text(cells, encoding="utf-8")
    entities = json.dumps(json.loads(entities_json(access)), indent=1) + "\n"
    (GOLDEN / "cases" / "base.entities.json").write_text(entities, encoding="utf-8")


if __name__ == "__main__":
    main()
