"""One person followed through time: the last pose, the way it moves, and the box that it implies.

Between detector runs a box comes from keypoints. The extent of the keypoints alone would shrink from frame to frame,
because heads end above the eyes and legs are not always seen; so each track keeps the detector's last box together with
the pose found in it, and carries that box along by the motion of the keypoints since.
"""

from dataclasses import dataclass, field

import numpy as np

from app.tracking.similarity import LEAST_COMMON, VISIBLE
from model.arrays import BoolArray, FloatArray
from model.boxes import box_areas
from model.estimator import person_scores

_EDGE = 0.05  # of the box's longer side, kept free around confident keypoints
_AT_EDGE = 0.01  # of the frame's longer side
_CONFIDENT = 0.4  # scores from which a keypoint may widen a box
_LEAST_LEVER = 0.1  # of the box's longer side; closer keypoints say nothing about scale
_SCALE_LIMITS = (0.5, 2.0)  # of the box between two detector runs
_VELOCITY_MEMORY_S = 0.2  # time constant of the velocity's running mean
_COAST_S = 2.0  # time constant with which a velocity is forgotten when nothing is seen
_SLACK_PER_S, _MOST_SLACK = 0.5, 0.5  # person sizes: sides of the box, or sqrt(area)
# On top while a velocity is hardly known: of poses in expected boxes, and among detections, where runners are sought.
_NEW_SLACK_PER_S, _NEW_REACH_PER_S = 1.0, 2.0
_FADED = 0.6  # of the mean score at the last detection
_LEAST_VISIBLE = 4


@dataclass(eq=False)
class Track:
    """A person's state at the last frame in which they were seen; coordinates are frame pixels.

    Attributes:
        id: Lasting number, 0 until the track is confirmed.
        box: (4,) x1, y1, x2, y2.
        box_score: The detector's last score.
        keypoints: (K, 2), as the network gave them.
        scores: (K,).
        seen_s: Time of this state.
        frame_size: (height, width) of the frames.
        detected_s: Time of the last detector run that found the person.
        velocity: (2,) pixels per second.
        missed_runs: Detector runs since the last that found the person.
        lost: Not seen in the last frame: hidden, or gone.
        candidate: Index of the candidate of the last frame in which the person was seen.
    """

    box: FloatArray
    box_score: float
    keypoints: FloatArray
    scores: FloatArray
    seen_s: float
    frame_size: tuple[int, int]
    id: int = 0
    detected_s: float = field(init=False)
    velocity: FloatArray = field(default_factory=lambda: np.zeros(2, np.float32))
    missed_runs: int = 0
    lost: bool = False
    candidate: int = 0

    def __post_init__(self) -> None:
        self._begun_s = self.seen_s
        self._set_anchor(self.seen_s)

    def _set_anchor(self, time_s: float) -> None:
        self.detected_s = time_s
        self._anchor_box, self._anchor_keypoints, self._anchor_scores = self.box, self.keypoints, self.scores

    @property
    def fading(self) -> bool:
        """Whether the keypoints are much worse than in the detector's last box, so that the box may be to blame."""
        return self.would_fade(self.scores)

    def would_fade(self, scores: FloatArray) -> bool:
        """The same of scores (K,) not taken over yet."""
        worse = float(scores.mean()) < _FADED * float(self._anchor_scores.mean())
        return worse or int((scores >= VISIBLE).sum()) < _LEAST_VISIBLE

    @property
    def inside(self) -> float:
        """Share of the box that lies in the frame."""
        height, width = self.frame_size
        visible = np.clip(self.box, 0, np.array([width, height, width, height], np.float32))
        areas = box_areas(np.stack([visible, self.box]))
        return float(areas[0] / max(areas[1], 1.0))

    @property
    def score(self) -> float:
        """The person's score, 0..1: box score times the mean of the keypoint scores above 0.2, 0 where none is."""
        return float(person_scores(np.array([self.box_score]), self.scores[None])[0])

    def shift(self, time_s: float) -> FloatArray:
        """(2,) how far the person has gone by then; the velocity fades, so that nobody coasts for ever."""
        elapsed = max(time_s - self.seen_s, 0.0)
        return self.velocity * np.float32(_COAST_S * (1 - np.exp(-elapsed / _COAST_S)))

    def slack(self, time_s: float, detected: bool) -> float:
        """How far off the expectation may be by then, in person sizes; further while the velocity is hardly known.

        Args:
            time_s: When the person is looked for.
            detected: Whether among what the detector found then.
        """
        elapsed = max(time_s - self.seen_s, 0.0)
        newness = float(np.exp(-(self.seen_s - self._begun_s) / _VELOCITY_MEMORY_S))
        new_per_s = _NEW_REACH_PER_S if detected else _NEW_SLACK_PER_S
        return min((_SLACK_PER_S + newness * new_per_s) * elapsed, _MOST_SLACK)

    def predicted_box(self, time_s: float) -> FloatArray:
        """(4,) where the person's box is expected."""
        return self.box + np.tile(self.shift(time_s), 2)

    def predicted_keypoints(self, time_s: float) -> FloatArray:
        """(K, 2) where the keypoints are expected."""
        return self.keypoints + self.shift(time_s)

    def rewind(self, time_s: float) -> None:
        """Take what was seen last for what is seen at an earlier time, from which the person's motion is not known."""
        self.seen_s = self.detected_s = self._begun_s = time_s
        self.velocity = np.zeros(2, np.float32)

    def see_detected(
        self, time_s: float, box: FloatArray, box_score: float, keypoints: FloatArray, scores: FloatArray
    ) -> None:
        """Take over a pose found in a box of the detector."""
        self._move(time_s, keypoints, scores)
        self.box, self.box_score = box, box_score
        self.missed_runs = 0
        self._set_anchor(time_s)

    def see_carried(
        self, time_s: float, keypoints: FloatArray, scores: FloatArray, detected: bool, trusted: bool
    ) -> None:
        """Take over a pose found in the box that this track expected.

        Args:
            time_s: Time of the frame.
            keypoints: (K, 2).
            scores: (K,).
            detected: Whether the detector saw somebody there.
            trusted: Whether the pose is surely this person's alone; if not, box and velocity do not follow it.
        """
        box, velocity = self.predicted_box(time_s), self.velocity
        self._move(time_s, keypoints, scores)
        if trusted:
            carried = carry_box(self._anchor_box, self._anchor_keypoints, self._anchor_scores, keypoints, scores)
            self.box = box if carried is None else self._reaching_out(carried)
        else:
            self.box, self.velocity = box, velocity
        if detected:
            self.detected_s, self.missed_runs = time_s, 0

    def _reaching_out(self, box: FloatArray) -> FloatArray:
        """A carried box, where the frame's edge cut the detector's one: who moves in from there brings more along.

        It reaches for the edge again, but no further than what was seen is large.
        """
        edges = np.array([0, 0, self.frame_size[1], self.frame_size[0]], np.float32)
        cut = np.abs(self._anchor_box - edges) < _AT_EDGE * max(self.frame_size)
        size = box[2:] - box[:2]
        low = np.minimum(box[:2], np.maximum(edges[:2], box[:2] - size))
        high = np.maximum(box[2:], np.minimum(edges[2:], box[2:] + size))
        return np.where(cut, np.concatenate([low, high]), box)

    def _move(self, time_s: float, keypoints: FloatArray, scores: FloatArray) -> None:
        elapsed = time_s - self.seen_s
        common = _visible(self.scores) & _visible(scores)
        if elapsed > 0 and common.sum() >= LEAST_COMMON:
            measured = np.median(keypoints[common] - self.keypoints[common], axis=0) / elapsed
            weight = np.float32(elapsed / (elapsed + _VELOCITY_MEMORY_S))
            self.velocity = np.asarray(self.velocity + weight * (measured - self.velocity), np.float32)
        self.keypoints, self.scores, self.seen_s, self.lost = keypoints, scores, time_s, False


