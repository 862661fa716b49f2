"""Where to look for poses in a frame: the detector's boxes, and those in which tracks expect their persons.

Legend: T tracks, D detections, N candidates. Boxes are x1, y1, x2, y2 in frame pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from app.results import Detection
from app.tracking.similarity import assign
from app.tracking.track import Track
from model.arrays import FloatArray
from model.boxes import box_areas, box_iou

CONTINUES = 0.6  # of the threshold: a weaker box may still support a track, never start one
_OVERLAP = 0.3  # closeness from which a detection is taken to be a track's own before poses are known
_TREMBLE = 0.75  # IoU from which a detection and the expected box show the same stance of a person
_SHRUNKEN = 0.7  # of the expected area, from which down a detection is suspected to be in part hidden
_IN_FRONT = 0.1  # IoU with the expected box from which somebody else may hide the person
_INCUMBENT = 0.2  # by so much a newcomer's score must beat a followed person's to take their place


@dataclass(frozen=True, eq=False)
class Candidate:
    """A box to look for a pose in.

    Attributes:
        box: (4,).
        score: The detector's.
        owner: The track that expects its person here; None for a box of the detector.
        detected: Whether the detector saw somebody here, be it faintly or in part.
        rank: Claim to one of the places that `max_persons` allows.
    """

    box: FloatArray
    score: float
    owner: Track | None
    detected: bool
    rank: float


@dataclass(frozen=True, eq=False)
class Proposal:
    """The candidates of a frame, and whether the detector ran on it."""

    time_s: float
    candidates: tuple[Candidate, ...]
    looked: bool

    @property
    def boxes(self) -> FloatArray:
        """(N, 4)."""
        return stack_boxes([candidate.box for candidate in self.candidates])


def stack_boxes(boxes: Sequence[FloatArray]) -> FloatArray:
    """(N, 4) of N boxes, which may be none."""
    return np.asarray(boxes, np.float32).reshape(-1, 4)


def closeness(time_s: float, tracks: Sequence[Track], boxes: FloatArray, detected: bool) -> FloatArray:
    """(T, N) overlap of boxes (N, 4) with those that tracks expect, all widened by what the tracks may be off.

    `detected` tells whether the detector ran on the frame.
    """
    if not tracks or not len(boxes):
        return np.zeros((len(tracks), len(boxes)), np.float32)
    margins = [track.slack(time_s, detected) for track in tracks]
    return np.stack(
        [
            box_iou(_widened(track.predicted_box(time_s)[None], margin), _widened(boxes, margin))[0]
            for track, margin in zip(tracks, margins, strict=True)
        ]
    )


def _widened(boxes: FloatArray, margin: float) -> FloatArray:
    """Boxes (N, 4) with a margin on every side, in fractions of their width and height."""
    sizes = boxes[:, 2:] - boxes[:, :2]
    return np.asarray(boxes + np.float32(margin) * np.hstack([-sizes, sizes]), np.float32)


def propose(
    time_s: float,
    tracks: Sequence[Track],
    detections: Sequence[Detection] | None,
    threshold: float,
    max_persons: int,
) -> Proposal:
    """Choose where to look for poses.

    Args:
        time_s: Time of the frame.
        tracks: Everybody followed, those out of sight too.
        detections: What the detector found; None where it rested. Those under the threshold only support tracks.
        threshold: Score from which a detection may be a newcomer.
        max_persons: Most candidates. Who is followed goes before newcomers that are not clearly better, so that ids
            do not flicker.
    """
    looked, detections = detections is not None, detections or ()
    expected = stack_boxes([track.predicted_box(time_s) for track in tracks])
    found = stack_boxes([detection.box for detection in detections])
    overlaps = box_iou(expected, found)
    near = closeness(time_s, tracks, found, looked)
    partners = dict(assign(near, _OVERLAP))
    candidates, taken = [], set()
    for row, track in enumerate(tracks):
        if track.lost:
            continue
        rank = track.box_score + _INCUMBENT
        if row not in partners:
            candidates.append(Candidate(expected[row], track.box_score, track, False, rank))
            continue
        column = partners[row]
        detection = detections[column]
        weak = detection.score < threshold
        if not (weak and track.fading):
            taken.add(column)
        if weak or _cut_short(expected[row], found, overlaps[row], column):
            candidates.append(Candidate(expected[row], track.box_score, track, True, rank))
        else:
            box = _calmed(detection.box, expected[row], overlaps[row, column])
            candidates.append(Candidate(box, detection.score, None, True, max(rank, detection.score + _INCUMBENT)))
    in_doubt = [row for row, track in enumerate(tracks) if track.lost or track.fading]
    for column, detection in enumerate(detections):
        # Where somebody is lost, or poorly seen in the box expected, poses tell which of several weak boxes holds them.
        may_hold = bool((near[in_doubt, column] >= _OVERLAP).any())
        if column not in taken and (detection.score >= threshold or may_hold):
            candidates.append(Candidate(detection.box, detection.score, None, True, detection.score))
    candidates.sort(key=lambda candidate: -candidate.rank)
    return Proposal(time_s, tuple(candidates[:max_persons]), looked)


def _calmed(detected: FloatArray, expected: FloatArray, overlap: float) -> FloatArray:
    """The mean of a detection and the box expected there, where they differ by no more than detectors tremble."""
    return np.asarray((detected + expected) / 2, np.float32) if overlap >= _TREMBLE else detected


def _cut_short(expected: FloatArray, found: FloatArray, overlaps: FloatArray, column: int) -> bool:
    """Whether a detection shows only what somebody else in front leaves of the person.

    Args:
        expected: (4,) where the person is expected.
        found: (D, 4) all detections.
        overlaps: (D,) of them with the expected box.
        column: The detection in question.
    """
    shrunken = box_areas(found[column : column + 1])[0] < _SHRUNKEN * box_areas(expected[None])[0]
    return bool(shrunken) and bool((np.delete(overlaps, column) >= _IN_FRONT).any())
