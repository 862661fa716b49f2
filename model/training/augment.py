"""Random crops of people: changes of place in one affine map, of colour in one table, and what is hidden.

Sources: the half-body transform and its figures are those of MSPN (Li et al., 2019) as mmpose uses it; hiding a part is
CutMix's (Yun et al., ICCV 2019) with a part of the same crop.
"""

from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from model.arrays import FloatArray, UInt8Array
from model.geometry import BOX_PADDING, crop_frames, crop_matrix, transform_points
from model.skeletons import Skeleton
from model.training.config import Augmentation

_LEAST_FOR_HALF_BODY = 9  # labelled keypoints that a person must have
_LEAST_OF_UPPER, _LEAST_OF_LOWER = 2, 3
_HALF_BODY_PADDING = 1.5  # in all, instead of that of a box
_UPPER_SHARE = 0.7
_COARSEST = 4.0  # times fewer pixels a side
_CUT_OFF = (0.1, 0.6)  # of the box's side, least and most
_CUT_FROM = (0.2, 0.1, 0.2, 0.5)  # how often from the left, the top, the right, below: legs are missing most often
_LEAST_AFTER_CUT = 3  # keypoints that must stay
_COVER = (0.15, 0.5)  # of the crop's sides


class Sample(NamedTuple):
    """`crop` (H, W, 3) uint8 RGB; `keypoints` (K, 2) x, y in crop pixels; `weights` (K,), 0 outside the crop."""

    crop: UInt8Array
    keypoints: FloatArray
    weights: FloatArray


def draw_sample(
    picture: UInt8Array,
    box: FloatArray,
    keypoints: FloatArray,
    weights: FloatArray,
    skeleton: Skeleton,
    settings: Augmentation,
    input_size: tuple[int, int],
    patch_of: tuple[int, int],
    rng: np.random.Generator,
) -> Sample:
    """Cut one person's crop with random changes.

    Args:
        picture: (H, W, 3) uint8 BGR.
        box: (4,) x1, y1, x2, y2 in picture pixels.
        keypoints: (K, 2) x, y in picture pixels.
        weights: (K,) in 0..1.
        skeleton: Which keypoints are mirror images and which make the upper body.
        settings: Strength of each change; `Augmentation.none()` cuts as inference does.
        input_size: (height, width) of the crop.
        patch_of: (height, width) of the whole crop of which `input_size` is a part at a random place; equal to
            `input_size` for whole crops.
        rng: Source of all randomness.
    """
    if settings.cut > 0 and rng.random() < settings.cut:
        picture, box, keypoints, weights = _cut_off(picture, box, keypoints, weights, rng)
    if rng.random() < settings.half_body:
        box = _half_body(box, keypoints, weights, skeleton, rng)
    centres, extents = crop_frames(box, patch_of)
    scale = 1 + settings.scale * rng.uniform(-1, 1)
    rotation = settings.rotation_deg * rng.uniform(-1, 1) if rng.random() < settings.rotation_share else 0.0
    centre = centres[0] + settings.shift * extents[0] * rng.uniform(-1, 1, 2)
    matrix = crop_matrix(centre, extents[0] * scale, patch_of, rotation)
    height, width = input_size
    matrix[:, 2] -= np.floor(rng.random(2) * (patch_of[1] - width + 1, patch_of[0] - height + 1))
    if rng.random() < settings.flip:
        matrix = np.array([[-1, 0, width - 1], [0, 1, 0]]) @ np.vstack([matrix, [0, 0, 1]])
        keypoints, weights = keypoints[skeleton.flip_indices], weights[skeleton.flip_indices]
    crop = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_LINEAR)
    crop = cv2.cvtColor(crop, cv2.COLOR_BGR2RGB)
    if settings.covered > 0 and rng.random() < settings.covered:
        _cover(crop, rng)
    if settings.coarse > 0 and rng.random() < settings.coarse:
        crop = _coarse(crop, _COARSEST ** rng.random())
    if settings.colour > 0:
        crop = cv2.LUT(crop, colour_table(settings.colour, rng))
    moved = transform_points(keypoints, matrix)
    inside = ((moved >= -0.5) & (moved < [width - 0.5, height - 0.5])).all(axis=1)
    return Sample(np.asarray(crop, np.uint8), moved, (weights * inside).astype(np.float32))


