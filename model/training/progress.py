"""What a training run tells while it runs."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Progress:
    """Where a run is: images seen of all, images a second lately, seconds left at that pace, and the last losses.

    The losses are left on the device: reading one waits for the step to end.
    """

    images: int
    total: int
    phase: int
    images_per_second: float
    seconds_left: float
    losses: dict[str, Tensor]


@dataclass(frozen=True)
class Report:
    """Whom training tells what it does; every function may be called often."""

    on_step: Callable[[Progress], None]
    on_metrics: Callable[[dict[str, float]], None]
    on_decode: Callable[[str, int, int], None]


class Pace:
    """Images a second over the last steps."""

    _KEPT = 50

    def __init__(self, images: int) -> None:
        self._marks = [(time.monotonic(), images)]

    def progress(
        self, images: int, total: int, phase: int, losses: dict[str, Tensor], at_most: float = math.inf
    ) -> Progress:
        """Where a run is that the clock ends in `at_most` seconds, if its images do not."""
        self._marks = [*self._marks[-self._KEPT :], (time.monotonic(), images)]
        (then, fewer), (now, more) = self._marks[0], self._marks[-1]
        speed = (more - fewer) / max(now - then, 1e-9)
        left = min((total - images) / speed if speed > 0 else math.inf, at_most)
        return Progress(images, total, phase, speed, left, losses)
