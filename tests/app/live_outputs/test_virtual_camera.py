"""The virtual camera, with a stand-in for pyvirtualcam where its licence keeps it out."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

from app.errors import OutputError
from app.live_outputs.virtual_camera import VirtualCameraOutput
from model.arrays import UInt8Array
from tests.app.live_outputs.examples import header, picture, result


class FakeCamera:
    """Behaves as pyvirtualcam.Camera does: takes pictures of its size alone, and none once its device is gone."""

    opened: list["FakeCamera"]
    present = True

    def __init__(self, width: int, height: int, fps: float, *, fmt: str) -> None:
        if not FakeCamera.present:
            raise RuntimeError("'v4l2loopback' backend: No /dev/video device\nfound")
        self.mode = (width, height, fps, fmt)
        self.device = f"/dev/video{len(FakeCamera.opened)}"
        self.pictures: list[UInt8Array] = []
        self.closed = self.gone = False
        FakeCamera.opened.append(self)

    def send(self, frame: UInt8Array) -> None:
        assert not self.closed
        assert frame.shape == (self.mode[1], self.mode[0], 3)
        assert frame.dtype == np.uint8
        if self.gone:
            raise RuntimeError("device lost")
        self.pictures.append(frame)

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def cameras(monkeypatch: pytest.MonkeyPatch) -> list[FakeCamera]:
    monkeypatch.setattr(FakeCamera, "opened", [], raising=False)
    monkeypatch.setattr(FakeCamera, "present", True)
    library = SimpleNamespace(Camera=FakeCamera, PixelFormat=SimpleNamespace(BGR="BGR"))
    monkeypatch.setitem(sys.modules, "pyvirtualcam", library)
    return FakeCamera.opened


def test_pictures_go_to_a_camera_of_the_sources_size_and_rate(cameras: list[FakeCamera]) -> None:
    output = VirtualCameraOutput()
    assert cameras == [], "no device is taken before there is a picture to show"
    output.begin(header(fps=29.97))
    output.send(lambda: picture(7), result(0))
    output.send(lambda: picture(8), result(1))
    (camera,) = cameras
    assert camera.mode == (64, 48, 29.97, "BGR")
    assert [int(image[0, 0, 0]) for image in camera.pictures] == [7, 8]
    assert output.address == "/dev/video0"
    assert output.receivers is None
    output.close()
    assert camera.closed


def test_a_folder_of_pictures_leaves_the_camera_its_usual_rate(cameras: list[FakeCamera]) -> None:
    """Which it keeps for what is opened next."""
    VirtualCameraOutput().begin(header(fps=0.5))
    assert cameras[0].mode[2] == 30


def test_the_camera_stays_the_same_whatever_source_follows(cameras: list[FakeCamera]) -> None:
    """Who watches it, a meeting say, may not bear another size."""
    output = VirtualCameraOutput()
    output.begin(header("a.mp4"))
    output.begin(header("b.mp4", size=(96, 128), fps=60))
    output.send(lambda: picture(7, (96, 128)), result(0))
    (camera,) = cameras
    assert not camera.closed
    assert camera.pictures[0].shape == (48, 64, 3)
    output.close()
    output.begin(header("b.mp4", size=(96, 128)))
    assert cameras[-1].mode[:2] == (128, 96)
    output.close()


def test_odd_sizes_and_a_source_that_changes_its_size_are_fitted(cameras: list[FakeCamera]) -> None:
    output = VirtualCameraOutput()
    output.begin(header(size=(47, 63), fps=None))
    output.send(lambda: picture(200, (47, 63)), result(0))
    output.send(lambda: picture(200, (48, 16)), result(1))
    (camera,) = cameras
    assert camera.mode == (64, 48, 30.0, "BGR")
    beside = camera.pictures[1]
    assert beside[24, 32].tolist() == [200] * 3
    assert beside[24, [0, 63]].tolist() == [[0] * 3] * 2
    output.close()


def test_without_the_package_the_remedy_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyvirtualcam", None)
    with pytest.raises(OutputError, match="pip install pyvirtualcam"):
        VirtualCameraOutput()


@pytest.mark.parametrize(
    ("platform", "remedy"),
    [
        ("linux", "modprobe v4l2loopback"),
        ("darwin", "OBS Studio 30"),
        ("win32", "OBS Studio"),
        ("haiku", "pyvirtualcam"),
    ],
)
def test_without_a_device_the_remedy_fits_the_system(
    cameras: list[FakeCamera], monkeypatch: pytest.MonkeyPatch, platform: str, remedy: str
) -> None:
    monkeypatch.setattr(FakeCamera, "present", False)
    monkeypatch.setattr(sys, "platform", platform)
    output = VirtualCameraOutput()
    with pytest.raises(OutputError, match=remedy) as error:
        output.begin(header())
    assert "\n" not in str(error.value)
    output.close()


def test_a_device_that_goes_away_is_told(cameras: list[FakeCamera]) -> None:
    output = VirtualCameraOutput()
    output.begin(header())
    cameras[0].gone = True
    with pytest.raises(OutputError, match=r"/dev/video0 is gone \(device lost\)"):
        output.send(picture, result(0))
    output.close()
