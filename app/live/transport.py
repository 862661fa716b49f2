"""Play, pause, step, seek, speed and loop: the clock by which a file is shown."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

SPEEDS = (0.25, 0.5, 1.0, 1.5, 2.0)
_MOST_LAG_S = 0.25  # later than this, the clock is put back instead of frames being hurried through
_BACK = 1.25  # frame intervals to look back for the frame before at first; frame times jitter
_MOST_BACK = 4  # steps back that may wait: a key that is held down sends more than a slow file can show
_USUAL_INTERVAL_S = 1 / 25


@dataclass(frozen=True)
class Playback:
    """Where a file stands.

    Attributes:
        position_s: Time of the frame shown last; after a seek the time that was sought, until its frame is shown.
        playing: Whether more follow by themselves.
        speed: Factor on the file's own pace.
        loop: Whether it begins anew at its end.
        at_end: Whether its last frame is held.
    """

    position_s: float = 0.0
    playing: bool = True
    speed: float = 1.0
    loop: bool = True
    at_end: bool = False


class Start(NamedTuple):
    """Where to read on from.

    Attributes:
        time_s: A time in the file; the first frame at or after it is wanted.
        look_back_s: Where the last frame before that time is wanted instead, how far back it is looked for at first.
    """

    time_s: float
    look_back_s: float | None = None


class Transport:
    """Shared by the window, which gives commands, and the reader, which obeys; no call of the window waits."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._playing = True
        self._speed = 1.0
        self._loop = True
        self._at_end = False
        self._position_s = 0.0
        self._interval_s = _USUAL_INTERVAL_S
        self._target_s: float | None = None
        self._sought_s: float | None = None  # and no frame from there has been shown yet
        self._steps = 0  # frames to show whether or not their time has come
        self._steps_back = 0  # to make from the frame that is shown then
        self._anchor: tuple[float, float] | None = None  # wall and media time that belong together
        self._from_s = 0.0
        self._shown = 0

    def playback(self) -> Playback:
        with self._changed:
            return Playback(self._place_s(), self._playing, self._speed, self._loop, self._at_end)

    # The window's side.

    def play(self) -> None:
        """Go on; from the beginning where the end was reached."""
        with self._changed:
            if self._at_end:
                self._rewind()
            self._playing = True
            self._anchor = None
            self._changed.notify_all()

    def pause(self) -> None:
        with self._changed:
            self._playing = False
            self._changed.notify_all()

    def step(self, frames: int) -> None:
        """Pause, and show the next frame or, with -1, the one before."""
        with self._changed:
            self._playing = False
            if frames > 0:
                self._steps = int(self._target_s is not None or not self._at_end)
            else:
                self._steps_back = min(self._steps_back + 1, _MOST_BACK)
                self._steps = min(self._steps, int(not self._shown))  # a place's first frame is shown all the same
            self._changed.notify_all()

    def seek(self, time_s: float) -> None:
        """Show the first frame at or after a time; goes on playing if it was."""
        with self._changed:
            self._target_s = self._sought_s = max(time_s, 0.0)
            self._steps = self._steps_back = 0
            self._changed.notify_all()

    def set_speed(self, speed: float) -> None:
        with self._changed:
            self._speed = speed
            self._anchor = None
            self._changed.notify_all()

    def set_loop(self, loop: bool) -> None:
        with self._changed:
            self._loop = loop
            if loop and self._at_end:
                self._rewind()
                self._playing = True
            self._changed.notify_all()

    def wake(self) -> None:
        """Let the reader look whether it is to stop."""
        with self._changed:
            self._changed.notify_all()

    # The reader's side.

    def expect(self, interval_s: float) -> None:
        """Frames are to come at this interval; what they tell themselves takes its place."""
        with self._changed:
            self._interval_s = interval_s

    def begin(self, from_s: float) -> None:
        """Frames follow from another place; the first is shown at once, playing or not."""
        with self._changed:
            self._from_s = from_s
            self._anchor = None
            self._at_end = False
            self._steps += 1  # beside a step that was made since this place was sought
            self._shown = 0

    def wait_until_due(self, time_s: float, stopped: threading.Event) -> bool:
        """Wait until a frame's time has come; False where another place is wanted, or the end."""
        with self._changed:
            while True:
                if stopped.is_set() or self._target_s is not None:
                    return False
                if self._steps:
                    self._steps -= 1
                    self._anchor = None
                    return True
                if self._steps_back:
                    return False
                if not self._playing:
                    self._anchor = None
                    self._changed.wait()
                    continue
                now = self._clock()
                if self._anchor is None:
                    self._anchor = (now + self._interval_s / self._speed if self._shown else now, time_s)
                wall_s, media_s = self._anchor
                early_s = wall_s + (time_s - media_s) / self._speed - now
                if early_s <= 0:
                    if early_s < -_MOST_LAG_S:
                        self._anchor = (now, time_s)
                    return True
                self._changed.wait(early_s)

    def gives_up(self, stopped: threading.Event) -> bool:
        """Whether a frame that is looked for is no longer wanted: another place is, or the reader is to stop."""
        with self._changed:
            return stopped.is_set() or self._target_s is not None

    def shown(self, time_s: float) -> None:
        """A frame was handed on."""
        with self._changed:
            if self._shown and time_s > self._position_s:
                self._interval_s = time_s - self._position_s
            self._position_s = time_s
            self._shown += 1
            if self._target_s is None:  # else this frame was on its way when another place was sought
                self._sought_s = None

    def wait_at_end(self, stopped: threading.Event) -> None:
        """All frames were shown: begin anew in a loop, else hold the last one until a command comes."""
        with self._changed:
            if self._target_s is not None:
                return
            self._sought_s = None
            if self._steps_back:
                self._steps = 0
                return
            # A single picture is no loop; nor is it one that has no frame at all.
            if self._shown > 1 or self._from_s > 0:
                # The last frame has its time too.
                self._changed.wait_for(
                    lambda: stopped.is_set() or self._is_wanted_elsewhere() or not (self._loop and self._playing),
                    self._interval_s / self._speed,
                )
                if not self._is_wanted_elsewhere() and self._loop and self._playing:
                    self._target_s = 0.0
                if self._is_wanted_elsewhere():
                    return
            self._at_end = True
            self._playing = False
            self._steps = 0
            self._changed.wait_for(lambda: stopped.is_set() or self._is_wanted_elsewhere())

    def next_start(self) -> Start:
        """Where to read on from: a place that was sought comes before the steps back that were made from it."""
        with self._changed:
            if self._target_s is None and self._steps_back:
                self._steps_back -= 1
                return Start(self._position_s, _BACK * self._interval_s)
            target_s, self._target_s = self._target_s, None
            return Start(0.0 if target_s is None else target_s)

    def _rewind(self) -> None:
        self._target_s = 0.0
        self._steps_back = 0

    def _is_wanted_elsewhere(self) -> bool:
        return self._target_s is not None or self._steps_back > 0

    def _place_s(self) -> float:
        return self._position_s if self._sought_s is None else self._sought_s
