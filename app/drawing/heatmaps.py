"""Heatmaps as a translucent layer of colour over the picture."""

from collections.abc import Sequence

import cv2
import numpy as np

from app.results import Heatmap
from model.arrays import FloatArray, UInt8Array

_OPACITY = 0.85  # where the network is sure; elsewhere less in proportion, so that the picture shows through


def draw_heatmaps(canvas: UInt8Array, heatmaps: Sequence[Heatmap]) -> None:
    """Colour the picture from blue to red where a keypoint is seen; of several heatmaps the surest counts.

    Args:
        canvas: (H, W, 3) uint8 BGR, drawn on.
        heatmaps: With corners in the canvas's pixels; may lie outside it in part, and may be mirrored.
    """
    heat = np.zeros(canvas.shape[:2], np.float32)
    for heatmap in heatmaps:
        _add(heat, heatmap)
    rows, columns = np.flatnonzero(heat.any(axis=1)), np.flatnonzero(heat.any(axis=0))
    if not len(rows):
        return
    touched = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    heat, picture = np.minimum(heat[touched], 1.0), np.ascontiguousarray(canvas[touched])
    colours = cv2.applyColorMap(np.rint(255 * heat).astype(np.uint8), cv2.COLORMAP_TURBO)
    opacity = _OPACITY * heat
    canvas[touched] = cv2.blendLinear(colours, picture, opacity, 1 - opacity)


def _add(heat: FloatArray, heatmap: Heatmap) -> None:
    """Take a heatmap into the layer (H, W), where it is surer than what is there."""
    height, width = heatmap.values.shape
    first = heatmap.corners[0].astype(np.float64)
    steps = (heatmap.corners[1] - first) / (width, height)  # canvas pixels from cell to cell; negative where mirrored
    edges = np.sort(np.stack([first - steps / 2, heatmap.corners[1] - steps / 2]), axis=0)
    low = np.maximum(np.floor(edges[0]), 0).astype(int)
    high = np.minimum(np.ceil(edges[1]) + 1, heat.shape[::-1]).astype(int)
    if (high <= low).any():
        return
    matrix = np.column_stack([np.diag(steps), first - low])
    size = tuple(int(side) for side in high - low)
    # Cubic: a cell may be many pixels wide, and a linear surface shows its facets.
    warped = cv2.warpAffine(heatmap.values, matrix, size, flags=cv2.INTER_CUBIC)
    part = heat[low[1] : high[1], low[0] : high[0]]
    np.maximum(part, warped, out=part)
