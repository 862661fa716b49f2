"""From a frame to the boxes of the people in it, by the person detector."""

from typing import NamedTuple

import cv2
import numpy as np

from model.arrays import FloatArray, UInt8Array
from model.boxes import box_iou, suppress_overlaps
from model.engines.base import Engine
from model.input_size import INPUT_MULTIPLE
from model.normalisation import MEAN

LONG_SIDE = 320
"""Pixels that the frame's longer side is brought to."""

THRESHOLD = 0.44
"""Score from which a box is usually worth following: there the shipped weights' precision and recall are balanced."""

MARGIN = tuple(round(value) for value in MEAN)
"""R, G, B of the margin: the mean colour, which normalisation takes to zero, as a convolution's own padding is."""

_WEAKEST_CELL = 0.05  # those below hardly change what comes out: by 0.0001 of AP50
_SAME_BOX_IOU = 0.6
_VOTES_WEIGHT = 0.3


class Letterbox(NamedTuple):
    """`pixels` (H, W, 3) uint8 RGB, both sides multiples of 32; `scale` takes x and y of the frame to x and y there."""

    pixels: UInt8Array
    scale: tuple[float, float]


def letterbox(image: UInt8Array, long_side: int = LONG_SIDE) -> Letterbox:
    """Bring a frame to the network's size, its aspect kept: a frame of 16:9 costs three fifths of a square one.

    Args:
        image: (H, W, 3) uint8 BGR.
        long_side: Of the result; a multiple of 32.
    """
    height, width = image.shape[:2]
    ratio = long_side / max(height, width)
    rows, columns = max(1, round(height * ratio)), max(1, round(width * ratio))
    # Averaging when reducing: plain interpolation would skip pixels of large frames.
    interpolation = cv2.INTER_AREA if ratio < 1 else cv2.INTER_LINEAR
    canvas = np.empty((_rounded_up(rows), _rounded_up(columns), 3), np.uint8)
    canvas[rows:] = MARGIN
    canvas[:, columns:] = MARGIN
    resized = cv2.resize(image, (columns, rows), interpolation=interpolation)
    cv2.cvtColor(resized, cv2.COLOR_BGR2RGB, dst=canvas[:rows, :columns])
    return Letterbox(canvas, (columns / width, rows / height))


def _rounded_up(side: int) -> int:
    return -(-side // INPUT_MULTIPLE) * INPUT_MULTIPLE


class PersonFinder:
    """The person detector's network with everything around it: letterbox, threshold, non-maximum suppression.

    Args:
        engine: Runs the network: from pictures (N, H, W, 3) uint8 RGB to cells (N, A, 5), boxes and scores.
        long_side: Pixels that the frame's longer side is brought to.
    """

    def __init__(self, engine: Engine, long_side: int = LONG_SIDE) -> None:
        self.engine = engine
        self.long_side = long_side

    def find(self, image: UInt8Array, threshold: float) -> tuple[FloatArray, FloatArray]:
        """Boxes (N, 4) x1, y1, x2, y2 in frame pixels and scores (N,) of at least `threshold`, best first.

        Args:
            image: (H, W, 3) uint8 BGR.
            threshold: 0..1.
        """
        pixels, scale = letterbox(image, self.long_side)
        cells = self.engine.infer(pixels[np.newaxis])[0]
        cells = cells[cells[:, 4] >= _WEAKEST_CELL]
        likely = cells[cells[:, 4] >= threshold**2]  # no more than the root of its own score comes out
        boxes, scores = suppress_overlaps(likely[:, :4], likely[:, 4])
        scores = with_votes(boxes, scores, cells[:, :4], cells[:, 4])
        order = np.argsort(-scores, kind="stable")
        order = order[scores[order] >= threshold]
        return np.asarray(boxes[order] / np.array([*scale, *scale]), np.float32), scores[order]


def with_votes(boxes: FloatArray, scores: FloatArray, voters: FloatArray, voters_scores: FloatArray) -> FloatArray:
    """How sure all cells together are of boxes, 0..1: the root of the best cell's score times the others' agreement.

    A person is seen by several cells that say nearly the same box; much of what is taken for one is seen by a single
    cell. Agreement is 1 - exp(-0.3 v), where v sums the scores of the cells whose boxes overlap this one by IoU above
    0.6; Solovyev et al., "Weighted boxes fusion", 2021, scale scores by how many boxes were fused.

    Args:
        boxes: (N, 4) x1, y1, x2, y2 that non-maximum suppression has left.
        scores: (N,) of the cells that said them.
        voters: (M, 4) the boxes of all cells that count, those that said `boxes` among them.
        voters_scores: (M,).
    """
    votes = (box_iou(boxes, voters) > _SAME_BOX_IOU) @ voters_scores
    return np.asarray(np.sqrt(scores * (1 - np.exp(-_VOTES_WEIGHT * votes))), np.float32)
