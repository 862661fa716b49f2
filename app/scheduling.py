"""When the person detector runs.

It runs every N frames. In between it runs early when somebody's keypoints fade or a region where nobody is followed
changes, on a budget: every frame earns 1/N of an early run, and one that finds nothing new has spent it. So whatever
moves in the picture, the detector runs at most about twice every N frames, unless it keeps finding newcomers.
"""

from typing import NamedTuple

import cv2
import numpy as np

from model.arrays import BoolArray, FloatArray, UInt8Array

SEARCH_EVERY = 3  # frames; while nobody is followed the pose network rests, so the detector may run more often
_MOST_CREDIT = 2.0  # early runs
_LONGER_SIDE = 64  # cells of the small picture
_CHANGE = 14.0  # grey levels, after the median change (lamps, exposure) is taken off
_CLUSTER = 5  # changed cells of 3x3 that make more than noise
_MARGIN = 0.15  # of a box: limbs and shadows reach beyond it
_CUT_CORRELATION = 0.3  # between successive small pictures, from which on they show one scene
_CUT_SHARE = 0.4  # of the cells that change: somebody who moves over a plain wall leaves most as they are
_CUT_CHANGE, _LEAST_CHANGE = 0.5, 4.0  # what is a change there: of the deviation of grey levels, and grey levels
_FLAT = 1.0  # grey levels; a picture with less contrast correlates with nothing


class Sight(NamedTuple):
    """What a frame of `size` (height, width, 3) shows: `grey`, a small picture (h, w) of it."""

    size: tuple[int, ...]
    grey: FloatArray

    def is_of(self, other: "Sight") -> bool:
        """Whether both show one scene, in frames of one size."""
        return self.size == other.size and not _is_cut(other.grey, self.grey)


class Scene:
    """Small grey pictures of the frames: tells cuts, and changes where nobody is followed.

    Attributes:
        sight: Of the last frame; None before the first.
    """

    def __init__(self) -> None:
        self.sight: Sight | None = None
        self._looked_at: FloatArray | None = None
        self._covered: BoolArray = np.zeros((0, 0), np.bool_)
        self._scale = 1.0

    def see(self, image: UInt8Array) -> bool:
        """Take in the next frame's image (H, W, 3) uint8 BGR; True where it shows another scene than the last."""
        before = self.sight
        longer_side = max(image.shape[:2])
        self._scale = min(_LONGER_SIDE / longer_side, 1.0)
        stride = max(longer_side // (4 * _LONGER_SIDE), 1)
        size = (max(round(image.shape[1] * self._scale), 1), max(round(image.shape[0] * self._scale), 1))
        small = cv2.resize(image[::stride, ::stride], size, interpolation=cv2.INTER_AREA)
        self.sight = Sight(image.shape, cv2.cvtColor(small, cv2.COLOR_BGR2GRAY).astype(np.float32))
        cut = before is not None and not self.sight.is_of(before)
        if cut:
            self._looked_at = None
        return cut

    def look(self) -> None:
        """The detector is looking at this frame: changes count from here."""
        if self.sight is not None:
            self._looked_at = self.sight.grey
            self._covered = np.zeros_like(self.sight.grey, np.bool_)

    def cover(self, boxes: FloatArray) -> None:
        """Changes in these boxes (N, 4) are of people who are followed anyway."""
        margins = _MARGIN * np.tile(boxes[:, 2:] - boxes[:, :2], 2) * np.array([-1, -1, 1, 1])
        cells = (boxes + margins) * self._scale
        for x1, y1, x2, y2 in zip(*np.floor(cells[:, :2]).T, *np.ceil(cells[:, 2:]).T, strict=True):
            self._covered[max(int(y1), 0) : max(int(y2), 0), max(int(x1), 0) : max(int(x2), 0)] = True

    def changed(self) -> bool:
        """Whether something came up outside the covered boxes since the detector looked."""
        if self.sight is None or self._looked_at is None:
            return False
        difference = self.sight.grey - self._looked_at
        free = np.abs(difference - np.median(difference)) > _CHANGE
        free &= ~self._covered
        clusters = cv2.boxFilter(free.astype(np.float32), -1, (3, 3), normalize=False)
        return bool(clusters.max() >= _CLUSTER)


def _is_cut(before: FloatArray, now: FloatArray) -> bool:
    if _correlation(before, now) >= _CUT_CORRELATION:
        return False
    difference = now - before
    change = np.clip(_CUT_CHANGE * max(before.std(), now.std()), _LEAST_CHANGE, _CHANGE)  # dark scenes differ by less
    return bool(np.mean(np.abs(difference - np.median(difference)) > change) >= _CUT_SHARE)


def _correlation(before: FloatArray, now: FloatArray) -> float:
    deviations = float(before.std()), float(now.std())
    if min(deviations) < _FLAT:
        return 1.0 if max(deviations) < _FLAT else 0.0
    return float(np.mean((before - before.mean()) * (now - now.mean()))) / (deviations[0] * deviations[1])


class DetectionSchedule:
    """Decides, frame by frame, whether the detector runs."""

    def __init__(self, every_n: int) -> None:
        self.every_n = every_n
        self._since_run: int | None = None
        self._credit = _MOST_CREDIT
        self._early = False

    def reset(self) -> None:
        """Run on the next frame, whatever it shows."""
        self._since_run = None

    def due(self, searching: bool, alarm: bool) -> bool:
        """Whether the detector runs on this frame; to be asked once a frame.

        Args:
            searching: Nobody is followed, or somebody is out of sight.
            alarm: Somebody's keypoints fade, or a free region changed.
        """
        self._credit = min(self._credit + 1 / self.every_n, _MOST_CREDIT)
        self._since_run = None if self._since_run is None else self._since_run + 1
        period = min(self.every_n, SEARCH_EVERY) if searching else self.every_n
        regular = self._since_run is None or self._since_run >= period
        self._early = not regular and alarm and self._credit >= 1
        if self._early:
            self._credit -= 1
        if regular or self._early:
            self._since_run = 0
        return regular or self._early

    def reward(self) -> None:
        """The run on this frame found something new: it was worth its cost."""
        self._credit += self._early
