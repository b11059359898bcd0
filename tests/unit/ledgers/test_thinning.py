"""Old checkpoints are thinned: one an hour, those of the last day all."""

from __future__ import annotations

from tocsin.adapters.ledgers.thinning import HOUR_S, Published, list_superfluous, thins_before

DAY_S = 24 * HOUR_S


def test_the_last_day_stays_and_the_hour_that_is_not_over() -> None:
    last_at_s = 10 * DAY_S + 1_800
    assert thins_before(last_at_s) == 9 * DAY_S
    published = [Published(n + 1, 9 * DAY_S + n * 60, 0) for n in range(1_470)]
    assert list_superfluous(published, last_at_s) == []


def test_of_each_earlier_hour_the_first_stays() -> None:
    published = [Published(n + 1, n * 600, 0) for n in range(18)]
    gone = list_superfluous(published, 3 * HOUR_S + DAY_S)
    assert [one.size for one in published if one.size not in gone] == [1, 7, 13]


def test_the_one_that_most_witnesses_cosigned_stays_and_the_first_of_these() -> None:
    published = [Published(size, size * 60, cosigned) for size, cosigned in enumerate((0, 1, 0, 2, 2, 1))]
    assert sorted(list_superfluous(published, 2 * DAY_S)) == [0, 1, 2, 4, 5]


def test_thinning_again_takes_nothing_more() -> None:
    published = [Published(n + 1, n * 700, n % 3) for n in range(400)]
    gone = set(list_superfluous(published, 400 * 700))
    kept = [one for one in published if one.size not in gone]
    assert gone
    assert list_superfluous(kept, 400 * 700) == []
