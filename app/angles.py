"""Angles at elbows, shoulders, hips and knees, and their course over the last frames.

All are angles in the picture: what the camera sees of a limb that points towards it is foreshortened.
"""

import numpy as np
import numpy.typing as npt

from app.results import FrameResult, Person
from model.arrays import FloatArray, IntArray
from model.skeletons import Skeleton

# At the middle point, between the limbs that lead to the two others; on either side of the body.
_POINTS = {
    "elbow": ("shoulder", "elbow", "wrist"),
    "shoulder": ("elbow", "shoulder", "hip"),
    "hip": ("shoulder", "hip", "knee"),
    "knee": ("hip", "knee", "ankle"),
}
ANGLE_JOINTS = tuple(f"{side}_{joint}" for joint in _POINTS for side in ("left", "right"))


def angle_points(skeleton: Skeleton) -> IntArray:
    """(J, 3) indices of the keypoints that make each angle of ANGLE_JOINTS; the angle lies at the middle one."""
    names = [[f"{side}_{point}" for point in points] for points in _POINTS.values() for side in ("left", "right")]
    return np.array([[skeleton.keypoint_names.index(name) for name in row] for row in names], np.intp)


def joint_angles(keypoints: FloatArray, scores: FloatArray, skeleton: Skeleton, threshold: float) -> FloatArray:
    """Angles at the joints of ANGLE_JOINTS, between the two limbs that meet there.

    Elbow and knee are 180 where arm or leg is straight. The shoulder's angle is that between upper arm and trunk (the
    line from the shoulder to the hip of the same side): 0 for an arm that hangs down, 180 for one straight up. The
    hip's is that between thigh and trunk: 180 for somebody upright, about 90 for somebody who sits.

    Args:
        keypoints: (..., K, 2) x, y in pixels.
        scores: (..., K).
        skeleton: Convention of the K keypoints; COCO-17 and MPII-16 both have all that is needed.
        threshold: An angle with a keypoint scored lower is unknown.

    Returns:
        (..., J) float32 degrees from 0 to 180; NaN where unknown, also where a limb has no length.
    """
    points = angle_points(skeleton)
    known = np.all(np.isfinite(keypoints), axis=-1, keepdims=True)
    places = np.where(known, keypoints, 0.0).astype(np.float64)[..., points, :]
    first, second = places[..., 0, :] - places[..., 1, :], places[..., 2, :] - places[..., 1, :]
    across = first[..., 0] * second[..., 1] - first[..., 1] * second[..., 0]
    along = (first * second).sum(axis=-1)
    # Unlike the arc cosine, the arc tangent stays exact near 0 and 180 degrees.
    degrees = np.degrees(np.arctan2(np.abs(across), along))
    usable = known[..., 0] & (scores >= threshold)
    sure = np.all(usable[..., points], axis=-1)
    has_length = np.any(first != 0, axis=-1) & np.any(second != 0, axis=-1)
    return np.where(sure & has_length, degrees, np.nan).astype(np.float32)


class AngleHistory:
    """The angles of one person over the last frames, for a chart.

    Without a chosen person it follows the largest in the picture for as long as that one is there. Where the person is
    out of sight, the angles are NaN. It begins anew with another person, and where time goes back.

    Args:
        frames: How many frames are kept.
    """

    def __init__(self, frames: int) -> None:
        self._times = np.zeros(frames, np.float64)
        self._angles = np.full((frames, len(ANGLE_JOINTS)), np.nan, np.float32)
        self._next = 0
        self._kept = 0
        self._chosen: int | None = None
        self._person: int | None = None

    @property
    def person(self) -> int | None:
        """Track id of the person whose angles these are; None before anybody was seen."""
        return self._person

    @property
    def times_s(self) -> npt.NDArray[np.float64]:
        """(N,) times of the kept frames, oldest first."""
        return self._times[self._order()]

    @property
    def degrees(self) -> FloatArray:
        """(N, J) angles at ANGLE_JOINTS in the kept frames, oldest first."""
        return self._angles[self._order()]

    def choose(self, track_id: int | None) -> None:
        """Follow this person; None for the largest."""
        if track_id != self._chosen:
            self._chosen = track_id
            self.clear()

    def add(self, result: FrameResult, skeleton: Skeleton, threshold: float) -> None:
        """Take in the next frame."""
        if self._kept and result.time_s < self._times[self._next - 1]:
            self.clear()
        person = self._find(result)
        if person is not None and person.track_id != self._person:
            self.clear()
            self._person = person.track_id
        if self._person is None:
            return
        self._times[self._next] = result.time_s
        self._angles[self._next] = (
            np.nan if person is None else joint_angles(person.keypoints, person.scores, skeleton, threshold)
        )
        self._next = (self._next + 1) % len(self._times)
        self._kept = min(self._kept + 1, len(self._times))

    def clear(self) -> None:
        """Forget everything but the choice of a person."""
        self._next = self._kept = 0
        self._person = None

    def _find(self, result: FrameResult) -> Person | None:
        by_id = {person.track_id: person for person in result.persons}
        if self._chosen is not None:
            return by_id.get(self._chosen)
        if self._person in by_id:
            return by_id[self._person]
        return max(result.persons, key=lambda person: float(np.prod(person.box[2:] - person.box[:2])), default=None)

    def _order(self) -> IntArray:
        return (np.arange(self._kept) + self._next - self._kept) % len(self._times)
