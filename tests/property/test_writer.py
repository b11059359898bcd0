"""However commands are cut into groups, the log and the picture are the same; so is the fold from the log."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.log_city import call, forecast, make_city, mark
from tocsin.adapters.stores import MemoryLog
from tocsin.desk.writer import Writer, open_situation
from tocsin.geography.places import Places
from tocsin.model.marks import Mark
from tocsin.situation.fold import empty, fold
from tocsin.situation.snapshot import encode_situation

CITY = make_city()
PLACES = Places(CITY)

_SECONDS = st.integers(0, 100_000)
_NUMBERS = st.integers(0, 4)
_KINDS = st.sampled_from(["Fire", "Illness", "Else"])
_ITEMS = st.one_of(
    st.builds(
        lambda n, s, k: call(n, at_s=s, kind=k), _NUMBERS, _SECONDS, st.sampled_from(["Fire", "Illness", "Else"])
    ),
    st.builds(
        lambda n, u, m, s: mark(n, u, m, at_s=s, tag=f"-{s}"),
        _NUMBERS,
        st.sampled_from(["engine1", "engine2", "medic1", "nobody"]),
        st.sampled_from(Mark),
        _SECONDS,
    ),
    st.builds(lambda s: forecast(float(s)), _SECONDS),
)


@st.composite
def _cuts(draw: st.DrawFn) -> tuple[list, list[tuple[int, bool]]]:
    items = draw(st.lists(_ITEMS, max_size=25))
    if draw(st.booleans()):
        items.sort(key=lambda item: item[0])
    groups = draw(st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=len(items), max_size=len(items)))
    return items, groups


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(_cuts())
def test_groups_do_not_matter(case: tuple[list, list[tuple[int, bool]]]) -> None:
    items, groups = case
    one_by_one = Writer(MemoryLog(), CITY, PLACES, empty(CITY))
    outcomes = [one_by_one.write([item])[0] for item in items]
    log = MemoryLog()
    grouped = Writer(log, CITY, PLACES, empty(CITY))
    found, rest = [], list(items)
    for size, durable in groups:
        found += grouped.write(rest[:size], durable=durable)
        rest = rest[size:]
    grouped.flush()
    assert found == outcomes
    want = encode_situation(one_by_one.situation)
    assert encode_situation(grouped.situation) == want
    assert encode_situation(fold(empty(CITY), CITY, log.read())) == want
    assert encode_situation(open_situation(log, CITY)) == want
    assert [r.seq for r in log.read()] == list(range(1, log.head() + 1))
