"""Cameras, files and networks that do as a test tells them."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from app.errors import SourceError
from app.live.building import Built
from app.live.controller import LiveController
from app.live.news import EngineInfo, News
from app.live.reader import Opened
from app.results import Frame, FrameResult, Person
from app.settings import CameraSettings, Settings
from model.skeletons import COCO_17


class FakeCamera:
    """A live source; `interval_s`, `silent`, `error` and `size` may be changed while it runs."""

    is_live = True
    continuous = True
    frame_count = None
    duration_s = None
    damaged_frames = 0

    def __init__(self, interval_s: float = 0.01, size: tuple[int, int] = (48, 64)) -> None:
        self.name = "camera 0"
        self.interval_s = interval_s
        self.size = size
        self.fps = 1 / interval_s
        self.silent = False
        self.error: Exception | None = None
        self.closed = threading.Event()

    def __iter__(self) -> Iterator[Frame]:
        index = 0
        start = time.perf_counter()
        while not self.closed.wait(self.interval_s):
            if self.error is not None:
                raise self.error
            if not self.silent:
                yield Frame(index, time.perf_counter() - start, np.full((*self.size, 3), index % 256, np.uint8))
                index += 1

    def close(self) -> None:
        self.closed.set()

    def __enter__(self) -> "FakeCamera":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class BlockedCamera(FakeCamera):
    """Never gives a frame, and does not notice that it is closed before `release` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.release = threading.Event()
        self.waiting = threading.Event()  # set while it blocks

    def __iter__(self) -> Iterator[Frame]:
        self.waiting.set()
        self.release.wait(60)
        self.waiting.clear()
        yield from ()


class HandCamera(FakeCamera):
    """Gives a frame when it is told to, and else none."""

    def __init__(self) -> None:
        super().__init__()
        self._told = threading.Semaphore(0)

    def give(self, frames: int) -> None:
        self._told.release(frames)

    def __iter__(self) -> Iterator[Frame]:
        index = 0
        while not self.closed.is_set():
            if self._told.acquire(timeout=0.02):
                yield Frame(index, index / 30, np.full((*self.size, 3), index, np.uint8))
                index += 1


class FakeFile:
    """A file of `count` frames, each filled with its number, up to 255 and round again."""

    is_live = False
    continuous = True
    fps = 50.0
    damaged_frames = 0

    def __init__(self, count: int = 10, continuous: bool = True) -> None:
        self.name = "clip.mp4"
        self.size = (48, 64)
        self.frame_count = count
        self.continuous = continuous
        self.duration_s = count / self.fps
        self.closed = False

    def __iter__(self) -> Iterator[Frame]:
        for index in range(self.frame_count):
            yield Frame(index, index / self.fps, np.full((*self.size, 3), index % 256, np.uint8))

    def close(self) -> None:
        self.closed = True

    def __enter__(self) -> "FakeFile":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class FakePictures(FakeFile):
    """A folder of them; `read` tells which were."""

    def __init__(self, count: int) -> None:
        super().__init__(count, continuous=False)
        self.read: list[int] = []
        self.errors: list[str] = []

    def frames_from_number(self, first: int) -> Iterator[Frame]:
        for frame in itertools.islice(self, first, None):
            self.read.append(frame.index)
            yield frame


@dataclass
class FakePipeline:
    """Finds `persons` people in every frame, in `inference_s` seconds, or each time the gate opens."""

    settings: Settings
    inference_s: float = 0.0
    persons: int = 1
    gate: threading.Semaphore | None = None
    begun: int = 0
    error: Exception | None = None
    threads: set[int] = field(default_factory=set)
    closed: bool = False
    resets: int = 0
    applied: list[Settings] = field(default_factory=list)
    ids: Iterator[int] | None = None
    seen: list[Frame] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)  # of the first one after each reset

    def process(self, frame: Frame) -> FrameResult:
        self.threads.add(threading.get_ident())
        self.begun += 1
        time.sleep(self.inference_s)
        if self.gate is not None:
            self.gate.acquire(timeout=60)
        if self.error is not None:
            raise self.error
        self.seen.append(frame)
        return result_of(frame, self.persons)

    def apply(self, settings: Settings) -> None:
        self.applied.append(settings)

    def number_by(self, ids: Iterator[int]) -> None:
        self.ids = ids

    def reset(self) -> None:
        self.resets += 1
        if self.ids is not None:
            self.numbers.append(next(self.ids))

    def close(self) -> None:
        self.threads.add(threading.get_ident())
        self.closed = True


