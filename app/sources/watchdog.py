"""Tells a device that hangs on its last picture from one that shows something still."""

import numpy as np

from model.arrays import UInt8Array

_SAMPLE_STEP = 16


class FrozenPictureWatch:
    """Watches for the same picture over and over, as some cameras give after they were unplugged.

    A sensor's noise changes a picture all the time, so one that stays the same bit by bit is no camera's. It is
    reported once: if opening the device anew brings the same picture still, that is taken for what it shows (a test
    card, a virtual camera), until it changes.

    Args:
        limit_s: How long the same picture may last; None watches for nothing.
    """

    def __init__(self, limit_s: float | None) -> None:
        self._limit_s = limit_s
        self._sample: UInt8Array | None = None
        self._since_s = 0.0
        self._reported = False

    def is_frozen(self, image: UInt8Array, now_s: float) -> bool:
        """Look at the next picture (H, W, 3), which came at now_s; True where the device should be opened anew."""
        if self._limit_s is None:
            return False
        sample = image[::_SAMPLE_STEP, ::_SAMPLE_STEP]
        if self._sample is None or not np.array_equal(sample, self._sample):
            self._sample, self._since_s, self._reported = sample.copy(), now_s, False
            return False
        if self._reported or now_s - self._since_s < self._limit_s:
            return False
        self._reported = True
        return True
