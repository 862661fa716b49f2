"""The pace at which a file's frames are sent on."""

import threading
import time
from collections.abc import Callable


class Pace:
    """Holds back frames that come sooner than whoever watches should see them.

    A frame that comes late moves all that follow: nothing is hurried to catch up.

    Args:
        clock: Seconds that go on.
        sleep: Waits so many seconds; None for what `end` cuts short.
    """

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, sleep: Callable[[float], object] | None = None
    ) -> None:
        self._clock = clock
        self._over = threading.Event()
        self._sleep = sleep or self._over.wait
        self._start: float | None = None

    def wait_for(self, time_s: float) -> None:
        """Return when the source's time has come; at once for its first frame, and after the end."""
        if self._over.is_set():
            return
        now = self._clock()
        if self._start is None or now >= self._start + time_s:
            self._start = now - time_s
        else:
            self._sleep(self._start + time_s - now)

    def end(self) -> None:
        """Hold back nothing any more; from any thread."""
        self._over.set()
