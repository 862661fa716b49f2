"""Keypoints to heatmaps and back.

Legend: N persons, K keypoints, heatmaps (N, K, H, W). Coordinates are x, y. The input is `STRIDE` times the heatmap's
size, so that input pixels are heatmap cells times the stride.

Sources: Xiao et al., Simple Baselines for Human Pose Estimation, ECCV 2018 (Gaussian targets, quarter shift; "MSRA");
Zhang et al., Distribution-Aware Coordinate Representation, CVPR 2020 ("DARK": unbiased targets, Taylor expansion).
"""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from model.arrays import FloatArray, IntArray
from model.decoding import Decoding

STRIDE = 4
_LARGEST_SHIFT = 2.0  # cells; a Taylor step beyond this left the neighbourhood it was fitted to
_REACH = 2  # cells each side of the maximum that the second derivatives look at


class Targets(NamedTuple):
    """`heatmaps` (N, K, H, W), 1 at the keypoint, and `weights` (N, K), 0 where a keypoint has no place in the map."""

    heatmaps: FloatArray
    weights: FloatArray


class Peaks(NamedTuple):
    """`keypoints` (N, K, 2) x, y and `scores` (N, K), raw maxima."""

    keypoints: FloatArray
    scores: FloatArray


def default_sigma(input_size: tuple[int, int]) -> float:
    """Standard deviation of the target Gaussian in cells: 2 at 256x192 and 256x256, 3 at 384x288, 1.5 at 128x96."""
    if input_size[0] >= 384:
        return 3.0
    return 2.0 if input_size[0] >= 256 else 1.5


def blur_kernel(input_size: tuple[int, int]) -> int:
    """Width of DARK's Gaussian in cells: 11 at 256x192, 17 at 384x288, 5 at 128x96."""
    if input_size[0] >= 384:
        return 17
    return 11 if input_size[0] >= 256 else 5


def encode(
    keypoints: npt.ArrayLike,
    visible: npt.ArrayLike,
    input_size: tuple[int, int],
    sigma: float | None = None,
    unbiased: bool = False,
) -> Targets:
    """Draw a Gaussian at every visible keypoint.

    Args:
        keypoints: (N, K, 2) in input pixels.
        visible: (N, K), zero or False where a keypoint is not to be drawn.
        input_size: (height, width) of the network's input.
        sigma: Standard deviation in cells; `default_sigma` where none is given.
        unbiased: False as MSRA: centre rounded to a cell, window of three sigma. True as DARK: sub-pixel centre and no
            window.
    """
    sigma = default_sigma(input_size) if sigma is None else sigma
    height, width = input_size[0] // STRIDE, input_size[1] // STRIDE
    centres = np.asarray(keypoints, np.float64) / STRIDE
    radius = 3 * sigma
    if not unbiased:
        centres = np.floor(centres + 0.5)
        radius = np.floor(radius)
    # A Gaussian whose window of three sigma misses the map teaches nothing.
    inside = (centres + radius >= 0) & (centres - radius < [width, height])
    weights = (np.asarray(visible) > 0) & inside.all(axis=-1)

    def profile(cells: int, centre: npt.NDArray[np.float64]) -> FloatArray:
        distance = np.arange(cells) - centre[..., None]
        values = np.exp(-(distance**2) / (2 * sigma**2))
        if not unbiased:
            values[np.abs(distance) > radius] = 0
        return values.astype(np.float32)

    rows = profile(height, centres[..., 1]) * weights[..., None]
    columns = profile(width, centres[..., 0])
    heatmaps = rows[..., :, None] * columns[..., None, :]
    return Targets(heatmaps.astype(np.float32, copy=False), weights.astype(np.float32))


def decode(heatmaps: FloatArray, decoding: Decoding = "dark", kernel: int | None = None) -> Peaks:
    """Find each map's keypoint, in input pixels.

    Args:
        heatmaps: (N, K, H, W) float32.
        decoding: "dark" (Taylor expansion of the blurred logarithm) or "quarter" (a quarter cell towards the higher
            neighbour).
        kernel: Width of DARK's blur in cells; by default `blur_kernel` of the input that the maps belong to.

    Returns:
        Keypoints (-STRIDE, -STRIDE) where the whole map is not positive, as mmpose marks it.
    """
    cells, scores = _argmax(heatmaps)
    positions = cells.astype(np.float32)
    if decoding == "dark":
        height, width = heatmaps.shape[2:]
        kernel = blur_kernel((height * STRIDE, width * STRIDE)) if kernel is None else kernel
        positions += _dark_shift(heatmaps, cells, kernel)
    else:
        positions += _quarter_shift(heatmaps, cells)
    positions[scores <= 0] = -1
    return Peaks(positions * np.float32(STRIDE), scores)


