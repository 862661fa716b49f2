"""How much two poses are of the same person, and who is paired with whom.

Legend: N and M persons, K keypoints. Coordinates are frame pixels.
"""

import numpy as np
import numpy.typing as npt
from scipy.optimize import linear_sum_assignment

from model.arrays import FloatArray, IntArray
from model.skeletons import Skeleton

VISIBLE = 0.2  # scores below it say nothing about a keypoint's place, as in COCO scoring
LEAST_COMMON = 3  # keypoints that two poses must share before their distance means anything
_AREA_OF_BOX = 0.53  # a person's area over the box's, COCO's own custom where no mask is known
_PLAIN_TOLERANCE = 0.08  # about the mean of COCO's sigmas, for conventions that define none


def sigmas_of(skeleton: Skeleton) -> FloatArray:
    """(K,) tolerances for telling persons apart; one plain figure for all where the convention defines none."""
    if skeleton.oks_sigmas is None:
        return np.full(skeleton.keypoints, _PLAIN_TOLERANCE, np.float32)
    return skeleton.sigmas


def keypoint_similarity(
    keypoints: FloatArray,
    scores: FloatArray,
    other_keypoints: FloatArray,
    other_scores: FloatArray,
    areas: FloatArray,
    sigmas: FloatArray,
    slack: npt.ArrayLike = 0.0,
) -> tuple[FloatArray, IntArray]:
    """Object keypoint similarity of every pose with every other, over the keypoints visible in both.

    COCO's formula, mean of exp(-d^2 / (2 s^2 k^2)) with k twice the sigma and s^2 the person's area, whose tolerance
    can be widened by the way a person may have gone meanwhile.

    Args:
        keypoints: (N, K, 2).
        scores: (N, K).
        other_keypoints: (M, K, 2).
        other_scores: (M, K).
        areas: (N,) of the boxes of the first poses.
        sigmas: (K,).
        slack: Further tolerance of each first pose, (N,) or one for all, in the unit of the sigmas: fractions of
            sqrt(area).

    Returns:
        Similarities (N, M), 0 where no keypoint is visible in both, and the numbers (N, M) of those that are.
    """
    squared = np.sum((keypoints[:, None] - other_keypoints[None]) ** 2, axis=3)
    tolerance = (2 * sigmas[None, :]) ** 2 + np.broadcast_to(np.asarray(slack, np.float32), areas.shape)[:, None] ** 2
    spread = np.maximum(2 * _AREA_OF_BOX * areas[:, None] * tolerance, 1e-6)
    common = (scores[:, None] >= VISIBLE) & (other_scores[None] >= VISIBLE)
    count = common.sum(axis=2)
    total = np.sum(np.exp(-squared / spread[:, None, :]) * common, axis=2)
    return np.asarray(total / np.maximum(count, 1), np.float32), count


def assign(similarity: FloatArray, least: float) -> list[tuple[int, int]]:
    """Pairs (row, column) of the largest total similarity, none below `least` (the Hungarian method)."""
    worthwhile = np.where(similarity >= least, similarity, 0.0)
    rows, columns = linear_sum_assignment(worthwhile, maximize=True)
    return [(int(row), int(column)) for row, column in zip(rows, columns, strict=True) if worthwhile[row, column] > 0]
