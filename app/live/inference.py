"""The inference thread: it builds a pipeline, then runs it on the newest frame until another takes over."""

import threading
from collections.abc import Callable, Iterator

from app.live.building import Build, Built, MissingWeightsError
from app.live.news import EngineInfo, Failure, LivePicture
from app.live.reader import Arrival
from app.settings import Settings
from app.sources.latest_frame import Latest

_LOOK_UP_S = 0.1

# Loading networks takes all cores and much memory for a while: one thread does at a time, and the next one in the
# queue looks whether it is still wanted.
_BUILDING = threading.Lock()


class _Numbers:
    """People's numbers, told in the same order once more where the same picture is looked at again.

    Args:
        ids: Where new ones come from.
    """

    def __init__(self, ids: Iterator[int]) -> None:
        self._ids = ids
        self._told: list[int] = []
        self._next = 0

    def begin(self, *, again: bool) -> None:
        """Start with a picture: the one before, or another."""
        self._next = 0
        if not again:
            self._told.clear()

    def __iter__(self) -> Iterator[int]:
        return self

    def __next__(self) -> int:
        if self._next == len(self._told):
            self._told.append(next(self._ids))
        self._next += 1
        return self._told[self._next - 1]


class InferenceThread(threading.Thread):
    """Builds one pipeline and uses it; another model is another thread, so that this one runs on while that one loads.

    Args:
        settings: What to build.
        build: Builds it.
        frames: Where frames wait.
        ids: Where people's numbers come from; those of all threads, so that none is given twice.
        on_ready: Called on this thread once the pipeline is built; False where it is no longer wanted.
        on_failed: Called on this thread where it cannot be built, or fails at work.
        deliver: Takes every picture with its result; must not wait.
    """

    def __init__(
        self,
        settings: Settings,
        build: Build,
        frames: Latest[Arrival],
        ids: Iterator[int],
        *,
        on_ready: Callable[["InferenceThread", EngineInfo], bool],
        on_failed: Callable[["InferenceThread", Failure | MissingWeightsError], None],
        deliver: Callable[["InferenceThread", LivePicture], None],
    ) -> None:
        super().__init__(name=f"inference {settings.pose.model}", daemon=True)
        self._settings = settings
        self._applied = settings
        self._build = build
        self._frames = frames
        self._ids = _Numbers(ids)
        self._on_ready = on_ready
        self._on_failed = on_failed
        self._deliver = deliver
        self._stopped = threading.Event()

    def stop(self) -> None:
        """End after the frame in work; does not wait."""
        self._stopped.set()

    def apply(self, settings: Settings) -> None:
        """Use other thresholds from the next frame on; does not wait."""
        self._settings = settings

    def run(self) -> None:
        try:
            with _BUILDING:
                if self._stopped.is_set():
                    return
                built = self._build(self._applied)  # others are applied to it: what they name may be another network
        except MissingWeightsError as missing:
            self._on_failed(self, missing)
            return
        except Exception as error:  # whatever a network library throws is told; the window goes on
            self._on_failed(self, Failure.of(error))
            return
        built.pipeline.number_by(self._ids)
        try:
            if self._on_ready(self, built.info):
                self._work(built)
        except Exception as error:
            self._on_failed(self, Failure.of(error))
        finally:
            built.pipeline.close()

    def _work(self, built: Built) -> None:
        last: Arrival | None = None
        while not self._stopped.is_set():
            arrival = self._frames.take(_LOOK_UP_S, unless=self._stopped.is_set)
            if arrival is None:
                continue
            settings = self._settings
            if settings is not self._applied:
                built.pipeline.apply(settings)
                self._applied = settings
            if last is None or arrival.source != last.source or not arrival.continuous:
                self._ids.begin(again=arrival is last)
                built.pipeline.reset()
            last = arrival
            result = built.pipeline.process(arrival.frame)
            picture = LivePicture(arrival.frame, arrival.captured_at, arrival.source, result, built.info, arrival.run)
            self._deliver(self, picture)
