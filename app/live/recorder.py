"""Recording the picture with its people and the keypoints, beside everything else."""

import queue
import threading
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.drawing import DrawingStyle, draw_result
from app.errors import SinkError
from app.live.header import header_of
from app.live.news import EngineInfo, Failure, LivePicture, RecordingEnded, RecordingStarted, SourceOpened, Tell
from app.results import Frame, FrameResult
from app.settings import Settings
from app.sinks import ImageSink, KeypointSink, open_image_sink, open_keypoint_sink
from app.sinks.angles_csv import AnglesCsvSink

_QUEUE = 60  # pictures; two seconds of a common camera
_QUEUE_BYTES = 256_000_000  # of pictures so far; fewer wait where they are large
_USUAL_STEP_S = 1 / 30


@dataclass(frozen=True)
class RecordingStatus:
    """How a recording goes.

    Attributes:
        elapsed_s: Since its start.
        size_bytes: Of its files so far.
        frames: Written so far.
        skipped: Pictures that came faster than they could be written.
    """

    elapsed_s: float
    size_bytes: int
    frames: int
    skipped: int


def recording_stem(now: datetime) -> str:
    """File name, without its ending, for something recorded at a time, to the millisecond."""
    return f"lite-hrnet-live {now:%Y-%m-%d %H.%M.%S}.{now.microsecond // 1000:03}"


class Recorder(threading.Thread):
    """Writes what it is offered until it is stopped; then its files are whole.

    Where other networks take over, it goes on in another set of files, for each names its networks and their joints.

    Args:
        folder: Where the files go; made if need be.
        source: What is recorded.
        settings: What to record and how to draw it.
        tell: Takes the news.
    """

    def __init__(self, folder: Path, source: SourceOpened, settings: Settings, tell: Tell) -> None:
        super().__init__(name="recorder", daemon=True)
        self._folder = folder
        self._source = source
        self._settings = settings
        self._style = DrawingStyle.from_settings(settings)
        self._tell = tell
        self._pictures: queue.Queue[LivePicture | None] = queue.Queue(_QUEUE)
        self._stopped = threading.Event()
        self._started_at = time.perf_counter()
        self._stem = ""
        self._parts = 0
        self._paths: tuple[Path, ...] = ()
        self._frames = 0
        self._skipped = 0
        self._size_bytes = 0

    def offer(self, picture: LivePicture) -> None:
        """Record a picture, unless too many wait already; never waits."""
        if self._stopped.is_set():
            return
        if self._pictures.qsize() * picture.frame.image.nbytes >= _QUEUE_BYTES:
            self._skipped += 1
            return
        try:
            self._pictures.put_nowait(picture)
        except queue.Full:
            self._skipped += 1

    def stop(self) -> None:
        """End after what is waiting; does not wait."""
        self._stopped.set()

    def status(self) -> RecordingStatus:
        return RecordingStatus(time.perf_counter() - self._started_at, self._size_bytes, self._frames, self._skipped)

    def run(self) -> None:
        failure = None
        try:
            self._record()
        except Exception as error:  # a full disk, a pulled stick: told, and the window goes on
            failure = Failure.of(error)
        self._stopped.set()
        self._tell(RecordingEnded(tuple(path for path in self._paths if path.exists()), failure, self._parts))

    def _record(self) -> None:
        window = self._settings.window
        if not window.record_video and window.record_keypoints == "none" and not window.record_angles:
            raise SinkError(
                "nothing is chosen to record: record_video, record_keypoints and record_angles are all off; "
                "switch one of them on"
            )
        with ExitStack() as files:
            part: _Part | None = None
            finished = 0
            while (picture := self._next()) is not None:
                if picture.result is None or picture.info is None:
                    continue
                if part is None or not part.is_of(picture.info):
                    files.close()
                    finished += _size_of(part.paths) if part is not None else 0
                    part = self._open(picture, picture.info, files)
                part.write(picture.frame, picture.result, picture.run)
                self._frames += 1
                self._size_bytes = finished + _size_of(part.paths)

    def _next(self) -> LivePicture | None:
        while True:
            try:
                return self._pictures.get(timeout=0.1)
            except queue.Empty:
                if self._stopped.is_set():
                    return None

    def _open(self, first: LivePicture, info: EngineInfo, files: ExitStack) -> "_Part":
        window = self._settings.window
        before = len(self._paths)
        self._parts += 1
        if self._parts == 1:
            self._stem = recording_stem(datetime.now())
        stem = self._stem if self._parts == 1 else f"{self._stem}-{self._parts}"
        video: ImageSink | None = None
        tables: list[KeypointSink] = []
        if window.record_video:
            path = self._folder / f"{stem}.mp4"
            video = files.enter_context(open_image_sink(path, first.frame.size, fps_hint=self._source.fps))
            self._paths += (path,)
        if window.record_keypoints != "none":
            path = self._folder / f"{stem}.{window.record_keypoints}"
            tables.append(files.enter_context(open_keypoint_sink(path, header_of(self._source, info, first))))
            self._paths += (path,)
        if window.record_angles:
            path = self._folder / f"{stem}-angles.csv"
            threshold = self._settings.pose.keypoint_threshold
            tables.append(files.enter_context(AnglesCsvSink(path, info.skeleton, threshold)))
            self._paths += (path,)
        if self._parts == 1:
            self._tell(RecordingStarted(self._paths[0]))
        return _Part(info, self._style, video, tables, self._paths[before:], self._clock())

    def _clock(self) -> "_RecordingClock":
        return _RecordingClock(1 / self._source.fps if self._source.fps else _USUAL_STEP_S)


@dataclass
class _Part:
    """One set of files, with the people that one set of networks found."""

    info: EngineInfo
    style: DrawingStyle
    video: ImageSink | None
    tables: list[KeypointSink]
    paths: tuple[Path, ...]
    clock: "_RecordingClock"
    frames: int = 0

    def is_of(self, info: EngineInfo) -> bool:
        return (info.model, info.detector) == (self.info.model, self.info.detector)

    def write(self, frame: Frame, result: FrameResult, run: int) -> None:
        time_s = self.clock.seconds(frame.time_s, run)
        if self.video is not None:
            self.video.write(draw_result(frame.image, result, self.info.skeleton, self.style), time_s)
        for table in self.tables:
            table.write(replace(result, frame_index=self.frames, time_s=time_s))
        self.frames += 1


def _size_of(paths: tuple[Path, ...]) -> int:
    """Bytes of the files that are there: nobody is kept from moving what is recorded."""
    size = 0
    for path in paths:
        with suppress(OSError):
            size += path.stat().st_size
    return size


class _RecordingClock:
    """Time from the start of a recording.

    It goes as the source's does, gaps included, as of a camera that was lost for a while; where a frame is shown once
    more, it goes on by the usual step.

    Args:
        hold_s: How long a frame is shown that another run follows, as where a file is begun anew.
    """

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._last: tuple[float, int] | None = None  # time of the source, and its run
        self._time_s = 0.0

    def seconds(self, source_s: float, run: int) -> float:
        if self._last is not None:
            step_s = source_s - self._last[0]
            if run != self._last[1]:
                step_s = self._hold_s
            self._time_s += step_s if step_s > 0 else _USUAL_STEP_S
        self._last = source_s, run
        return self._time_s
