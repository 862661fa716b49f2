"""Pictures of what a network finds."""

from typing import Any

import cv2
import numpy as np

from model.arrays import FloatArray, UInt8Array
from model.estimator import PoseEstimator
from model.heatmaps import decode
from model.skeletons import Skeleton

_SIDE_COLOURS = {"left": (255, 160, 60), "right": (70, 170, 255), "centre": (120, 230, 120)}  # RGB
_COLUMNS = 8
_SHOWN_SCORE = 0.2


def draw_predictions(estimator: PoseEstimator, crops: UInt8Array) -> UInt8Array:
    """Crops side by side with the poses found in them.

    Args:
        estimator: Finds the poses.
        crops: (N, H, W, 3) uint8 RGB.

    Returns:
        (rows H, columns W, 3) uint8 RGB.
    """
    found = decode(estimator.heatmaps(crops), estimator.decoding)
    tiles = [
        _draw(crop.copy(), keypoints, scores, estimator.skeleton)
        for crop, keypoints, scores in zip(crops, found.keypoints, found.scores, strict=True)
    ]
    columns = min(_COLUMNS, len(tiles))
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.concatenate(tiles[start : start + columns], axis=1) for start in range(0, len(tiles), columns)]
    return np.concatenate(rows)


def _draw(crop: UInt8Array, keypoints: FloatArray, scores: FloatArray, skeleton: Skeleton) -> UInt8Array:
    canvas: Any = crop
    points = [tuple(round(float(value)) for value in point) for point in keypoints]
    for link in skeleton.links:
        if min(scores[link[0]], scores[link[1]]) >= _SHOWN_SCORE:
            colour = _SIDE_COLOURS[skeleton.link_side(link)]
            cv2.line(canvas, points[link[0]], points[link[1]], colour, 2, cv2.LINE_AA)
    for keypoint, point in enumerate(points):
        if scores[keypoint] >= _SHOWN_SCORE:
            cv2.circle(canvas, point, 2, _SIDE_COLOURS[skeleton.side(keypoint)], -1, cv2.LINE_AA)
    return crop
