"""How well boxes of people are found, by COCO's rules at one overlap.

Legend: D detections and G labelled people in one picture. Boxes are x1, y1, x2, y2 in pixels of the picture.
Source: Lin et al., "Microsoft COCO: Common Objects in Context", arXiv:1405.0312, and its evaluation code, which set the
rules of matching and the interpolation over 101 recalls.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.boxes import box_areas, box_intersections, box_iou
from model.errors import DatasetError

MATCH_IOU = 0.5
LEAST_HEIGHT = 0.1  # of the picture's; smaller people neither count as missed nor make a detection wrong
_RECALLS = np.linspace(0, 1, 101)


@dataclass(frozen=True, eq=False)
class PictureDetections:
    """What a detector found in one picture, and who is in it.

    Attributes:
        boxes: (D, 4) detections, weak ones too: average precision is over all thresholds.
        scores: (D,) how sure the detector is of each.
        people: (G, 4) labelled people.
        crowd: (G,) whether a label is of a crowd rather than one person.
        height: Of the picture, in pixels.
    """

    boxes: FloatArray
    scores: FloatArray
    people: FloatArray
    crowd: BoolArray
    height: int


@dataclass(frozen=True)
class DetectionMetrics:
    """Fractions 0..1.

    Attributes:
        ap50: Average precision at IoU 0.5, precision interpolated at 101 recalls.
        recall: Share of people who are found by a detection of at least `threshold`.
        precision: Share of detections of at least `threshold` that are of a person; 0 where there is none.
        threshold: Score that recall and precision are given for.
    """

    ap50: float
    recall: float
    precision: float
    threshold: float


def detection_metrics(pictures: Iterable[PictureDetections], threshold: float) -> DetectionMetrics:
    """Average precision, and recall and precision at one threshold.

    In each picture detections are taken best first, and each is matched to the free person it overlaps most, by IoU of
    at least 0.5. People under a tenth of the picture's height and crowds are left out: detections that hit them, and
    unmatched detections as small as that, are neither right nor wrong.

    Raises:
        DatasetError: Nobody in the pictures is large enough to count.
    """
    scores, correct, total = [], [], 0
    for picture in pictures:
        counted = ~_left_out(picture)
        total += int(counted.sum())
        judged_scores, judged_correct = _judge(picture, counted)
        scores.append(judged_scores)
        correct.append(judged_correct)
    if total == 0:
        raise DatasetError(
            f"no labelled person is at least {LEAST_HEIGHT:.0%} of a picture's height; detection cannot be measured"
        )
    return _summary(np.concatenate(scores), np.concatenate(correct), total, threshold)


def _left_out(picture: PictureDetections) -> BoolArray:
    """(G,) which labels do not count."""
    return np.asarray(picture.crowd | _small(picture.people, picture.height))


def _small(boxes: FloatArray, height: int) -> BoolArray:
    return np.asarray(boxes[:, 3] - boxes[:, 1] < LEAST_HEIGHT * height)


def _judge(picture: PictureDetections, counted: BoolArray) -> tuple[FloatArray, BoolArray]:
    """Scores (J,) of the detections that are right or wrong, and which are right; best first."""
    order = np.argsort(-picture.scores, kind="stable")
    boxes = picture.boxes[order]
    overlaps = _overlaps(boxes, picture.people, picture.crowd)
    beyond = _small(boxes, picture.height) | np.any(overlaps[:, ~counted] >= MATCH_IOU, axis=1)
    free = counted.copy()
    correct = np.zeros(len(boxes), np.bool_)
    for index, overlap in enumerate(overlaps):
        candidates = np.where(free, overlap, 0)
        if candidates.max(initial=0) >= MATCH_IOU:
            correct[index] = True
            free[candidates.argmax()] = False
    judged = correct | ~beyond
    return picture.scores[order][judged], correct[judged]


def _overlaps(boxes: FloatArray, people: FloatArray, crowd: BoolArray) -> FloatArray:
    """(D, G) intersection over union; over the detection's own area where the label is a crowd."""
    areas = box_areas(boxes)[:, None]
    of_detection = np.divide(
        box_intersections(boxes, people), areas, out=np.zeros((len(boxes), len(people)), np.float32), where=areas > 0
    )
    return np.where(crowd[None], of_detection, box_iou(boxes, people))


def _summary(scores: FloatArray, correct: BoolArray, total: int, threshold: float) -> DetectionMetrics:
    """Metrics of judged detections (J,) in any order, `total` people being there to find."""
    order = np.argsort(-scores, kind="stable")
    found = np.cumsum(correct[order])
    precision = found / np.arange(1, len(found) + 1)
    # The best precision at this recall or a higher one, 0 at recalls that are never reached.
    attainable = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0)
    first_reaching = np.searchsorted(found / total, _RECALLS)
    kept = correct[scores >= threshold]
    return DetectionMetrics(
        ap50=float(attainable[first_reaching].mean()),
        recall=float(kept.sum() / total),
        precision=float(kept.mean()) if len(kept) else 0.0,
        threshold=threshold,
    )