def merge_flipped(heatmaps: FloatArray, flipped: FloatArray, flip_indices: IntArray) -> FloatArray:
    """Average the maps of crops with those of the mirrored crops.

    The mirrored maps are turned back, left and right swapped, and moved one cell to the right, which aligns them for
    networks trained without UDP; the first column keeps its own value.
    """
    turned = flipped[:, flip_indices, :, ::-1]
    aligned = np.concatenate([turned[..., :1], turned[..., :-1]], axis=-1)
    average: FloatArray = (heatmaps + aligned) * np.float32(0.5)
    return average


def _argmax(heatmaps: FloatArray) -> tuple[IntArray, FloatArray]:
    """Cells (N, K, 2) x, y of the maxima, and the maxima (N, K)."""
    persons, keypoints, height, width = heatmaps.shape
    flat = heatmaps.reshape(persons, keypoints, height * width)
    index = flat.argmax(axis=-1)
    scores = np.take_along_axis(flat, index[..., None], axis=-1)[..., 0]
    return np.stack([index % width, index // width], axis=-1), scores


def _quarter_shift(heatmaps: FloatArray, cells: IntArray) -> FloatArray:
    height, width = heatmaps.shape[2:]
    x, y = cells[..., 0], cells[..., 1]
    person, keypoint = np.ogrid[: heatmaps.shape[0], : heatmaps.shape[1]]
    left, right = np.maximum(x - 1, 0), np.minimum(x + 1, width - 1)
    above, below = np.maximum(y - 1, 0), np.minimum(y + 1, height - 1)
    dx = np.sign(heatmaps[person, keypoint, y, right] - heatmaps[person, keypoint, y, left])
    dy = np.sign(heatmaps[person, keypoint, below, x] - heatmaps[person, keypoint, above, x])
    # The ranges are mmpose's own: the first two columns and rows and the last one take no shift.
    dx[~((x > 1) & (x < width - 1) & (y > 0))] = 0
    dy[~((y > 1) & (y < height - 1) & (x > 0))] = 0
    return np.float32(0.25) * np.stack([dx, dy], axis=-1)


def _dark_shift(heatmaps: FloatArray, cells: IntArray, kernel: int) -> FloatArray:
    """Newton step -H^-1 g on the logarithm of the blurred map (DARK, equations 6 to 9), (N, K, 2).

    Only the neighbourhood of the maximum is blurred. The paper's rescaling to the original maximum adds a constant to
    the logarithm, which no derivative sees, and is left out.
    """
    height, width = heatmaps.shape[2:]
    values = np.log(np.maximum(_blurred_neighbourhood(heatmaps, cells, kernel), 1e-10))
    c = _REACH
    dx = 0.5 * (values[..., c, c + 1] - values[..., c, c - 1])
    dy = 0.5 * (values[..., c + 1, c] - values[..., c - 1, c])
    dxx = 0.25 * (values[..., c, c + 2] - 2 * values[..., c, c] + values[..., c, c - 2])
    dyy = 0.25 * (values[..., c + 2, c] - 2 * values[..., c, c] + values[..., c - 2, c])
    dxy = 0.25 * (
        values[..., c + 1, c + 1] - values[..., c - 1, c + 1] - values[..., c + 1, c - 1] + values[..., c - 1, c - 1]
    )
    determinant = dxx * dyy - dxy**2
    x, y = cells[..., 0], cells[..., 1]
    usable = (determinant != 0) & (x > 1) & (x < width - 2) & (y > 1) & (y < height - 2)
    safe = np.where(usable, determinant, 1)
    shift = np.stack([dxy * dy - dyy * dx, dxy * dx - dxx * dy], axis=-1) / safe[..., None]
    usable &= (np.abs(shift) <= _LARGEST_SHIFT).all(axis=-1)
    return np.where(usable[..., None], shift, 0).astype(np.float32)


def _blurred_neighbourhood(heatmaps: FloatArray, cells: IntArray, kernel: int) -> npt.NDArray[np.float64]:
    """The (N, K, 5, 5) cells round each maximum after a Gaussian blur with a zero border."""
    margin = kernel // 2 + _REACH
    side = 2 * margin + 1
    padded = np.pad(heatmaps, ((0, 0), (0, 0), (margin, margin), (margin, margin)))
    offsets = np.arange(side)
    person, keypoint = np.ogrid[: heatmaps.shape[0], : heatmaps.shape[1]]
    rows = (cells[..., 1, None] + offsets)[..., :, None]
    columns = (cells[..., 0, None] + offsets)[..., None, :]
    patches = padded[person[..., None, None], keypoint[..., None, None], rows, columns]
    gaussian = cv2.getGaussianKernel(kernel, 0)[:, 0]
    blur = np.zeros((2 * _REACH + 1, side))
    for row in range(len(blur)):
        blur[row, row : row + kernel] = gaussian
    return np.asarray(blur @ patches @ blur.T, np.float64)
