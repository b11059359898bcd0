"""The table of the status machine is whole."""

from tocsin.model.marks import Mark
from tocsin.situation.status import TABLE, Standing, Verdict


def test_every_cell_is_filled():
    assert set(TABLE) == set(Standing)
    assert all(list(row) == list(Mark) for row in TABLE.values())


def test_only_corrections_infer_and_every_correction_infers():
    for row in TABLE.values():
        for rule in row.values():
            assert bool(rule.infers) == (rule.verdict is Verdict.CORRECTS)


def test_a_dispatch_is_never_a_correction_of_its_own_call():
    assert {TABLE[s][Mark.DISPATCHED].verdict for s in Standing} <= {
        Verdict.FOLLOWS, Verdict.AGAIN, Verdict.REPEATED, Verdict.BACKWARDS,
    }  # fmt: skip


def test_leaving_is_possible_from_everywhere_on_a_call():
    on_call = [s for s in Standing if s not in (Standing.ABSENT, Standing.LEFT, Standing.LEFT_INFERRED)]
    assert {TABLE[s][Mark.AVAILABLE].verdict for s in on_call} == {Verdict.FOLLOWS}
