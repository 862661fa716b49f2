"""The capture thread: opens a source and hands its frames on, a live one as they come, a file at its own pace."""

import math
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from typing import NamedTuple, Protocol, runtime_checkable

from app.live.news import (
    Failure,
    News,
    PictureLeftOut,
    SourceBack,
    SourceDark,
    SourceFailed,
    SourceKind,
    SourceLost,
    SourceOpened,
    SourceOpening,
    Tell,
)
from app.live.transport import Start, Transport
from app.results import Frame
from app.sources import Source
from model.arrays import UInt8Array

_RELEASE_S = 5.0  # for a device that is opened anew
PICTURE_S = 2.0  # how long a picture of a folder is shown
LOST_AFTER_S = 2.0  # without a frame from a live source
DARK_AFTER_S = 2.0  # of black from a camera
_FURTHER = 4  # times as far back the frame before is looked for where it was not found
_SAME_S = 1e-6  # by which times of one frame may differ, for they are rounded
_BLACK = 40  # the brightest of a covered lens's noise stays below


@dataclass(frozen=True, eq=False)
class Arrival:
    """A frame on its way.

    Attributes:
        frame: The frame.
        captured_at: When it arrived, by time.perf_counter.
        source: Number of the opened source, rising with each.
        continuous: Whether it follows the one before in time; pictures of a folder do not.
        run: Rises where a file is begun anew: in a loop, and after a seek.
    """

    frame: Frame
    captured_at: float
    source: int
    continuous: bool
    run: int


class Opened(NamedTuple):
    """A source that has been opened.

    Attributes:
        spec: As the user would name it.
        source: The source.
        refused: Why a camera that was sought did not open, where another source stands in for it.
    """

    spec: str
    source: Source
    refused: Exception | None = None


Opener = Callable[[], Opened]


@runtime_checkable
class SeekableSource(Protocol):
    """A file that can be read from its middle."""

    def frames_from(self, time_s: float) -> Iterator[Frame]: ...


@runtime_checkable
class NumberedSource(Protocol):
    """Pictures that can be read from any one on; `errors` tells of those that could not be."""

    errors: list[str]

    def frames_from_number(self, first: int) -> Iterator[Frame]: ...


class Reader(threading.Thread):
    """Reads one source until it is stopped or ends.

    Args:
        number: Of the source; frames carry it.
        spec: As the user named it, for news.
        opener: Opens it; called on this thread, for opening may take seconds.
        deliver: Takes every frame; must not wait.
        tell: Takes the news.
    """

    def __init__(self, number: int, spec: str, opener: Opener, deliver: Callable[[Arrival], None], tell: Tell) -> None:
        super().__init__(name=f"reader {number}", daemon=True)
        self.number = number
        self.spec = spec
        self.transport = Transport()
        self._opener = opener
        self._deliver = deliver
        self._tell_all = tell
        self._telling = threading.Lock()
        self._stopped = threading.Event()
        self._source: Source | None = None
        self._former: Sequence[Reader] = ()
        self._run = 0
        self._left_out: set[str] = set()
        self._last_arrival = time.perf_counter()
        self._lost = False
        self._dark = False
        self._last_light = time.perf_counter()

    def start_after(self, former: "Sequence[Reader]") -> None:
        """Wait, on this thread and within bounds, for other readers to let go of the device that all read."""
        self._former = former

    def stop(self) -> None:
        """End soon; does not wait. A device that blocks is left to its thread, which says and delivers nothing more."""
        with self._telling:
            if self._stopped.is_set():
                return
            self._stopped.set()
        self.transport.wake()
        source = self._source
        if source is not None and source.is_live:
            # A device may take its time to close: not at the cost of whoever calls.
            threading.Thread(target=source.close, name=f"closing {self.number}", daemon=True).start()

    def run(self) -> None:
        self._tell(SourceOpening(self.spec))
        patience_ends = time.perf_counter() + _RELEASE_S
        for former in self._former:
            former.join(max(patience_ends - time.perf_counter(), 0.0))
        self._former = ()
        if self._stopped.is_set():
            return  # before a device is opened that nobody waits for any more
        try:
            opened = self._opener()
            with opened.source as source:
                self._source = source
                if self._stopped.is_set():
                    return
                self._tell(_told(opened))
                self._last_arrival = self._last_light = time.perf_counter()
                if source.is_live:
                    self._read_live(source)
                else:
                    self._play(source)
        except Exception as error:  # whatever a device or decoder throws is told; the window goes on
            self._tell(SourceFailed(self.spec, Failure.of(error)))

    def watch(self) -> None:
        """Tell once when a live source has fallen silent; to be called from time to time."""
        source = self._source
        silent = time.perf_counter() - self._last_arrival > LOST_AFTER_S
        if source is not None and source.is_live and self.is_alive() and silent and not self._lost:
            self._lost = True
            self._tell(SourceLost(source.name))

    def _read_live(self, source: Source) -> None:
        for frame in source:
            if self._stopped.is_set():
                return
            self._send(source, frame)
            if self._lost:
                self._lost = self._dark = False
                self._last_light = self._last_arrival
                self._tell(SourceBack(source.name))
            if not is_stream(self.spec):
                self._note_light(source, frame.image)

    def _note_light(self, source: Source, image: UInt8Array) -> None:
        if int(image[::16, ::16].max()) >= _BLACK:
            self._last_light = self._last_arrival
            if self._dark:
                self._dark = False
                self._tell(SourceBack(source.name))
        elif not self._dark and self._last_arrival - self._last_light > DARK_AFTER_S:
            self._dark = True
            self._tell(SourceDark(source.name))

    def _play(self, source: Source) -> None:
        start = Start(0.0)
        if not source.continuous:
            self.transport.expect(PICTURE_S)
        elif source.fps:
            self.transport.expect(1 / source.fps)
        while not self._stopped.is_set():
            self._run += 1
            with closing(self._frames_of(source, start)) as frames:
                self.transport.begin(start.time_s)
                for frame in frames:
                    if not self.transport.wait_until_due(frame.time_s, self._stopped):
                        break
                    self._send(source, frame)
                    self.transport.shown(frame.time_s)
                    self._note_left_out(source)
                else:
                    self._note_left_out(source)
                    self.transport.wait_at_end(self._stopped)
            start = self.transport.next_start()

    def _note_left_out(self, source: Source) -> None:
        """Tell once of each picture that could not be read."""
        for reason in source.errors if isinstance(source, NumberedSource) else ():
            if reason not in self._left_out:
                self._left_out.add(reason)
                self._tell(PictureLeftOut(reason))

    def _frames_of(self, source: Source, start: Start) -> Generator[Frame]:
        if start.look_back_s is None:
            return _frames_from(source, start.time_s)
        return _frames_before(source, start.time_s, start.look_back_s, lambda: self.transport.gives_up(self._stopped))

    def _send(self, source: Source, frame: Frame) -> None:
        self._last_arrival = time.perf_counter()
        self._deliver(Arrival(frame, self._last_arrival, self.number, source.continuous, self._run))

    def _tell(self, news: News) -> None:
        with self._telling:
            if not self._stopped.is_set():
                self._tell_all(news)


