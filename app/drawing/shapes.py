"""Filled shapes on a canvas: anti-aliased, of any width, placed to a sixteenth of a pixel. M shapes, P corners each."""

from collections.abc import Iterable

import cv2
import numpy as np
import numpy.typing as npt

from app.drawing.style import Colour
from model.arrays import FloatArray, UInt8Array

FRACTION_BITS = 4

_CAP_CORNERS = 9
_CAP_ANGLES = np.linspace(-np.pi / 2, np.pi / 2, _CAP_CORNERS)  # of a half circle, from the segment's direction


def fixed_point(points: npt.ArrayLike) -> npt.NDArray[np.int32]:
    """Points (..., 2) in pixels as OpenCV takes them with FRACTION_BITS of shift."""
    return np.asarray(np.rint(np.asarray(points, np.float64) * 2**FRACTION_BITS), np.int32)


def capsules(starts: FloatArray, ends: FloatArray, radii: npt.ArrayLike) -> npt.NDArray[np.int32]:
    """Outlines of line segments with round ends; a circle where both ends are one point.

    Args:
        starts: (M, 2) x, y in pixels.
        ends: (M, 2).
        radii: (M,) half the width of each segment.

    Returns:
        (M, P, 2) fixed-point corners.
    """
    along = (ends - starts).astype(np.float64)
    directions = np.arctan2(along[:, 1], along[:, 0])[:, np.newaxis]
    angles = np.hstack([directions + _CAP_ANGLES, directions + np.pi + _CAP_ANGLES])
    centres = np.repeat(np.stack([ends, starts], axis=1), _CAP_CORNERS, axis=1)
    arms = np.stack([np.cos(angles), np.sin(angles)], axis=2)
    return fixed_point(centres + np.asarray(radii)[:, np.newaxis, np.newaxis] * arms)


def fill(canvas: UInt8Array, outlines: npt.NDArray[np.int32], colours: Iterable[Colour]) -> None:
    """Fill convex fixed-point outlines (M, P, 2), one after the other, each in its colour."""
    for outline, colour in zip(outlines, colours, strict=True):
        cv2.fillConvexPoly(canvas, outline, colour, cv2.LINE_AA, FRACTION_BITS)