def _half_body(
    box: FloatArray, keypoints: FloatArray, weights: FloatArray, skeleton: Skeleton, rng: np.random.Generator
) -> FloatArray:
    """The box round the upper or the lower body's labelled keypoints, or the box itself where they are too few.

    Where one half has too few, the other is taken.
    """
    labelled = weights > 0
    if labelled.sum() < _LEAST_FOR_HALF_BODY:
        return box
    upper = np.zeros(skeleton.keypoints, bool)
    upper[list(skeleton.upper_body)] = True
    halves = [(labelled & upper, _LEAST_OF_UPPER), (labelled & ~upper, _LEAST_OF_LOWER)]
    if rng.random() >= _UPPER_SHARE:
        halves.reverse()
    half = next((half for half, least in halves if half.sum() >= least), None)
    if half is None:
        return box
    reach = (keypoints[half].max(axis=0) - keypoints[half].min(axis=0)) * (_HALF_BODY_PADDING / BOX_PADDING / 2)
    if not reach.any():
        return box
    centre = keypoints[half].mean(axis=0)
    return np.concatenate([centre - reach, centre + reach]).astype(np.float32)


def _cut_off(
    picture: UInt8Array, box: FloatArray, keypoints: FloatArray, weights: FloatArray, rng: np.random.Generator
) -> tuple[UInt8Array, FloatArray, FloatArray, FloatArray]:
    """The picture without what lies beyond a line through the person; the box round the rest of them.

    Unchanged where hardly a keypoint would be left.
    """
    side = int(rng.choice(4, p=_CUT_FROM))
    axis, off = side % 2, rng.uniform(*_CUT_OFF)
    extent = box[axis + 2] - box[axis]
    at = int(box[axis] + extent * off) if side < 2 else int(np.ceil(box[axis + 2] - extent * off))
    seen = keypoints[:, axis] >= at - 0.5 if side < 2 else keypoints[:, axis] < at - 0.5
    if not 0 < at < picture.shape[1 - axis] or ((weights > 0) & seen).sum() < _LEAST_AFTER_CUT:
        return picture, box, keypoints, weights
    kept = slice(at, None) if side < 2 else slice(None, at)
    picture = picture[:, kept] if axis == 0 else picture[kept]
    box, keypoints = box.copy(), keypoints.copy()
    box[side] = at
    if side < 2:
        box[[axis, axis + 2]] -= at
        keypoints[:, axis] -= at
    return picture, box, keypoints, weights * seen


def _cover(crop: UInt8Array, rng: np.random.Generator) -> None:
    """Lay one part of the crop over another, in place."""
    height, width = crop.shape[:2]
    rows, columns = (max(1, int(length * rng.uniform(*_COVER))) for length in (height, width))
    y, x = (rng.integers(0, room + 1, 2) for room in (height - rows, width - columns))
    crop[y[0] : y[0] + rows, x[0] : x[0] + columns] = crop[y[1] : y[1] + rows, x[1] : x[1] + columns].copy()


def _coarse(crop: UInt8Array, factor: float) -> UInt8Array:
    """The crop as from a picture with so many times fewer pixels a side."""
    height, width = crop.shape[:2]
    few = (max(1, round(width / factor)), max(1, round(height / factor)))
    reduced = cv2.resize(crop, few, interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(reduced, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)


def colour_table(strength: float, rng: np.random.Generator) -> npt.NDArray[np.uint8]:
    """(1, 256, 3) look-up table: one brightness and contrast, and a smaller gain for each channel."""
    contrast = 1 + strength * rng.uniform(-1, 1)
    brightness = 128 * strength * rng.uniform(-1, 1)
    gains = contrast * (1 + 0.5 * strength * rng.uniform(-1, 1, 3))
    values = (np.arange(256)[:, None] - 128) * gains + 128 + brightness
    return np.clip(values, 0, 255).astype(np.uint8)[None]
