"""Heatmaps as a translucent layer of colour over the picture."""

from collections.abc import Iterable

import cv2
import numpy as np

from app.results import Heatmap
from model.arrays import BoolArray, UInt8Array

_OPACITY = 0.85  # where the network is sure; elsewhere less in proportion, so that the picture shows through
_FAINT = 0.04  # cells below cannot be seen; what they would cost on a large screen is saved


def draw_heatmaps(canvas: UInt8Array, heatmaps: Iterable[Heatmap]) -> None:
    """Colour the picture from blue to red where a keypoint is seen, each heatmap over those before.

    Args:
        canvas: (H, W, 3) uint8 BGR, drawn on.
        heatmaps: With corners in the canvas's pixels; may lie outside it in part, and may be mirrored.
    """
    for heatmap in heatmaps:
        seen = heatmap.values > _FAINT
        if seen.any():
            _draw(canvas, _trimmed(heatmap, seen))


def _trimmed(heatmap: Heatmap, seen: BoolArray) -> Heatmap:
    """The part of a heatmap that holds all seen cells (H, W), with a cell's margin."""
    size = np.array(heatmap.values.shape[::-1])
    places = [np.flatnonzero(seen.any(axis=axis)) for axis in (0, 1)]
    low = np.maximum([place[0] - 1 for place in places], 0)
    high = np.minimum([place[-1] + 2 for place in places], size)
    first, past = heatmap.corners
    corners = first + (past - first) * np.stack([low, high]) / size
    return Heatmap(heatmap.values[low[1] : high[1], low[0] : high[0]], corners.astype(np.float32))


def _draw(canvas: UInt8Array, heatmap: Heatmap) -> None:
    height, width = heatmap.values.shape
    first, past = heatmap.corners.astype(np.float64)
    steps = (past - first) / (width, height)  # canvas pixels from cell to cell; negative where mirrored
    edges = np.sort(np.stack([first - steps / 2, past - steps / 2]), axis=0)
    low = np.maximum(np.floor(edges[0]), 0).astype(int)
    high = np.minimum(np.ceil(edges[1]) + 1, canvas.shape[1::-1]).astype(int)
    if (high <= low).any():
        return
    matrix = np.column_stack([np.diag(steps), first - low])
    size = tuple(int(side) for side in high - low)
    # Cubic: a cell may be many pixels wide, and a linear surface shows its facets.
    heat = np.clip(cv2.warpAffine(heatmap.values, matrix, size, flags=cv2.INTER_CUBIC), 0.0, 1.0)
    part = canvas[low[1] : high[1], low[0] : high[0]]
    colours = cv2.applyColorMap(np.rint(255 * heat).astype(np.uint8), cv2.COLORMAP_TURBO)
    opacity = _OPACITY * heat
    part[:] = cv2.blendLinear(colours, np.ascontiguousarray(part), opacity, 1 - opacity)
