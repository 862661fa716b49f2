"""What the window does when a camera dies, comes back, turns black, changes size, freezes or blocks."""

import threading
from collections.abc import Callable, Iterator

import numpy as np
import pytest

from app.errors import SourceError
from app.sources.devices import CaptureMode
from app.sources.live import LiveSource, LiveTiming

_QUICK = LiveTiming(
    first_frame_s=5.0, stall_s=0.3, frozen_s=0.3, first_pause_s=0.02, longest_pause_s=0.05, give_up_s=None
)
Script = Callable[[], np.ndarray | None]


class Device:
    """A camera whose behaviour a test may change at any time.

    Attributes:
        script: Makes the next picture; None is the end.
        plugged: Whether it opens.
        opened: How often it was opened.
    """

    def __init__(self) -> None:
        self.mode = CaptureMode(48, 64, 100.0)
        self.script: Script = noise((48, 64))
        self.plugged = True
        self.opened = 0
        self._pause = threading.Event()

    def __call__(self) -> "Device":
        if not self.plugged:
            raise SourceError("camera 0 does not open; check that it is connected")
        self.opened += 1
        return self

    def read(self) -> np.ndarray | None:
        self._pause.wait(0.01)
        return self.script()

    def close(self) -> None:
        """Nothing is held."""


def noise(size: tuple[int, int]) -> Script:
    """Pictures as a sensor makes them, no two alike."""
    random = np.random.default_rng(0)
    return lambda: random.integers(0, 255, (*size, 3), np.uint8)


@pytest.fixture
def device(gui) -> Iterator[Device]:
    made = Device()
    gui.sources["7"] = lambda: LiveSource("camera 7", made, timing=_QUICK)
    gui.start("7")
    yield made
    made.script = lambda: None


@pytest.fixture(autouse=True)
def _impatient(monkeypatch) -> None:
    monkeypatch.setattr("app.live.reader.LOST_AFTER_S", 0.2)
    monkeypatch.setattr("app.live.reader.DARK_AFTER_S", 0.2)


def _goes_on(gui) -> None:
    before = gui.shown().frame.index
    gui.wait(lambda: gui.shown().frame.index > before + 3)
    gui.wait(lambda: not gui.window.banner.isVisible())


def _says(gui, words: str) -> None:
    gui.wait(lambda: gui.window.banner.isVisible() and words in gui.window.banner.text.text())


def test_one_that_is_unplugged_is_waited_for_and_picked_up_again(gui, device: Device) -> None:
    device.plugged, device.script = False, lambda: None
    _says(gui, "No picture comes from camera 7: waiting for it")
    assert gui.shown() is not None  # the last picture stays in view
    device.plugged, device.script = True, noise((48, 64))
    _goes_on(gui)


def test_a_recording_waits_for_one_that_is_unplugged(gui, device: Device) -> None:
    gui.window.commands.record.trigger()
    gui.wait(lambda: gui.controller.recording is not None and gui.controller.recording.frames > 3)
    device.plugged, device.script = False, lambda: None
    _says(gui, "No picture comes from camera 7: waiting for it")
    before = gui.controller.recording.frames
    device.plugged, device.script = True, noise((48, 64))
    gui.wait(lambda: gui.controller.recording.frames > before + 3)


def test_one_that_turns_black_is_told_and_goes_on(gui, device: Device) -> None:
    dark = noise((48, 64))
    device.script = lambda: dark() // 16  # a covered lens's noise
    _says(gui, "camera 7 sends a black picture")
    device.script = noise((48, 64))
    _goes_on(gui)
    device.script = lambda: np.zeros((48, 64, 3), np.uint8)  # as a driver gives: not even noise
    _says(gui, "camera 7 sends a black picture")
    assert gui.controller.source is not None


def test_one_that_changes_its_size_is_shown_whole(gui, device: Device) -> None:
    gui.window.commands.zoom_in.trigger()
    device.script = noise((96, 64))
    gui.wait(lambda: gui.window.picture.viewport.picture == (64, 96))
    assert gui.window.picture.viewport.zoom == 1.0
    _goes_on(gui)
    gui.window.presenter.refresh()
    assert "64 × 96" in gui.window.status._whole


def test_one_that_repeats_a_picture_is_opened_anew(gui, device: Device) -> None:
    still = noise((48, 64))()
    device.script = still.copy
    gui.wait(lambda: device.opened >= 2)
    device.script = noise((48, 64))
    _goes_on(gui)


def test_one_that_repeats_a_picture_because_it_was_unplugged_is_waited_for(gui, device: Device) -> None:
    still = noise((48, 64))()
    device.plugged, device.script = False, still.copy
    _says(gui, "No picture comes from camera 7: waiting for it")
    device.plugged, device.script = True, noise((48, 64))
    _goes_on(gui)


def test_one_that_blocks_in_read_is_left_behind_and_picked_up_again(gui, device: Device) -> None:
    release, lively = threading.Event(), noise((48, 64))

    def block() -> None:
        device.script = lively  # for whoever opens it next
        release.wait(60)

    device.script = block
    gui.wait(lambda: device.opened == 2)
    _goes_on(gui)
    release.set()


def test_closing_waits_for_no_camera_that_blocks_in_read(gui, device: Device) -> None:
    release, blocking = threading.Event(), threading.Event()

    def block() -> None:
        blocking.set()
        release.wait(60)

    device.script = block
    gui.wait(blocking.is_set)
    gui.close()
    assert not release.is_set()  # and still it is closed
    release.set()
