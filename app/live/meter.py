"""Rates and delays over the last moments, counted from several threads."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

WINDOW_S = 2.0


class RateMeter:
    """Events per second over the last two seconds."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=1000)
        self._lock = threading.Lock()

    def count(self) -> None:
        with self._lock:
            self._times.append(self._clock())

    def reset(self) -> None:
        with self._lock:
            self._times.clear()

    def rate(self) -> float:
        """Events per second; 0 where fewer than two happened lately."""
        now = self._clock()
        with self._lock:
            while self._times and now - self._times[0] > WINDOW_S:
                self._times.popleft()
            if len(self._times) < 2:
                return 0.0
            # Up to now while the next event is overdue, so that a source that stalls does not keep its last rate.
            intervals = len(self._times) - 1
            mean = (self._times[-1] - self._times[0]) / intervals
            overdue = max(now - self._times[-1] - mean, 0.0)
            return intervals / (self._times[-1] - self._times[0] + overdue) if mean > 0 else 0.0


class DelayMeter:
    """The mean of delays measured over the last two seconds."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._delays: deque[tuple[float, float]] = deque(maxlen=1000)
        self._lock = threading.Lock()

    def add(self, delay_s: float) -> None:
        with self._lock:
            self._delays.append((self._clock(), delay_s))

    def reset(self) -> None:
        with self._lock:
            self._delays.clear()

    def mean_s(self) -> float | None:
        """Mean in seconds; None where nothing was measured lately."""
        now = self._clock()
        with self._lock:
            while self._delays and now - self._delays[0][0] > WINDOW_S:
                self._delays.popleft()
            return sum(delay for _, delay in self._delays) / len(self._delays) if self._delays else None


class LiveRates:
    """All that is counted of one source."""

    def __init__(self) -> None:
        self.display, self.capture, self.inference = RateMeter(), RateMeter(), RateMeter()
        self.latency = DelayMeter()

    def reset(self) -> None:
        for meter in (self.display, self.capture, self.inference, self.latency):
            meter.reset()


@dataclass(frozen=True)
class Figures:
    """How fast things go.

    Attributes:
        display_fps: Pictures drawn per second.
        capture_fps: Frames per second that the source gives.
        inference_fps: Frames per second that the networks have seen.
        latency_s: From a frame's arrival to its drawing; None where nothing was drawn lately.
        dropped: Frames of this source that a newer one replaced before the networks were free.
        persons: People in the newest picture.
    """

    display_fps: float
    capture_fps: float
    inference_fps: float
    latency_s: float | None
    dropped: int
    persons: int
