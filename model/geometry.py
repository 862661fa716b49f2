"""From a person's box to the network's crop and back.

The top-down convention of mmpose without UDP: the box is widened by 1.25 about its centre, then to the network's aspect
ratio; a pure scaling about the centre takes it to the crop. Pixel centres are at integers on both sides and no
"size - 1" appears anywhere. Legend: N boxes, K keypoints, sizes are (height, width).
"""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from model.arrays import FloatArray, UInt8Array

BOX_PADDING = 1.25
_SMALLEST_SIDE = 1.0  # pixels; a degenerate box still yields an invertible map


class CropFrames(NamedTuple):
    """The regions that crops show: `centres` (N, 2) x, y and `extents` (N, 2) width, height, in frame pixels."""

    centres: npt.NDArray[np.float64]
    extents: npt.NDArray[np.float64]


def crop_frames(boxes: npt.ArrayLike, input_size: tuple[int, int], padding: float = BOX_PADDING) -> CropFrames:
    """Widen boxes and fit them to the aspect ratio of the network's input.

    Args:
        boxes: (N, 4) x1, y1, x2, y2 in frame pixels.
        input_size: (height, width) of the crop.
        padding: Factor on width and height, applied before the aspect ratio is fitted.
    """
    corners = np.asarray(boxes, np.float64).reshape(-1, 4)
    centres = (corners[:, :2] + corners[:, 2:]) / 2
    width, height = np.maximum((corners[:, 2:] - corners[:, :2]) * padding, _SMALLEST_SIDE).T
    aspect = input_size[1] / input_size[0]
    wide = width > height * aspect
    extents = np.stack([np.where(wide, width, height * aspect), np.where(wide, width / aspect, height)], axis=1)
    return CropFrames(centres, extents)


def crop_matrix(
    centre: npt.ArrayLike, extent: npt.ArrayLike, input_size: tuple[int, int], rotation_deg: float = 0.0
) -> npt.NDArray[np.float64]:
    """The (2, 3) affine map from frame pixels to crop pixels.

    Args:
        centre: (2,) x, y of the region, in frame pixels.
        extent: (2,) width and height of the region; the width alone sets the scale.
        input_size: (height, width) of the crop.
        rotation_deg: Turn of the region, clockwise on the screen; the crop's content turns the other way.
    """
    x, y = np.asarray(centre, np.float64)
    scale = input_size[1] / np.asarray(extent, np.float64)[0]
    cosine, sine = scale * np.cos(np.radians(rotation_deg)), scale * np.sin(np.radians(rotation_deg))
    linear = np.array([[cosine, sine], [-sine, cosine]])
    offset = np.array([input_size[1] / 2, input_size[0] / 2]) - linear @ np.array([x, y])
    return np.column_stack([linear, offset])


def transform_points(points: npt.ArrayLike, matrix: npt.NDArray[np.float64]) -> FloatArray:
    """Apply a (2, 3) affine map to points (..., 2)."""
    mapped = np.asarray(points, np.float64) @ matrix[:, :2].T + matrix[:, 2]
    return mapped.astype(np.float32)


def cut_crops(image: UInt8Array, boxes: npt.ArrayLike, input_size: tuple[int, int]) -> UInt8Array:
    """Cut every person's crop out of a frame; the one place where BGR turns to RGB.

    Args:
        image: (H, W, 3) uint8 BGR.
        boxes: (N, 4) x1, y1, x2, y2 in frame pixels.
        input_size: (height, width) of a crop.

    Returns:
        (N, height, width, 3) uint8 RGB; black where the region leaves the frame.
    """
    height, width = input_size
    centres, extents = crop_frames(boxes, input_size)
    crops = np.empty((len(centres), height, width, 3), np.uint8)
    for crop, centre, extent in zip(crops, centres, extents, strict=True):
        matrix = crop_matrix(centre, extent, input_size)
        warped = cv2.warpAffine(image, matrix, (width, height), flags=cv2.INTER_LINEAR)
        cv2.cvtColor(warped, cv2.COLOR_BGR2RGB, dst=crop)
    return crops


def heatmap_corners(boxes: npt.ArrayLike, input_size: tuple[int, int]) -> FloatArray:
    """Where heatmaps lie in the frame.

    Args:
        boxes: (N, 4) those that the crops were cut by.
        input_size: (height, width) of a crop.

    Returns:
        (N, 2, 2) x, y in frame pixels of the first cell, and of the place one cell past the last one across and down.
    """
    centres, extents = crop_frames(boxes, input_size)
    return np.stack([centres - 0.5 * extents, centres + 0.5 * extents], axis=1).astype(np.float32)


def to_frame(keypoints: npt.ArrayLike, boxes: npt.ArrayLike, input_size: tuple[int, int]) -> FloatArray:
    """Bring keypoints (N, K, 2) from crop pixels to frame pixels; the boxes are those the crops were cut by."""
    centres, extents = crop_frames(boxes, input_size)
    size = np.array([input_size[1], input_size[0]], np.float64)
    fractions = np.asarray(keypoints, np.float64) / size
    return (fractions * extents[:, None] + centres[:, None] - 0.5 * extents[:, None]).astype(np.float32)
