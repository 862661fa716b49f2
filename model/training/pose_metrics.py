"""How well keypoints are found: COCO's average precision, object keypoint similarity and PCK.

Legend: N people, K keypoints, coordinates in picture pixels. Sources: the COCO keypoint challenge and its evaluation
code (pycocotools), which computes the average precision here; Yang and Ramanan, 2013, for PCK.
"""

import contextlib
import io
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from model.arrays import BoolArray, FloatArray
from model.skeletons import Skeleton

PCK_REACH = 0.1  # of the longer side of the person's box
_NMS_SIMILARITY = 0.9


class AveragePrecision(NamedTuple):
    """COCO's figures over similarities from 0.5 to 0.95, fractions 0..1; -1 where nobody of that size is labelled."""

    ap: float
    ap50: float
    ap75: float
    ap_medium: float
    ap_large: float
    ar: float


def average_precision(
    ground_truth: dict[str, Any], predictions: Sequence[dict[str, Any]], skeleton: Skeleton
) -> AveragePrecision:
    """Average precision and recall of poses, as COCO's own evaluation code gives them.

    Args:
        ground_truth: In COCO's format, as `read_pictures` gives it.
        predictions: COCO results: image_id, category_id, keypoints (3K numbers: x, y, score) and score.
        skeleton: Whose sigmas count.
    """
    if not predictions:
        return AveragePrecision(*[0.0] * 6)
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints its progress
        labels = COCO()
        labels.dataset = ground_truth
        labels.createIndex()
        evaluation = COCOeval(labels, labels.loadRes(list(predictions)), "keypoints")
        evaluation.params.kpt_oks_sigmas = skeleton.sigmas
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return AveragePrecision(*(float(figure) for figure in evaluation.stats[:6]))


def object_keypoint_similarity(
    found: npt.ArrayLike, labelled: npt.ArrayLike, visible: npt.ArrayLike, areas: npt.ArrayLike, skeleton: Skeleton
) -> FloatArray:
    """COCO's similarity of each found pose with its label, (N,): mean of exp(-d^2 / (2 s^2 k^2)), k twice the sigma.

    Args:
        found: (N, K, 2).
        labelled: (N, K, 2).
        visible: (N, K), which keypoints are labelled; at least one for every person.
        areas: (N,) s^2, the person's area in square pixels.
        skeleton: Whose sigmas count.
    """
    squared = np.sum((np.asarray(found, np.float64) - np.asarray(labelled, np.float64)) ** 2, axis=-1)
    spread = (2 * skeleton.sigmas) ** 2 * (np.asarray(areas, np.float64)[:, None] + np.spacing(1.0))
    return _mean_of_labelled(np.exp(-squared / (2 * spread)), visible)


def correct_keypoints(
    found: npt.ArrayLike, labelled: npt.ArrayLike, visible: npt.ArrayLike, boxes: npt.ArrayLike
) -> FloatArray:
    """Share of each person's labelled keypoints that are found within 0.1 of the box's longer side (PCK), (N,).

    Args:
        found: (N, K, 2).
        labelled: (N, K, 2).
        visible: (N, K), which keypoints are labelled; at least one for every person.
        boxes: (N, 4) x1, y1, x2, y2.
    """
    distance = np.linalg.norm(np.asarray(found, np.float64) - np.asarray(labelled, np.float64), axis=-1)
    corners = np.asarray(boxes, np.float64).reshape(-1, 4)
    reach = PCK_REACH * (corners[:, 2:] - corners[:, :2]).max(axis=1)
    return _mean_of_labelled((distance <= reach[:, None]).astype(np.float64), visible)


def suppress_duplicates(keypoints: FloatArray, scores: FloatArray, areas: FloatArray, skeleton: Skeleton) -> BoolArray:
    """Which of the poses in one picture stay when those too similar to a better-scored one go (OKS-NMS), (N,).

    Args:
        keypoints: (N, K, 2).
        scores: (N,) of the persons.
        areas: (N,) in square pixels.
        skeleton: Whose sigmas count.
    """
    kept = np.zeros(len(scores), np.bool_)
    for index in np.argsort(-scores, kind="stable"):
        others = np.flatnonzero(kept)
        everywhere = np.ones((len(others), skeleton.keypoints), np.bool_)
        # The candidate is compared over the mean of both areas, as mmpose does.
        mean_areas = (areas[others] + areas[index]) / 2
        alike = object_keypoint_similarity(keypoints[others], keypoints[None, index], everywhere, mean_areas, skeleton)
        kept[index] = not (alike > _NMS_SIMILARITY).any()
    return kept


def mean(values: Iterable[float]) -> float:
    """Mean of some fractions, 0 where there are none."""
    listed = list(values)
    return float(np.mean(listed)) if listed else 0.0


def _mean_of_labelled(values: npt.NDArray[np.float64], visible: npt.ArrayLike) -> FloatArray:
    labelled = np.asarray(visible) > 0
    means: FloatArray = ((values * labelled).sum(axis=1) / labelled.sum(axis=1)).astype(np.float32)
    return means
