"""Files processed whole, one after the other, with the same code as the command line."""

import itertools
import threading
import time
from collections.abc import Callable
from contextlib import closing, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from app.drawing import DrawingStyle
from app.live.building import Build, Built, LivePipeline, MissingWeightsError, build
from app.live.networks import with_networks_of
from app.live.news import EngineInfo, Failure
from app.outputs import Networks, OutputNames, Outputs
from app.processing import process_source
from app.results import FrameResult
from app.settings import Settings
from app.sinks import write_error
from app.sources import Source, files_of, open_source
from app.sources.pictures import PictureFolderSource
from app.stand_ins import with_built_in

_SEVERAL = 2  # files, whatever there are at first: others are added meanwhile

JobState = Literal["waiting", "working", "done", "failed", "cancelled"]


@dataclass(frozen=True)
class BatchChoice:
    """What is made of each file.

    Attributes:
        folder: Where it goes.
        video: The picture with skeletons.
        keypoints: The native keypoint file.
        angles: A table of joint angles.
    """

    folder: Path
    video: bool = True
    keypoints: bool = True
    angles: bool = False


@dataclass(frozen=True)
class Job:
    """One file.

    Attributes:
        path: The file, or a folder of pictures.
        state: How far it is.
        done: Frames that are finished.
        total: Frames in all, where known.
        seconds_left: Until it is done, where that can be told.
        written: Files that were made.
        failure: Why it failed.
        left_out: Frames or pictures that could not be read.
        unreadable: What was wrong with each of those pictures.
    """

    path: Path
    state: JobState = "waiting"
    done: int = 0
    total: int | None = None
    seconds_left: float | None = None
    written: tuple[Path, ...] = ()
    failure: Failure | None = None
    left_out: int = 0
    unreadable: tuple[str, ...] = ()


class _CancelledError(Exception):
    """The user wants no more of it; what was made so far is whole."""


class Batch(threading.Thread):
    """Works through files on networks of its own.

    Args:
        paths: The files.
        choice: What is made of each.
        settings: Networks and drawing.
        build: Loads networks.
        running: Settings that name the networks to use where weights for those are missing; None for the weights that
            come along.

    Attributes:
        stands_in: The networks that are used in place of those whose weights are missing; None where none need be.
    """

    def __init__(
        self,
        paths: tuple[Path, ...],
        choice: BatchChoice,
        settings: Settings,
        build: Build = build,
        running: Settings | None = None,
    ) -> None:
        super().__init__(name="batch", daemon=True)
        self._choice = choice
        self._settings = settings
        self._running = running
        self.stands_in: EngineInfo | None = None
        self._build = build
        self._jobs = [Job(path) for path in paths]
        self._lock = threading.Lock()
        self._over = False
        self._made_folder = False
        self._spared = 0  # files, from the first on, that no result takes the place of
        self._cancelled = threading.Event()

    def jobs(self) -> tuple[Job, ...]:
        """All files as they stand now."""
        with self._lock:
            return tuple(self._jobs)

    @property
    def folder(self) -> Path:
        """Where results go."""
        return self._choice.folder

    def add(self, paths: tuple[Path, ...]) -> bool:
        """Put files at the end of the list; False where all are done and it is too late for that."""
        with self._lock:
            if not self._over:
                self._jobs += [Job(path) for path in paths]
            return not self._over

    def cancel(self) -> None:
        """End after the frame in work; does not wait."""
        self._cancelled.set()

    def run(self) -> None:
        try:
            built = self._built()
        except Exception as error:
            self._fail_all(error)
            return
        with closing(built.pipeline):
            try:
                names = self._names()
            except Exception as error:
                self._fail_all(error)
                return
            for index in itertools.takewhile(self._is_there, itertools.count()):
                self._work(index, names, built.pipeline, built.info)
            if self._made_folder:
                with suppress(OSError):  # which stays where there is something in it
                    self._choice.folder.rmdir()

    def _built(self) -> Built:
        try:
            return self._build(self._settings)
        except MissingWeightsError as missing:
            if self._running is None:
                settings = with_built_in(self._settings, missing.weight_sets)
            else:
                settings = with_networks_of(self._settings, self._running)
        built = self._build(settings)
        self.stands_in = built.info
        return built

    def _is_there(self, index: int) -> bool:
        """Whether there is such a file; where there is none, none is added any more."""
        with self._lock:
            self._over = index >= len(self._jobs)
            return not self._over

    def _names(self) -> OutputNames:
        choice, folder = self._choice, self._choice.folder
        try:
            self._made_folder = not folder.exists()
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_error(folder, error.strerror) from error
        return OutputNames(
            folder if choice.video else None,
            folder if choice.keypoints else None,
            folder if choice.angles else None,
            inputs=_SEVERAL,
        )

    def _fail_all(self, error: Exception) -> None:
        for index in itertools.takewhile(self._is_there, itertools.count()):
            self._update(index, state="failed", failure=Failure.of(error))

    def _work(self, index: int, names: OutputNames, pipeline: LivePipeline, info: EngineInfo) -> None:
        outputs: Outputs | None = None
        opened: Source | None = None
        try:
            self._check()
            self._update(index, state="working")
            path = self._jobs[index].path
            self._spare(names)
            with open_source(path) as source:
                opened = source
                networks = Networks(info.model, info.detector, info.skeleton)
                style = DrawingStyle.from_settings(self._settings)
                outputs = Outputs(source, names.choose(source), [], style, networks)
                outputs.check()
                with outputs:
                    process_source(source, pipeline, outputs.write, on_result=self._counter(index, _frames_of(source)))
            state: JobState = "done"
            failure = None
        except _CancelledError:
            state, failure = "cancelled", None
        except Exception as error:  # told with its file; the others go on
            state, failure = "failed", Failure.of(error)
        written = tuple(outputs.written) if outputs is not None else ()
        self._update(
            index,
            state=state,
            failure=failure,
            written=written,
            seconds_left=None,
            left_out=opened.damaged_frames if opened is not None else 0,
            unreadable=tuple(opened.errors) if isinstance(opened, PictureFolderSource) else (),
        )

    def _spare(self, names: OutputNames) -> None:
        """Let no result take the place of a file in the list, of those added meanwhile, too."""
        added = self.jobs()[self._spared :]
        names.spare(file for job in added for file in files_of(job.path))
        self._spared += len(added)

    def _counter(self, index: int, total: int | None) -> Callable[[FrameResult], None]:
        begin = time.perf_counter()
        done = 0

        def count(result: FrameResult) -> None:
            nonlocal done
            done += 1
            spent = time.perf_counter() - begin
            left = None if total is None else max(total - done, 0) * spent / done
            self._update(index, done=done, total=total, seconds_left=left)
            self._check()

        return count

    def _check(self) -> None:
        if self._cancelled.is_set():
            raise _CancelledError

    def _update(self, index: int, **changes: object) -> None:
        with self._lock:
            self._jobs[index] = replace(self._jobs[index], **changes)  # type: ignore[arg-type]


def _frames_of(source: Source) -> int | None:
    """How many frames to expect, as the file states it or by its length."""
    if source.frame_count is not None or source.duration_s is None or source.fps is None:
        return source.frame_count
    return round(source.duration_s * source.fps)