def carry_box(
    box: FloatArray, keypoints: FloatArray, scores: FloatArray, new_keypoints: FloatArray, new_scores: FloatArray
) -> FloatArray | None:
    """Move a box as the pose inside it moved.

    Shift and scale are medians over the keypoints visible in both poses, so that a raised arm does not drag the box
    along; the result is then widened where a keypoint comes closer to a side than any was before.

    Args:
        box: (4,) box that belongs to the first pose.
        keypoints: (K, 2) first pose.
        scores: (K,) of the first pose.
        new_keypoints: (K, 2) second pose.
        new_scores: (K,) of the second pose.

    Returns:
        (4,) box of the second pose; None where too few keypoints are visible in both.
    """
    common = _visible(scores) & _visible(new_scores)
    if common.sum() < LEAST_COMMON:
        return None
    before, after = keypoints[common], new_keypoints[common]
    longer_side = max(float(box[2] - box[0]), float(box[3] - box[1]))
    scale = _scale_between(before, after, _LEAST_LEVER * longer_side)
    shift = np.median(after - scale * before, axis=0)
    moved = scale * box + np.tile(shift, 2)
    confident, confident_before = new_scores >= _CONFIDENT, scores >= _CONFIDENT
    if confident.any() and confident_before.any():
        edge = _EDGE * longer_side
        low_edge = np.minimum(keypoints[confident_before].min(axis=0) - box[:2], edge)
        high_edge = np.minimum(box[2:] - keypoints[confident_before].max(axis=0), edge)
        moved[:2] = np.minimum(moved[:2], new_keypoints[confident].min(axis=0) - scale * low_edge)
        moved[2:] = np.maximum(moved[2:], new_keypoints[confident].max(axis=0) + scale * high_edge)
    return np.asarray(moved, np.float32)


def _scale_between(before: FloatArray, after: FloatArray, least_lever: float) -> float:
    """Median ratio of the distances between keypoints (P, 2) after and before."""
    first, second = np.triu_indices(len(before), k=1)
    old = np.linalg.norm(before[first] - before[second], axis=1)
    new = np.linalg.norm(after[first] - after[second], axis=1)
    levers = old > least_lever
    if not levers.any():
        return 1.0
    return float(np.clip(np.median(new[levers] / old[levers]), *_SCALE_LIMITS))


def _visible(scores: FloatArray) -> BoolArray:
    return scores >= VISIBLE
