"""What every `Executor` must keep.

```python
from tocsin.conformance.executor import PROMISES

@pytest.mark.parametrize("promise", PROMISES, ids=lambda p: p.__name__)
def test_my_executor(promise, my_executor):
    promise(my_executor)
```

The functions that are run stand at the top of this module, so that they can be sent to other processes. Where shards
travel, arrays may arrive read-only: functions copy what they change.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from tocsin.conformance.promise import expect, expect_raises
from tocsin.errors import BadTown
from tocsin.ports import Executor

MANY: Final = 100


def _square(value: int) -> int:
    return value * value


def _sorted_copy(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.sort(values)


def _refuse_seven(value: int) -> int:
    if value == 7:
        raise BadTown(("seven: not taken",))
    return value


def answers_in_the_order_of_shards(executor: Executor) -> None:
    shards = list(range(MANY))
    expect(executor.map(_square, shards) == [i * i for i in shards], "one answer a shard, in their order")


def takes_none_and_one(executor: Executor) -> None:
    expect(executor.map(_square, []) == [], "no shard gives no answer")
    expect(executor.map(_square, [3]) == [9], "one shard gives one answer")


def takes_arrays(executor: Executor) -> None:
    drawn = [np.random.default_rng(i).random(1000) for i in range(8)]
    told = executor.map(_sorted_copy, [values.copy() for values in drawn])
    same = all(np.array_equal(one, np.sort(values)) for one, values in zip(told, drawn, strict=True))
    expect(same, "arrays come and go bit by bit as they are")


def passes_errors_on(executor: Executor) -> None:
    with expect_raises(BadTown, "an error of the function is raised as it is"):
        executor.map(_refuse_seven, list(range(10)))


def works_again_after_an_error(executor: Executor) -> None:
    with expect_raises(BadTown, "an error of the function is raised as it is"):
        executor.map(_refuse_seven, [7])
    expect(executor.map(_refuse_seven, [1, 2]) == [1, 2], "an error does not stop later work")


PROMISES: Final[tuple[Callable[[Executor], None], ...]] = (
    answers_in_the_order_of_shards,
    takes_none_and_one,
    takes_arrays,
    passes_errors_on,
    works_again_after_an_error,
)


def check_executor(executor: Executor) -> None:
    """Hold an executor to every promise. Raises: Broken at the first that it does not keep."""
    for promise in PROMISES:
        promise(executor)
