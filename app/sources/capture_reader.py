"""The thread that reads one connection to a camera or stream."""

import threading
import time
from collections.abc import Callable

from app.errors import SourceError
from app.sources.devices import CaptureDevice, CaptureMode
from model.arrays import UInt8Array


class CaptureReader(threading.Thread):
    """One connection: opens the device, passes on its pictures until it fails or is abandoned, and closes it.

    Attributes:
        abandoned: Set by whoever wants it to end; a read under way is not cut off.
        ended: Set once the device is closed, or did not open.
        error: Why it did not open.
        pictures: How many were passed on.
        active_s: Time of the last picture, or of the start, by the monotonic clock.
    """

    def __init__(
        self,
        open_device: Callable[[], CaptureDevice],
        accept: Callable[["CaptureReader", UInt8Array, CaptureMode | None], bool],
    ) -> None:
        """Prepare; start() begins.

        Args:
            open_device: Opens the device, or raises SourceError.
            accept: Takes each picture and the device's mode; False ends the connection.
        """
        super().__init__(name="capture", daemon=True)
        self._open_device = open_device
        self._accept = accept
        self.abandoned = threading.Event()
        self.ended = threading.Event()
        self.error: SourceError | None = None
        self.pictures = 0
        self.active_s = time.monotonic()

    def run(self) -> None:
        try:
            device = self._open_device()
            try:
                self._read(device)
            finally:
                device.close()
        except SourceError as error:
            self.error = error
        finally:
            self.ended.set()

    def _read(self, device: CaptureDevice) -> None:
        while not self.abandoned.is_set():
            image = device.read()
            if image is None or self.abandoned.is_set() or not self._accept(self, image, device.mode):
                return
            self.pictures += 1
            self.active_s = time.monotonic()
