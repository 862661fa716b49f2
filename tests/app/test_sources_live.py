"""Cameras and streams that die, freeze, block and come back."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest

from app.errors import SourceError
from app.results import Frame
from app.sources import live
from app.sources.camera_list import CameraInfo, linux_cameras, list_cameras
from app.sources.devices import CameraDevice, CaptureMode
from app.sources.live import LiveSource, LiveState, LiveTiming
from app.sources.watchdog import FrozenPictureWatch
from tests.app.clips import shade

pytestmark = pytest.mark.usefixtures("threads_end")
QUICK = LiveTiming(
    first_frame_s=5.0, stall_s=0.3, frozen_s=0.3, first_pause_s=0.01, longest_pause_s=0.05, give_up_s=None
)
MODE = CaptureMode(48, 64, 100.0)


class FakeDevice:
    """Gives what its script yields: pictures, or None once it is dead."""

    def __init__(self, script: Iterator[np.ndarray | None]) -> None:
        self.mode = MODE
        self.closed = threading.Event()
        self._script = script

    def read(self) -> np.ndarray | None:
        time.sleep(0.002)
        return next(self._script, None)

    def close(self) -> None:
        self.closed.set()


class Bench:
    """Opens one fake device after another."""

    def __init__(self, *scripts: Callable[[], Iterator[np.ndarray | None]] | None) -> None:
        self.opened: list[FakeDevice] = []
        self.attempts = 0
        self._scripts = list(scripts)

    def __call__(self) -> FakeDevice:
        self.attempts += 1
        script = self._scripts.pop(0) if self._scripts else None
        if script is None:
            raise SourceError("camera 0 does not open; check that it is connected")
        self.opened.append(FakeDevice(script()))
        return self.opened[-1]


def noise(count: int | None = None, size: tuple[int, int] = (48, 64)) -> Callable[[], Iterator[np.ndarray]]:
    """Pictures as a sensor makes them, no two alike."""

    def script() -> Iterator[np.ndarray]:
        random = np.random.default_rng(0)
        made = 0
        while count is None or made < count:
            made += 1
            yield random.integers(0, 255, (*size, 3), np.uint8)

    return script


def wait_for(condition: Callable[[], bool], limit_s: float = 10.0) -> None:
    deadline = time.monotonic() + limit_s
    while not condition():
        assert time.monotonic() < deadline, "it never happened"
        time.sleep(0.002)


def _next_frames(source: LiveSource, count: int) -> list[Frame]:
    frames = []
    for frame in source:
        frames.append(frame)
        if len(frames) == count:
            break
    return frames


def test_frames_have_rising_times_and_count_dropped_ones() -> None:
    bench = Bench(noise())
    with LiveSource("camera 0", bench, timing=QUICK) as source:
        assert (source.is_live, source.continuous, source.frame_count, source.duration_s) == (True, True, None, None)
        assert (source.size, source.fps, source.mode, source.asked_mode) == ((48, 64), 100.0, MODE, None)
        assert source.state == LiveState.CONNECTED
        first = _next_frames(source, 1)[0]
        wait_for(lambda: source.dropped_frames >= 5)
        then = _next_frames(source, 20)
        indices = [first.index, *(frame.index for frame in then)]
        assert (np.diff(indices) > 0).all()
        assert then[0].index - first.index > 5
        assert (np.diff([frame.time_s for frame in then]) > 0).all()
        assert first.time_s >= 0.0
    assert source.state == LiveState.CLOSED
    assert bench.opened[0].closed.is_set()
    assert list(source) == []


def test_a_camera_that_dies_and_comes_back() -> None:
    bench = Bench(noise(10), None, None, noise())
    with LiveSource("camera 0", bench, timing=QUICK) as source:
        states = {source.state}
        wait_for(lambda: bool(states.add(source.state)) or bench.attempts == 4)
        wait_for(lambda: source.state == LiveState.CONNECTED)
        assert LiveState.WAITING in states
        frames = _next_frames(source, 3)
        assert frames[0].index >= 10  # numbers and times go on
        assert (np.diff([frame.time_s for frame in frames]) > 0).all()
    assert [device.closed.is_set() for device in bench.opened] == [True, True]


def test_a_frozen_picture_is_a_lost_camera() -> None:
    def freezes() -> Iterator[np.ndarray]:
        yield from noise(5)()
        while True:
            yield shade(0)  # black, as some drivers give after an unplug

    bench = Bench(freezes, noise())
    with LiveSource("camera 0", bench, timing=QUICK) as source:
        wait_for(lambda: len(bench.opened) == 2)
        assert bench.opened[0].closed.is_set()
        wait_for(lambda: source.state == LiveState.CONNECTED)


def test_a_picture_that_is_still_after_reopening_is_taken_for_what_it_shows() -> None:
    def still() -> Iterator[np.ndarray]:
        while True:
            yield shade(77)

    bench = Bench(still, still, still)
    with LiveSource("test card", bench, timing=QUICK) as source:
        wait_for(lambda: len(bench.opened) == 2)
        time.sleep(3 * QUICK.frozen_s)
        assert len(bench.opened) == 2
        assert source.state == LiveState.CONNECTED


def test_frozen_picture_watch() -> None:
    watch = FrozenPictureWatch(1.0)
    pictures = [shade(1), shade(1), shade(1), shade(1), shade(2), shade(2), shade(2)]
    times = [0.0, 0.9, 1.0, 1.1, 1.2, 2.1, 2.2]
    assert [watch.is_frozen(p, t) for p, t in zip(pictures, times, strict=True)] == [
        False, False, True, False, False, False, True,
    ]  # fmt: skip
    assert not watch.is_frozen(shade(2, (96, 128)), 9.0)
    unwatched = FrozenPictureWatch(None)
    assert not any(unwatched.is_frozen(shade(1), t) for t in (0.0, 100.0))


def test_a_read_that_blocks_is_left_behind() -> None:
    release = threading.Event()

    def blocks() -> Iterator[np.ndarray]:
        yield from noise(3)()
        release.wait(20)
        yield shade(255, (10, 10))  # late: nobody wants it any more

    bench = Bench(blocks, noise())
    with LiveSource("camera 0", bench, timing=QUICK) as source:
        wait_for(lambda: len(bench.opened) == 2)
        wait_for(lambda: source.state == LiveState.CONNECTED)
        release.set()
        wait_for(bench.opened[0].closed.is_set)
        assert all(frame.size == (48, 64) for frame in _next_frames(source, 10))


def test_closing_while_a_read_blocks_does_not_hang() -> None:
    release = threading.Event()

    def blocks() -> Iterator[np.ndarray]:
        yield from noise(3)()
        release.wait(20)

    bench = Bench(blocks)
    source = LiveSource("camera 0", bench, timing=QUICK)
    closer = threading.Thread(target=source.close)
    closer.start()
    closer.join(5)
    assert not closer.is_alive()
    release.set()
    wait_for(bench.opened[0].closed.is_set)


def test_never_more_than_a_few_stuck_reads() -> None:
    release = threading.Event()

    def blocks() -> Iterator[np.ndarray]:
        yield from noise(1)()
        release.wait(20)

    bench = Bench(*[blocks] * 10)
    with LiveSource("camera 0", bench, timing=LiveTiming(5.0, 0.05, 0.3, 0.01, 0.02, None)):
        wait_for(lambda: bench.attempts == 3)
        time.sleep(0.3)
        assert bench.attempts == 3
        release.set()


def test_pictures_may_change_size() -> None:
    def changes() -> Iterator[np.ndarray]:
        yield from noise(5)()
        yield from noise(None, (96, 128))()

    with LiveSource("camera 0", Bench(changes), timing=QUICK) as source:
        wait_for(lambda: source.size == (96, 128))
        assert _next_frames(source, 2)[1].size == (96, 128)


def test_a_camera_that_does_not_open_says_so_at_once() -> None:
    bench = Bench(None)
    started = time.monotonic()
    with pytest.raises(SourceError, match="camera 0 does not open"):
        LiveSource("camera 0", bench, timing=QUICK)
    assert time.monotonic() - started < QUICK.first_frame_s


def test_a_camera_that_sends_nothing() -> None:
    release = threading.Event()

    def silent() -> Iterator[np.ndarray]:
        release.wait(20)
        yield from noise(1)()

    with pytest.raises(SourceError, match="camera 0 opens but sends no picture; unplug it"):
        LiveSource("camera 0", Bench(silent), timing=LiveTiming(first_frame_s=0.1))
    release.set()


def test_a_stream_that_sends_nothing_is_not_unplugged(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()

    def silent(url: str) -> FakeDevice:
        release.wait(20)
        return FakeDevice(iter(()))

    def impatient(**given: float | None) -> LiveTiming:
        return LiveTiming(**{**given, "first_frame_s": 0.1})

    monkeypatch.setattr(live, "StreamDevice", silent)
    monkeypatch.setattr(live, "LiveTiming", impatient)
    with pytest.raises(SourceError, match=r"rtsp://cam/a opens but sends no picture; check .* the network") as caught:
        live.open_stream("rtsp://me:secret@cam/a")
    assert "plug" not in str(caught.value)
    release.set()


def test_iteration_gives_up_on_a_lost_device() -> None:
    with LiveSource("camera 0", Bench(noise(5)), timing=LiveTiming(5.0, 0.1, 0.3, 0.01, 0.05, 0.3)) as source:
        with pytest.raises(SourceError, match="camera 0 has sent nothing for 0 s; check its cable"):
            for _ in source:
                pass
        assert source.state == LiveState.WAITING


class FakeCapture:
    """cv2.VideoCapture as a camera with two modes."""

    def __init__(self, index: int, backend: int) -> None:
        self.set_to: dict[int, float] = {}
        self.released = False

    def isOpened(self) -> bool:  # noqa: N802
        return True

    def set(self, key: int, value: float) -> bool:
        self.set_to[key] = value
        return True

    def get(self, key: int) -> float:
        known = {cv2.CAP_PROP_FRAME_HEIGHT: 720.0, cv2.CAP_PROP_FRAME_WIDTH: 1280.0, cv2.CAP_PROP_FPS: -1.0}
        return known[key]

    def read(self) -> tuple[bool, np.ndarray | None]:
        return (False, None) if self.released else (True, shade(3))

    def release(self) -> None:
        self.released = True


def test_camera_device_asks_and_tells_its_mode(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", FakeCapture)
    device = CameraDevice(0, CaptureMode(1080, 1920, 30.0))
    capture = device._capture
    assert capture.set_to[cv2.CAP_PROP_FRAME_WIDTH] == 1920
    assert capture.set_to[cv2.CAP_PROP_FRAME_HEIGHT] == 1080
    assert capture.set_to[cv2.CAP_PROP_FPS] == 30.0
    assert device.mode == CaptureMode(720, 1280, 0.0)
    np.testing.assert_array_equal(device.read(), shade(3))
    device.close()
    assert device.read() is None


def test_camera_device_asks_nothing_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cv2, "VideoCapture", FakeCapture)
    assert CameraDevice(0)._capture.set_to == {}


def test_cameras_are_listed_without_opening_any(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number, index, name in ((10, 0, "Logi C920"), (0, 0, "내장 카메라"), (1, 1, "내장 카메라")):
        node = tmp_path / f"video{number}"
        node.mkdir()
        (node / "index").write_text(f"{index}\n")
        (node / "name").write_text(f"{name}\n", encoding="utf-8")
    (tmp_path / "video5").mkdir()  # unplugged a moment ago
    monkeypatch.setattr(cv2, "VideoCapture", None)
    assert linux_cameras(tmp_path) == [CameraInfo(0, "내장 카메라"), CameraInfo(10, "Logi C920")]
    assert linux_cameras(tmp_path / "absent") == []


def test_cameras_of_other_systems_come_from_their_media_framework(monkeypatch: pytest.MonkeyPatch) -> None:
    def devices(framework: str) -> list[SimpleNamespace]:
        names = {"dshow": ["USB 카메라", "Microphone"], "avfoundation": ["FaceTime", "Capture screen 0"]}[framework]
        kinds = ["audio" if name == "Microphone" else "video" for name in names]
        return [SimpleNamespace(description=n, media_types=[k]) for n, k in zip(names, kinds, strict=True)]

    monkeypatch.setattr(av, "enumerate_input_devices", devices)
    monkeypatch.setattr("platform.system", lambda: "Windows")
    assert list_cameras() == [CameraInfo(0, "USB 카메라")]
    monkeypatch.setattr("platform.system", lambda: "Darwin")
    assert list_cameras() == [CameraInfo(0, "FaceTime")]

    def unable(framework: str) -> None:
        raise av.FFmpegError(1, "no such device")

    monkeypatch.setattr(av, "enumerate_input_devices", unable)
    assert list_cameras() == []