def is_stream(spec: str) -> bool:
    """Whether a live source as the user names it is a stream; else it is a camera."""
    return "://" in spec


def _told(opened: Opened) -> SourceOpened:
    spec, source, refused = opened
    live: SourceKind = "stream" if is_stream(spec) else "camera"
    still: SourceKind = "picture" if source.frame_count == 1 else "pictures"
    kind = live if source.is_live else "video" if source.continuous else still
    fps, duration_s = source.fps, source.duration_s
    if kind == "pictures":  # which are numbered at another rate than they are shown at
        fps, duration_s = 1 / PICTURE_S, (source.frame_count or 1) * PICTURE_S
    failure = None if refused is None else Failure.of(refused)
    return SourceOpened(spec, source.name, kind, source.size, fps, duration_s, failure)


def _frames_before(source: Source, time_s: float, look_back_s: float, gives_up: Callable[[], bool]) -> Generator[Frame]:
    """Frames of a file from the last one before a time on; from the first one where there is none before.

    Args:
        source: The file.
        time_s: Time of a frame.
        look_back_s: How far back to read from at first.
        gives_up: Asked with every frame that is passed over; ends the search.
    """
    while not gives_up():
        from_s = max(time_s - look_back_s, 0.0)
        look_back_s *= _FURTHER
        with closing(_frames_from(source, from_s)) as frames:
            before, here = _around(frames, time_s, gives_up)
            # Where the frame itself does not come, times read from here are not those that it was shown with.
            if from_s == 0 or (before is not None and here is not None):
                yield from (frame for frame in (before, here) if frame is not None)
                before = here = None  # not held while others are shown
                yield from frames
                return


def _around(frames: Iterator[Frame], time_s: float, gives_up: Callable[[], bool]) -> tuple[Frame | None, Frame | None]:
    """The last frame before a time and the first one from it on, as far as they come."""
    before = None
    for frame in frames:
        if frame.time_s >= time_s - _SAME_S:
            return before, frame
        if gives_up():
            break
        before = frame
    return before, None


def _frames_from(source: Source, position_s: float) -> Generator[Frame]:
    """Frames of a file from a time on; beyond the last one there is that one.

    Each picture of a folder has the time at which it is shown.
    """
    if isinstance(source, SeekableSource):
        yield from source.frames_from(position_s)
        return
    if isinstance(source, NumberedSource):
        yield from _pictures_from(source, min(math.ceil(position_s / PICTURE_S), (source.frame_count or 1) - 1))
        return
    before = None
    for frame in source:
        if frame.time_s >= position_s:
            before = None
            yield frame
        else:
            before = frame
    if before is not None:
        yield before


def _pictures_from(source: NumberedSource, first: int) -> Generator[Frame]:
    """Pictures from one on at the times at which they are shown; the last that can be read where none follows."""
    while first >= 0:
        frame = None
        for frame in source.frames_from_number(first):
            yield replace(frame, time_s=frame.index * PICTURE_S)
        if frame is not None:
            return
        first -= 1
