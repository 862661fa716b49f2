"""Arithmetic of boxes x1, y1, x2, y2 in pixels. Legend: N and M boxes."""

import numpy as np

from model.arrays import FloatArray

_NMS_IOU = 0.5


def box_areas(boxes: FloatArray) -> FloatArray:
    """(N,) areas of boxes (N, 4) in square pixels."""
    return np.asarray(np.prod(boxes[:, 2:] - boxes[:, :2], axis=1), np.float32)


def box_intersections(boxes: FloatArray, others: FloatArray) -> FloatArray:
    """(N, M) areas that boxes (N, 4) and others (M, 4) share, in square pixels."""
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], others[None, :, 2:])
    return np.asarray(np.prod(np.clip(high - low, 0, None), axis=2), np.float32)


def box_iou(boxes: FloatArray, others: FloatArray) -> FloatArray:
    """Intersection over union of every box (N, 4) with every other (M, 4): (N, M), 0 where both are empty."""
    shared = box_intersections(boxes, others)
    union = box_areas(boxes)[:, None] + box_areas(others)[None, :] - shared
    return np.asarray(np.divide(shared, union, out=np.zeros_like(shared), where=union > 0), np.float32)


def suppress_overlaps(boxes: FloatArray, scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Greedy non-maximum suppression: of boxes that overlap by IoU above 0.5, the best stays.

    Args:
        boxes: (N, 4) x1, y1, x2, y2.
        scores: (N,).

    Returns:
        The boxes (M, 4) and scores (M,) that stay, best first.
    """
    order = np.argsort(-scores, kind="stable")
    boxes, scores = boxes[order], scores[order]
    rivals = box_iou(boxes, boxes) > _NMS_IOU
    stays = np.ones(len(boxes), np.bool_)
    for index in range(len(boxes)):
        if stays[index]:
            stays[index + 1 :] &= ~rivals[index, index + 1 :]
    return boxes[stays], scores[stays]
