"""The live view on cameras: modes, losses, and who holds them when."""

import threading
import time

import pytest

from app.errors import SourceError
from app.live.news import (
    SourceBack,
    SourceFailed,
    SourceLost,
    SourceOpened,
)
from app.live.opening import ANY_CAMERA
from app.settings import CameraSettings
from tests.app.live.fakes import BlockedCamera, FakeCamera, FakeFile, wait_for


def test_another_camera_mode_opens_the_camera_anew(live) -> None:
    opened: list[FakeCamera] = []

    def camera() -> FakeCamera:
        assert all(former.closed.is_set() for former in opened)  # a device can be opened once at a time
        opened.append(FakeCamera())
        return opened[-1]

    live.sources["3"] = camera
    live.start("3")
    wait_for(live.draws_result)
    wanted = CameraSettings(lines="1080p")
    live.controller.apply(live.controller.settings.model_copy(update={"camera": wanted}))
    wait_for(lambda: len(opened) == 2 and opened[1].asked == wanted)
    wait_for(live.draws_result)
    assert not live.news.of(SourceFailed)


@pytest.mark.parametrize("name", ["0", "/dev/video0", ANY_CAMERA])
def test_a_camera_that_was_left_for_a_file_is_opened_once_it_is_free(live, name: str) -> None:
    let_go = threading.Event()

    class SlowCamera(FakeCamera):
        def __exit__(self, *_: object) -> None:
            self.close()
            let_go.wait(10)

    live.sources |= {"0": SlowCamera(), "/dev/video0": SlowCamera(), ANY_CAMERA: SlowCamera()}
    live.start("0")
    wait_for(live.draws_result)
    live.controller.open("clip.mp4")
    wait_for(lambda: live.controller.source is not None)
    live.controller.open(name)
    time.sleep(0.05)
    assert live.controller.source is None, "two would read from one device"
    let_go.set()
    wait_for(lambda: live.controller.source is not None and live.controller.source.spec == name)


def test_a_mode_chosen_while_the_camera_opens_is_asked_of_it(live) -> None:
    go_on, opened = threading.Event(), []

    def camera() -> FakeCamera:
        go_on.wait(10)
        opened.append(FakeCamera())
        return opened[-1]

    live.sources["3"] = camera
    live.start("3")
    live.change("camera", lines="1080p")
    live.change("camera", fps="60")
    go_on.set()
    wait_for(live.draws_result)
    assert opened[-1].asked == CameraSettings(lines="1080p", fps="60")
    assert all(former.closed.is_set() for former in opened[:-1])


def test_a_mode_chosen_while_a_file_opens_leaves_it_alone(live) -> None:
    go_on, opened = threading.Event(), []

    def clip() -> FakeFile:
        go_on.wait(10)
        opened.append(FakeFile())
        return opened[-1]

    live.sources["clip.mp4"] = clip
    live.start("clip.mp4")
    live.change("camera", lines="1080p")
    go_on.set()
    wait_for(live.draws_result)
    assert len(opened) == 1


def test_a_camera_that_goes_silent_is_lost_until_it_is_back(live, monkeypatch) -> None:
    monkeypatch.setattr("app.live.reader.LOST_AFTER_S", 0.1)
    live.start()
    wait_for(live.draws_result)
    live.camera.silent = True

    def lost() -> bool:
        live.controller.watch()
        return bool(live.news.of(SourceLost))

    wait_for(lost)
    live.controller.watch()
    assert len(live.news.of(SourceLost)) == 1
    live.camera.silent = False
    wait_for(lambda: live.news.of(SourceBack))


def test_a_camera_that_dies_for_good_is_told(live) -> None:
    live.start()
    wait_for(live.draws_result)
    live.camera.error = SourceError("camera 0 has sent nothing for 30 s; check its cable and start again")
    wait_for(lambda: live.news.of(SourceFailed))


def test_a_camera_that_changes_its_size_goes_on(live) -> None:
    live.start()
    wait_for(live.draws_result)
    live.camera.size = (96, 128)
    wait_for(lambda: live.draws_result() and live.picture().frame.size == (96, 128))


def test_a_camera_that_blocks_holds_up_nobody(live) -> None:
    blocked = BlockedCamera()
    live.sources["2"] = blocked
    live.start("2")
    wait_for(lambda: live.news.of(SourceOpened))
    live.controller.open("0")
    wait_for(live.draws_result)
    assert blocked.waiting.is_set()  # in its read still: nobody waited for it
    assert not live.controller.close()  # the thread of the blocked device is left behind
    blocked.release.set()
    wait_for(lambda: not live.controller.threads())
