"""What a live source reads from: a camera by its index, or a network stream."""

import platform
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from app.errors import SourceError
from app.sources.quiet_opencv import quiet_opencv
from model.arrays import UInt8Array


class CaptureMode(NamedTuple):
    """A camera's size in pixels and its frame rate; a rate of 0 means unknown."""

    height: int
    width: int
    fps: float


class CaptureDevice(Protocol):
    """An opened camera or stream; used by one thread alone."""

    @property
    def mode(self) -> CaptureMode | None:
        """What the device says it delivers; None where it does not say."""

    def read(self) -> UInt8Array | None:
        """Wait for the next picture (H, W, 3) uint8 BGR, a new array each time; None once none comes any more."""

    def close(self) -> None:
        """Let go of the device."""


class CameraDevice:
    """A camera of this machine, through OpenCV.

    Args:
        index: As the operating system numbers cameras, from 0.
        asked: The mode to ask for; the nearest that the camera has is what `mode` then tells.
    """

    def __init__(self, index: int, asked: CaptureMode | None = None) -> None:
        """Open the camera.

        Raises:
            SourceError: There is no such camera, or it is in use or not permitted.
        """
        self._capture = _open_capture(index)
        if asked is not None:
            # Without compression, USB carries large pictures at a few frames a second.
            self._capture.set(cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG"))
            self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, asked.width)
            self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, asked.height)
            self._capture.set(cv2.CAP_PROP_FPS, asked.fps)

    @property
    def mode(self) -> CaptureMode | None:
        height, width, fps = (
            self._capture.get(key) for key in (cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FPS)
        )
        return CaptureMode(int(height), int(width), max(float(fps), 0.0))

    def read(self) -> UInt8Array | None:
        with_picture, image = self._capture.read()
        if not with_picture or image is None or image.size == 0:
            return None
        return np.asarray(image, dtype=np.uint8)

    def close(self) -> None:
        self._capture.release()


def _open_capture(index: int) -> cv2.VideoCapture:
    # One named back end after another: left to itself, OpenCV also tries some that print errors or take seconds.
    backends = {"Windows": (cv2.CAP_DSHOW, cv2.CAP_MSMF), "Darwin": (cv2.CAP_AVFOUNDATION,)}
    for backend in backends.get(platform.system(), (cv2.CAP_V4L2,)):
        with quiet_opencv():
            capture = cv2.VideoCapture(index, backend)
        if capture.isOpened():
            return capture
        capture.release()
    raise SourceError(
        f"camera {index} does not open; check that it is connected, that no other program uses it and that this one "
        "is allowed to"
    )
