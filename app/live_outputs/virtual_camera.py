"""The picture with its people as a camera that other programs can choose.

pyvirtualcam is under the GNU General Public License 2 and therefore no requirement: who wants this installs it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import Any

from app.errors import OutputError
from app.results import FrameResult
from app.sinks.fitting import fitted
from app.sinks.keypoints_jsonl import KeypointsHeader
from model.arrays import UInt8Array

_USUAL_FPS = 30.0
_REMEDIES = {
    "linux": "install v4l2loopback and run: sudo modprobe v4l2loopback exclusive_caps=1",
    "darwin": "install OBS Studio 30 or newer, and start and stop its virtual camera once",
    "win32": "install OBS Studio, which brings a virtual camera, and close what else uses it",
}
_OTHER_REMEDY = "install a virtual camera that pyvirtualcam knows"


class VirtualCameraOutput:
    """Shows every frame on the first free virtual camera of this machine."""

    def __init__(self) -> None:
        """Find pyvirtualcam; the device opens where the first source begins, in its size.

        Raises:
            OutputError: pyvirtualcam is not installed.
        """
        self._library = _library()
        self._camera: Any = None
        self._size = (0, 0)
        self._device = "virtual camera"

    @property
    def address(self) -> str:
        return self._device

    @property
    def receivers(self) -> None:
        """A camera does not know who watches."""
        return

    def begin(self, header: KeypointsHeader) -> None:
        if self._camera is not None:
            return  # who watches it may not bear another size; later sources are fitted in
        height, width = header.height + header.height % 2, header.width + header.width % 2  # as video formats need it
        try:
            # It keeps its rate, too, for whatever follows a folder of pictures.
            fps = header.fps if header.fps is not None and header.fps >= 1 else _USUAL_FPS
            self._camera = self._library.Camera(width, height, fps, fmt=self._library.PixelFormat.BGR)
        except RuntimeError as error:
            remedy = _REMEDIES.get(sys.platform, _OTHER_REMEDY)
            raise OutputError(f"no virtual camera takes {height}x{width} pixels; {remedy}") from error
        self._size, self._device = (height, width), self._camera.device

    def send(self, drawn: Callable[[], UInt8Array], result: FrameResult) -> None:
        if self._camera is None:
            return
        try:
            self._camera.send(fitted(drawn(), self._size))
        except RuntimeError as error:
            raise OutputError(f"the virtual camera {self._device} is gone ({error}); start it again") from error

    def close(self) -> None:
        if self._camera is not None:
            self._camera.close()
        self._camera = None


def _library() -> ModuleType:
    try:
        return import_module("pyvirtualcam")
    except ImportError as error:
        raise OutputError(
            "a virtual camera needs the package pyvirtualcam, which is not installed; run: pip install pyvirtualcam"
        ) from error
