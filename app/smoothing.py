"""Calming keypoints that tremble, without letting fast ones lag.

The One Euro filter (Casiez, Roussel and Vogel, CHI 2012): a low-pass filter whose cutoff rises with speed. It runs on
the frames' own timestamps, so that dropped frames and odd frame rates leave its delay as it is. Speed is counted in
person heights a second (longer sides of the box), so that the same settings suit somebody near and somebody far.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from app.settings import SmoothingSettings
from app.tracking.similarity import VISIBLE
from model.arrays import BoolArray, FloatArray

_Array = npt.NDArray[np.float64]

_SPEED_CUTOFF_HZ = 2.0  # of the speed itself; the paper has 1, which answers a start of motion too late here
_FORGET_S = 0.5  # a keypoint unseen for longer starts anew
_JUMP = 0.5  # person heights between two frames, from which a pose is not a continuation
_SIZE_MEMORY_S = 1.0  # the box trembles too


@dataclass(eq=False)
class _State:
    """One person's filters.

    Attributes:
        measured: (K, 2) last good measurement, pixels.
        values: (K, 2) the calmed place.
        speeds: (K, 2) calmed too, pixels a second.
        times: (K,) of the last good measurement; -inf where there was none.
        size: The person's height in pixels.
        time_s: Of the last frame.
    """

    measured: _Array
    values: _Array
    speeds: _Array
    times: _Array
    size: float
    time_s: float

    @classmethod
    def begin(cls, time_s: float, keypoints: FloatArray, good: BoolArray, size: float) -> Self:
        places = keypoints.astype(np.float64)
        return cls(
            measured=places.copy(),
            values=places,
            speeds=np.zeros_like(places),
            times=np.where(good, time_s, -np.inf),
            size=size,
            time_s=time_s,
        )

    def start(self, which: BoolArray, keypoints: FloatArray) -> None:
        """Begin anew at the measured places."""
        self.measured[which] = self.values[which] = keypoints[which]
        self.speeds[which] = 0.0

    def go_on(self, which: BoolArray, measured: FloatArray, elapsed_s: _Array, settings: SmoothingSettings) -> None:
        """Filter the next measurements (M, 2) of the M chosen keypoints, `elapsed_s` (M,) after their last."""
        elapsed = elapsed_s[:, None]
        # From one measurement to the next, not from the calmed value, whose distance would count as more speed the
        # shorter the step.
        raw_speeds = (measured - self.measured[which]) / elapsed
        self.speeds[which] += _weight(_SPEED_CUTOFF_HZ, elapsed) * (raw_speeds - self.speeds[which])
        heights_per_s = np.linalg.norm(self.speeds[which], axis=1, keepdims=True) / max(self.size, 1.0)
        cutoffs = settings.min_cutoff_hz + settings.beta * heights_per_s
        self.values[which] += _weight(cutoffs, elapsed) * (measured - self.values[which])
        self.measured[which] = measured

    def follow_size(self, time_s: float, size: float) -> None:
        """Let the height follow that of the box, which trembles."""
        weight = _weight(1 / (2 * np.pi * _SIZE_MEMORY_S), max(time_s - self.time_s, 0.0))
        self.size += float(weight) * (size - self.size)
        self.time_s = time_s


class Smoother:
    """One filter a keypoint, for every tracked person. Frames come in order of time, from one thread.

    Keypoints scored below 0.2 are passed through as they are and leave their filter alone: their place is a guess,
    which should neither pull the filter away nor be held where the joint was last seen.
    """

    def __init__(self, settings: SmoothingSettings) -> None:
        self.settings = settings
        self._states: dict[int, _State] = {}

    def reset(self) -> None:
        """Forget every person's past."""
        self._states.clear()

    def keep(self, track_ids: set[int]) -> None:
        """Forget everybody else."""
        self._states = {track_id: state for track_id, state in self._states.items() if track_id in track_ids}

    def smooth(
        self, track_id: int, time_s: float, keypoints: FloatArray, scores: FloatArray, size: float
    ) -> FloatArray:
        """The calmed keypoints of one person in one frame.

        Args:
            track_id: Whose past to go by.
            time_s: Time of the frame.
            keypoints: (K, 2) frame pixels.
            scores: (K,).
            size: Longer side of the person's box in pixels, the unit of speed.

        Returns:
            (K, 2).
        """
        if not self.settings.enabled:
            return keypoints
        good = scores >= VISIBLE
        state = self._states.get(track_id)
        if state is None or _jumped(state, keypoints, good):
            self._states[track_id] = _State.begin(time_s, keypoints, good, size)
            return keypoints
        elapsed = time_s - state.times
        starts = good & (elapsed > _FORGET_S)
        state.start(starts, keypoints)
        goes_on = good & (elapsed > 0) & ~starts
        state.go_on(goes_on, keypoints[goes_on], elapsed[goes_on], self.settings)
        state.times[good] = time_s
        state.follow_size(time_s, size)
        return np.where(good[:, None], state.values, keypoints).astype(np.float32)


def _weight(cutoff_hz: npt.ArrayLike, elapsed_s: npt.ArrayLike) -> _Array:
    """Weight of a new value in a first-order low-pass filter, `elapsed_s` after the last."""
    turn: _Array = 2 * np.pi * np.asarray(cutoff_hz, np.float64) * np.asarray(elapsed_s, np.float64)
    return turn / (turn + 1)


def _jumped(state: _State, keypoints: FloatArray, good: BoolArray) -> bool:
    known = good & np.isfinite(state.times)
    if not known.any():
        return False
    gone = np.linalg.norm(keypoints[known] - state.values[known], axis=1)
    return float(np.median(gone)) > _JUMP * state.size