def result_of(frame: Frame, persons: int = 1, keypoints: int = 17) -> FrameResult:
    """People side by side."""
    height, width = frame.size
    people = []
    for number in range(1, persons + 1):
        left, right = (width * (number - 1 + share) / persons for share in (0.2, 0.8))
        box = np.array([left, height * 0.1, right, height * 0.9], np.float32)
        joints = np.linspace(box[:2], box[2:], keypoints, dtype=np.float32)
        people.append(Person(number, box, 0.9, joints, np.full(keypoints, 0.8, np.float32), 0.7))
    timings = {"detect": 1.0, "crop": 1.0, "infer": 5.0, "decode": 1.0, "track": 0.5, "total": 9.0}
    return FrameResult(frame.index, frame.time_s, frame.size, tuple(people), timings)


class Builder:
    """Builds fake pipelines; what it does for a model's name can be set."""

    def __init__(self) -> None:
        self.pipelines: list[FakePipeline] = []
        self.inference_s = 0.0
        self.loading_s = 0.0
        self.persons = 1
        self.gate: threading.Semaphore | None = None
        self.errors: dict[str, Exception] = {}

    def __call__(self, settings: Settings) -> Built:
        time.sleep(self.loading_s)
        if settings.pose.model in self.errors:
            raise self.errors[settings.pose.model]
        pipeline = FakePipeline(settings, self.inference_s, self.persons, self.gate)
        self.pipelines.append(pipeline)
        info = EngineInfo(settings.pose.model, "fake", "CPU", settings.detection.detector, "fake, CPU", COCO_17)
        return Built(pipeline, info)


class NewsList:
    """Collects news from all threads."""

    def __init__(self) -> None:
        self.all: list[News] = []

    def __call__(self, news: News) -> None:
        self.all.append(news)
        time.sleep(0)  # the other threads' turn, as where telling takes a while

    def of(self, kind: type) -> list:
        return [news for news in self.all if isinstance(news, kind)]


def wait_for(condition: Callable[[], object], timeout_s: float = 10.0) -> None:
    """Wait until a condition holds; fail when it does not in time."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.005)


def wait_until_still(live: "Live") -> None:
    """Until a file has stopped and its last frame has been looked at."""
    wait_for(lambda: not live.controller.transport.playback().playing)
    wait_for(lambda: live.draws_result() and live.picture().frame is live.controller._newest.frame)


def with_model(settings: Settings, name: str) -> Settings:
    return settings.model_copy(update={"pose": settings.pose.model_copy(update={"model": name})})


def opener_of(sources: dict[str, object]) -> Callable[[str, CameraSettings], Opened]:
    """Opens fakes by name; a class or function makes a new one each time."""

    def open_it(spec: str, camera: CameraSettings) -> Opened:
        if spec not in sources:
            raise SourceError(f"{spec} does not exist; check the path")
        source = sources[spec]
        opened = source() if callable(source) else source
        opened.asked = camera
        return Opened(spec, opened)

    return open_it


class Live:
    """A controller on fakes, closed at the end."""

    def __init__(self) -> None:
        self.news = NewsList()
        self.builder = Builder()
        self.camera = FakeCamera()
        self.by_hand = HandCamera()
        self.sources: dict[str, object] = {
            "0": self.camera,
            "1": FakeCamera,
            "by hand": self.by_hand,
            "clip.mp4": FakeFile,
        }
        self.stand_ins: dict[str, str] = {}
        self.controller = LiveController(
            Settings(),
            self.news,
            opener=opener_of(self.sources),
            build=self.builder,
            meanwhile=lambda settings: self._stand_in(settings),
        )

    def _stand_in(self, settings: Settings) -> Settings | None:
        name = self.stand_ins.get(settings.pose.model)
        return None if name is None else with_model(settings, name)

    def start(self, spec: str = "0") -> None:
        self.controller.open(spec)
        self.controller.apply(self.controller.settings)

    def choose(self, model: str) -> None:
        self.controller.apply(with_model(self.controller.settings, model))

    def change(self, section: str, **values: object) -> None:
        settings = self.controller.settings
        changed = getattr(settings, section).model_copy(update=values)
        self.controller.apply(settings.model_copy(update={section: changed}))

    def picture(self):
        return self.controller._picture

    def draws_result(self) -> bool:
        picture = self.picture()
        return picture is not None and picture.result is not None
