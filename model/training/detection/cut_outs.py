"""Animals and things without their surroundings, laid over the detector's training pictures.

Photographs of people show few animals, vehicles or pieces of furniture, and a network that saw little of them takes
them for people. Laid over canvases they also hide people in part. After Dwibedi et al., "Cut, Paste and Learn", ICCV
2017 (arXiv:1708.01642).
"""

from functools import cache
from pathlib import Path

import cv2
import numpy as np

from model.arrays import BoolArray, FloatArray, UInt8Array
from model.errors import DatasetError

_ENDINGS = (".png", ".webp")
_MOST = 3  # kinds on a canvas
_HERD, _MOST_OF_A_KIND = 0.25, 5  # share that comes in numbers, and how many at most
_SMALLEST, _LARGEST = 0.1, 0.8  # longer side, of the canvas's
_UNLIKE = 0.2  # in size within a herd
_TILT_DEG = 10.0  # standard deviation
_TURNED, _NARROWEST = 0.3, 0.75  # share that is narrower, as seen from aside, and by how much
_DARKEST, _BRIGHTEST, _TINT = 0.45, 1.25, 12.0
_BLURRED = 0.3
_OPAQUE = 128

CutOut = UInt8Array
"""(H, W, 4) BGR times opacity, and opacity: so averages know no colour of what is not there."""


class CutOuts:
    """The cut-outs of a folder: pictures with transparency, in groups that are drawn alike often.

    Args:
        folder: Holds .png or .webp files with transparency. Every folder below it is a group of its own.

    Raises:
        DatasetError: There are none, or one cannot be read or has no transparency.
    """

    def __init__(self, folder: Path) -> None:
        files: dict[Path, list[Path]] = {}
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in _ENDINGS:
                files.setdefault(path.parent, []).append(path)
        if not files:
            raise DatasetError(f"no .png or .webp files in {folder}; check cut_outs")
        self._groups = [[_read(path) for path in paths] for paths in files.values()]

    def paste(self, canvas: UInt8Array, rng: np.random.Generator) -> BoolArray:
        """Lay some over a canvas.

        Args:
            canvas: (H, W, 3) BGR, changed in place.
            rng: Source of all randomness.

        Returns:
            (H, W) where the canvas is hidden now.
        """
        hidden = np.zeros(canvas.shape[:2], np.bool_)
        for _ in range(int(rng.integers(1, _MOST + 1))):
            group = self._groups[int(rng.integers(len(self._groups)))]
            one = group[int(rng.integers(len(group)))]
            size = np.exp(rng.uniform(np.log(_SMALLEST), np.log(_LARGEST))) * max(canvas.shape) / max(one.shape)
            gain, tint = rng.uniform(_DARKEST, _BRIGHTEST), rng.uniform(-_TINT, _TINT, 3)
            blur = int(rng.integers(1, 3)) if rng.random() < _BLURRED else 0
            for _ in range(int(rng.integers(2, _MOST_OF_A_KIND + 1)) if rng.random() < _HERD else 1):
                changed = _changed(one, size * rng.uniform(1 - _UNLIKE, 1 + _UNLIKE), rng)
                if blur:
                    changed = cv2.GaussianBlur(changed, (2 * blur + 1, 2 * blur + 1), 0)
                changed[..., :3] = changed[..., :3] * gain + tint * changed[..., 3:] / 255
                centre = rng.random(2) * canvas.shape[1::-1]
                _lay(changed, canvas, hidden, np.floor(centre - np.array(changed.shape[1::-1]) / 2).astype(int))
        return hidden


@cache
def open_cut_outs(folder: Path) -> CutOuts:
    """The cut-outs of a folder, read once a process.

    Raises:
        DatasetError: As `CutOuts`.
    """
    return CutOuts(folder)


def _read(path: Path) -> CutOut:
    try:
        encoded = np.fromfile(path, np.uint8)
    except OSError as error:
        raise DatasetError(f"cannot read {path}: {error.strerror}; check cut_outs") from error
    picture = cv2.imdecode(encoded, cv2.IMREAD_UNCHANGED) if encoded.size else None
    if picture is None:
        raise DatasetError(f"cannot decode {path}: not a picture, or damaged; remove it from cut_outs")
    if picture.ndim != 3 or picture.shape[2] != 4 or picture.dtype != np.uint8:
        raise DatasetError(f"{path} has no transparency of 8 bits; remove it from cut_outs")
    opacity = picture[..., 3:].astype(np.float32) / 255
    return np.concatenate([(picture[..., :3] * opacity).round().astype(np.uint8), picture[..., 3:]], axis=2)


def _changed(one: CutOut, scale: float, rng: np.random.Generator) -> FloatArray:
    """(H, W, 4) one cut-out resized, leaning, and perhaps mirrored or seen from aside."""
    angle = np.deg2rad(rng.normal(0, _TILT_DEG))
    wide = rng.uniform(_NARROWEST, 1) if rng.random() < _TURNED else 1.0
    mirrored = -1 if rng.random() < 0.5 else 1
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    linear = scale * rotation * np.array([mirrored * wide, 1.0])
    smaller = one
    if scale < 0.5:
        # Averaged first, since interpolation alone would skip pixels.
        width, height = (max(1, round(2 * scale * side)) for side in one.shape[1::-1])
        smaller = np.asarray(cv2.resize(one, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
    by = np.array(one.shape[1::-1]) / smaller.shape[1::-1]
    corners = np.array([[0, 0], [1, 0], [0, 1], [1, 1]]) * one.shape[1::-1] @ linear.T
    low, high = corners.min(axis=0), corners.max(axis=0)
    columns, rows = (np.ceil(high - low) + 2).astype(int)  # with a pixel to fade out on every side
    matrix = np.column_stack([linear * by, 1 - low])
    return np.asarray(cv2.warpAffine(smaller, matrix, (int(columns), int(rows))), np.float32)


def _lay(cut_out: FloatArray, canvas: UInt8Array, hidden: BoolArray, corner: np.ndarray) -> None:
    """Draw what is within the canvas of a cut-out whose upper left corner (x, y) is given."""
    size = np.array(cut_out.shape[1::-1])
    (x1, y1), (x2, y2) = np.maximum(corner, 0), np.minimum(corner + size, canvas.shape[1::-1])
    if x2 <= x1 or y2 <= y1:
        return
    seen = cut_out[y1 - corner[1] : y2 - corner[1], x1 - corner[0] : x2 - corner[0]]
    opacity = seen[..., 3:] / 255
    part = canvas[y1:y2, x1:x2]
    part[:] = np.clip(part * (1 - opacity) + seen[..., :3], 0, 255)
    hidden[y1:y2, x1:x2] |= seen[..., 3] >= _OPAQUE
