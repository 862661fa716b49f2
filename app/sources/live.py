"""Cameras and network streams: read on a thread of their own, watched, and opened again when they are lost."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from app.address import without_password
from app.closing import ClosedAtExit
from app.errors import SourceError
from app.results import Frame
from app.sources.capture_reader import CaptureReader
from app.sources.devices import CameraDevice, CaptureDevice, CaptureMode
from app.sources.latest_frame import LatestFrame
from app.sources.stream_device import StreamDevice
from app.sources.watchdog import FrozenPictureWatch
from model.arrays import UInt8Array

_LOOK_EVERY_S = 0.05
_RELEASE_S = 1.0
_MOST_STUCK_READERS = 3
_CAMERA_REMEDY = "unplug it and plug it in again, or close other programs"
_STREAM_REMEDY = "check that its sender is running, and the network"


class LiveState(StrEnum):
    """Whether pictures come."""

    CONNECTED = "connected"
    WAITING = "lost, waiting"
    CLOSED = "closed"


@dataclass(frozen=True)
class LiveTiming:
    """How patient a live source is, in seconds.

    Attributes:
        first_frame_s: Longest wait for the first picture after opening.
        stall_s: Without a picture for so long, the device counts as lost and is opened anew.
        frozen_s: The same picture for so long counts as lost too; None where a still picture is nothing odd.
        first_pause_s: Wait before the first attempt to open again; doubled after each failure.
        longest_pause_s: What the wait grows to.
        give_up_s: A lost device is waited for so long before iteration raises; None for ever.
    """

    first_frame_s: float = 10.0
    stall_s: float = 5.0
    frozen_s: float | None = 5.0
    first_pause_s: float = 0.5
    longest_pause_s: float = 8.0
    give_up_s: float | None = 30.0


def open_camera(index: int, mode: CaptureMode | None = None, *, give_up_s: float | None = 30.0) -> "LiveSource":
    """Open a camera of this machine and wait for its first picture.

    Raises:
        SourceError: It does not open, or sends nothing.
    """
    timing = LiveTiming(give_up_s=give_up_s)
    return LiveSource(f"camera {index}", lambda: CameraDevice(index, mode), asked_mode=mode, timing=timing)


def open_stream(url: str, *, give_up_s: float | None = 30.0) -> "LiveSource":
    """Connect to a network stream and wait for its first picture.

    Raises:
        SourceError: It does not answer, or sends no video.
    """
    # A still scene over a network may repeat a picture bit by bit, while a lost connection repeats nothing.
    timing = LiveTiming(first_frame_s=20.0, stall_s=12.0, frozen_s=None, give_up_s=give_up_s)
    return LiveSource(without_password(url), lambda: StreamDevice(url), timing=timing, remedy=_STREAM_REMEDY)


class LiveSource(ClosedAtExit):
    """A camera or stream that is read without pause; whoever iterates gets the newest picture each time.

    Frame times are this machine's monotonic clock at the picture's arrival, from the first picture. A device that
    fails, goes silent or freezes is opened again, with growing pauses; meanwhile `state` says so and iteration waits. A
    read that never returns is left behind on its thread, and what it may bring later is ignored.

    Attributes:
        asked_mode: What was asked of the device; None for its default.
    """

    is_live = True
    continuous = True
    frame_count: int | None = None
    duration_s: float | None = None
    damaged_frames = 0

    def __init__(
        self,
        name: str,
        open_device: Callable[[], CaptureDevice],
        *,
        asked_mode: CaptureMode | None = None,
        timing: LiveTiming = LiveTiming(),
        remedy: str = _CAMERA_REMEDY,
    ) -> None:
        """Open the device and wait for its first picture.

        Args:
            name: What to call it in messages.
            open_device: Opens the device, or raises SourceError; called on the reading thread, for every attempt.
            asked_mode: What open_device asks for.
            timing: How patient to be.
            remedy: What to try where it opens but sends nothing.

        Raises:
            SourceError: It does not open, or sends nothing.
        """
        self.name = name
        self.asked_mode = asked_mode
        self._open_device = open_device
        self._timing = timing
        self._watch = FrozenPictureWatch(timing.frozen_s)
        self._newest = LatestFrame()
        self._closing = threading.Event()
        self._settled = threading.Event()  # the first picture is there, or the first attempt has failed
        self._lock = threading.Lock()  # guards what follows
        self._reader: CaptureReader | None = None
        self._first_error: SourceError | None = None
        self._size = (0, 0)
        self._mode: CaptureMode | None = None
        self._state = LiveState.WAITING
        self._started_s = 0.0
        self._arrived = 0
        self._supervisor = threading.Thread(target=self._supervise, name=f"{name} supervisor", daemon=True)
        self._supervisor.start()
        self._settled.wait(timing.first_frame_s)
        with self._lock:
            error, arrived = self._first_error, self._arrived
        if not arrived:
            self.close()
            raise error or SourceError(f"{name} opens but sends no picture; {remedy}")

    @property
    def size(self) -> tuple[int, int]:
        with self._lock:
            return self._size

    @property
    def fps(self) -> float | None:
        mode = self.mode
        return mode.fps if mode and mode.fps > 0 else None

    @property
    def mode(self) -> CaptureMode | None:
        """The mode that the device says it delivers."""
        with self._lock:
            return self._mode

    @property
    def state(self) -> LiveState:
        with self._lock:
            return self._state

    @property
    def dropped_frames(self) -> int:
        """How many pictures came and were replaced by newer ones before anybody took them."""
        return self._newest.dropped

    def read(self, timeout_s: float) -> Frame | None:
        """The newest frame not yet taken, waiting for one at most so long; None where none came."""
        return self._newest.take(timeout_s)

    def __iter__(self) -> Iterator[Frame]:
        waiting_since = time.monotonic()
        while not self._closing.is_set():
            frame = self.read(_LOOK_EVERY_S)
            if frame is not None:
                yield frame
                waiting_since = time.monotonic()
            elif self._timing.give_up_s is not None and time.monotonic() - waiting_since > self._timing.give_up_s:
                raise SourceError(
                    f"{self.name} has sent nothing for {self._timing.give_up_s:.0f} s; check its cable or the network "
                    "and start again"
                )

    def close(self) -> None:
        """Stop reading and let go of the device; a device stuck in a read is let go of when that returns."""
        self._closing.set()
        self._newest.close()
        self._supervisor.join()
        with self._lock:
            self._state = LiveState.CLOSED

    def _supervise(self) -> None:
        pause_s = self._timing.first_pause_s
        stuck: list[CaptureReader] = []
        while not self._closing.is_set():
            stuck = [reader for reader in stuck if reader.is_alive()]
            if len(stuck) < _MOST_STUCK_READERS:
                reader = CaptureReader(self._open_device, self._accept)
                with self._lock:
                    self._reader = reader
                reader.start()
                self._watch_over(reader)
                reader.abandoned.set()
                reader.join(_RELEASE_S)
                stuck.append(reader)
                self._lose(reader)
                if reader.pictures:
                    pause_s = self._timing.first_pause_s
            self._closing.wait(pause_s)
            pause_s = min(2.0 * pause_s, self._timing.longest_pause_s)

    def _watch_over(self, reader: CaptureReader) -> None:
        """Return once the reader has ended or its pictures stay away."""
        while not self._closing.is_set() and not reader.ended.wait(_LOOK_EVERY_S):
            patience_s = self._timing.stall_s if reader.pictures else self._timing.first_frame_s
            if time.monotonic() - reader.active_s > patience_s:
                return

    def _lose(self, reader: CaptureReader) -> None:
        with self._lock:
            self._reader = None
            self._state = LiveState.WAITING
            if self._first_error is None and not self._arrived:
                self._first_error = reader.error
        self._settled.set()

    def _accept(self, reader: CaptureReader, image: UInt8Array, mode: CaptureMode | None) -> bool:
        """Take a picture from a reader; False where the reader shall end."""
        now = time.perf_counter()  # time.monotonic goes by steps of 16 ms on Windows before Python 3.13
        with self._lock:
            if reader is not self._reader or self._closing.is_set():
                return False
            if self._arrived == 0:
                self._started_s = now
            self._mode = mode
            self._size = (image.shape[0], image.shape[1])
            self._state = LiveState.CONNECTED
            # Under the lock, so that a reader left behind cannot come in between with an older picture.
            self._newest.put(Frame(self._arrived, now - self._started_s, image))
            self._arrived += 1
            self._settled.set()
            return not self._watch.is_frozen(image, now)
