"""Timing things that take turns, so that whatever else the machine does falls on all of them alike."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

_WARM_UP_ROUNDS = 3
_FEWEST_ROUNDS = 5


@dataclass(frozen=True)
class Timing:
    """Milliseconds of one thing over many rounds."""

    median_ms: float
    p95_ms: float

    @property
    def fps(self) -> float:
        """Rounds a second at the median."""
        return 1000 / self.median_ms


def summarise(milliseconds: list[float]) -> Timing:
    """Median and 95th percentile of at least one measurement."""
    return Timing(float(np.median(milliseconds)), float(np.percentile(milliseconds, 95)))


def whole_seconds(elapsed: float, seconds: float) -> tuple[int, int]:
    """How many seconds have gone, of how many, for a bar: at least one in all, and all at the end."""
    total = max(1, round(seconds))
    return (total if elapsed >= seconds else min(int(elapsed), total)), total


def time_in_turn(
    subjects: Mapping[str, Callable[[], object]], seconds: float, progress: Callable[[int, int], None]
) -> dict[str, Timing]:
    """Run each subject once a round until the time is up.

    Args:
        subjects: What to run, by name.
        seconds: For all of them together; five rounds are run in any case.
        progress: Told how many seconds have gone, of how many.
    """
    for _ in range(_WARM_UP_ROUNDS):
        for run in subjects.values():
            run()
    taken: dict[str, list[float]] = {name: [] for name in subjects}
    begin = time.perf_counter()
    rounds = 0
    while rounds < _FEWEST_ROUNDS or time.perf_counter() - begin < seconds:
        for name, run in subjects.items():
            start = time.perf_counter()
            run()
            taken[name].append(1000 * (time.perf_counter() - start))
        rounds += 1
        progress(*whole_seconds(time.perf_counter() - begin, seconds))
    return {name: summarise(milliseconds) for name, milliseconds in taken.items()}
