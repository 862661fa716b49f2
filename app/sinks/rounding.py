"""Numbers as keypoint files carry them: hundredths of a pixel, scores to four places, times to the microsecond.

A value that is not finite never reaches a file. A keypoint without a place becomes [0, 0, 0], as COCO marks one that is
not labelled; a score becomes 0.
"""

import math

import numpy as np

from app.results import Person
from model.arrays import FloatArray


def rounded_keypoints(person: Person) -> list[list[float]]:
    """The person's K keypoints as [x, y, score]."""
    places = np.round(person.keypoints.astype(np.float64), 2) + 0.0  # no -0.0
    scores = np.round(person.scores.astype(np.float64), 4)
    values = np.column_stack([places, scores])
    values[~np.isfinite(values).all(axis=1)] = 0.0
    rows: list[list[float]] = values.tolist()
    return rows


def rounded_box(box: FloatArray) -> list[float]:
    """A box (4,) as x1, y1, x2, y2; all 0 where it is not finite."""
    values: list[float] = np.round(box.astype(np.float64), 2).tolist()
    return values if all(math.isfinite(value) for value in values) else [0.0] * 4


def rounded_score(score: float) -> float:
    return round(float(score), 4) if math.isfinite(score) else 0.0


def rounded_time(time_s: float) -> float:
    return round(float(time_s), 6)
