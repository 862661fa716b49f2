"""Recording the picture with its people and the keypoints, beside everything else."""

import queue
import threading
import time
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from app.drawing import DrawingStyle, draw_result
from app.live.header import header_of
from app.live.news import EngineInfo, Failure, LivePicture, RecordingEnded, RecordingStarted, SourceOpened, Tell
from app.settings import Settings
from app.sinks import ImageSink, KeypointSink, open_image_sink, open_keypoint_sink
from app.sinks.angles_csv import AnglesCsvSink

_QUEUE = 60  # pictures; two seconds of a common camera
_LONGEST_STEP_S = 1.0  # a longer one is a seek or a pause, which a recording leaves out
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

    Args:
        folder: Where the files go; made if need be.
        source: What is recorded.
        info: Networks in use, for the keypoint file.
        settings: What to record and how to draw it.
        tell: Takes the news.
    """

    def __init__(self, folder: Path, source: SourceOpened, info: EngineInfo, settings: Settings, tell: Tell) -> None:
        super().__init__(name="recorder", daemon=True)
        self._folder = folder
        self._source = source
        self._info = info
        self._settings = settings
        self._style = DrawingStyle.from_settings(settings)
        self._tell = tell
        self._pictures: queue.Queue[LivePicture | None] = queue.Queue(_QUEUE)
        self._stopped = threading.Event()
        self._started_at = time.perf_counter()
        self._paths: tuple[Path, ...] = ()
        self._frames = 0
        self._skipped = 0
        self._size_bytes = 0

    def offer(self, picture: LivePicture) -> None:
        """Record a picture, unless too many wait already; never waits."""
        if self._stopped.is_set():
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
        self._tell(RecordingEnded(tuple(path for path in self._paths if path.exists()), failure))

    def _record(self) -> None:
        with ExitStack() as files:
            video: ImageSink | None = None
            tables: list[KeypointSink] = []
            clock = _RecordingClock(keeps_gaps=self._source.is_live)
            while (picture := self._next()) is not None:
                if picture.result is None or picture.skeleton is None:
                    continue
                if not self._paths:
                    video, tables = self._open(picture, files)
                    self._tell(RecordingStarted(self._paths[0]))
                time_s = clock.seconds(picture.frame.time_s)
                if video is not None:
                    drawn = draw_result(picture.frame.image, picture.result, picture.skeleton, self._style)
                    video.write(drawn, time_s)
                for table in tables:
                    table.write(replace(picture.result, frame_index=self._frames, time_s=time_s))
                self._frames += 1
                self._size_bytes = sum(path.stat().st_size for path in self._paths)

    def _next(self) -> LivePicture | None:
        while True:
            try:
                return self._pictures.get(timeout=0.1)
            except queue.Empty:
                if self._stopped.is_set():
                    return None

    def _open(self, first: LivePicture, files: ExitStack) -> tuple[ImageSink | None, list[KeypointSink]]:
        window = self._settings.window
        stem = self._folder / recording_stem(datetime.now())
        video: ImageSink | None = None
        tables: list[KeypointSink] = []
        if window.record_video:
            path = stem.with_name(f"{stem.name}.mp4")
            video = files.enter_context(open_image_sink(path, first.frame.size, fps_hint=self._source.fps))
            self._paths += (path,)
        if window.record_keypoints != "none":
            path = stem.with_name(f"{stem.name}.{window.record_keypoints}")
            tables.append(files.enter_context(open_keypoint_sink(path, header_of(self._source, self._info, first))))
            self._paths += (path,)
        if window.record_angles:
            path = stem.with_name(f"{stem.name}-angles.csv")
            threshold = self._settings.pose.keypoint_threshold
            tables.append(files.enter_context(AnglesCsvSink(path, self._info.skeleton, threshold)))
            self._paths += (path,)
        return video, tables


class _RecordingClock:
    """Time from the start of a recording.

    Args:
        keeps_gaps: Whether time without frames is time in the recording, as of a camera that was lost for a while; else
            the recording goes on over seeks, pauses and loops of a file.
    """

    def __init__(self, keeps_gaps: bool) -> None:
        self._keeps_gaps = keeps_gaps
        self._last: tuple[float, float] | None = None  # of the source, of the recording

    def seconds(self, source_s: float) -> float:
        if self._last is None:
            self._last = source_s, 0.0
        step_s = source_s - self._last[0]
        if step_s < 0 or (step_s > _LONGEST_STEP_S and not self._keeps_gaps):
            step_s = _USUAL_STEP_S
        self._last = source_s, self._last[1] + step_s
        return self._last[1]
