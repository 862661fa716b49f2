"""Training pictures of the person detector: photographs laid on a canvas, alone or four at a time, and changed.

Mosaics are those of YOLOv4 (Bochkovskiy et al., arXiv:2004.10934), mixed canvases those of mixup (Zhang et al., ICLR
2018, arXiv:1710.09412), of which a teacher says what there is to see. Places that no photograph covers have the mean
colour, which normalisation subtracts, as the margin of a letterboxed frame has in use.
"""

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import cv2
import numpy as np

from model.arrays import BoolArray, FloatArray, UInt8Array
from model.detection import MARGIN
from model.training.augment import colour_table
from model.training.detection.config import CanvasAugmentation
from model.training.detection.cut_outs import CutOuts

Picture = tuple[UInt8Array, FloatArray, FloatArray]
"""A photograph (H, W, 3) BGR, its boxes (G, 4) and how sure each is (G,)."""

_LEAST_SEEN = 0.4  # of a person's area; of one who is seen less nothing is asked
_LEAST_SIDE = 4  # pixels
_PLACE_TRIES = 10
_FAINTEST, _STRONGEST = 0.1, 0.5  # that another canvas shows through
_LEAST_PLACE = 0.3  # of the photograph's shorter side: smaller places without people show nothing


class Canvas(NamedTuple):
    """`pixels` (H, W, 3) uint8 RGB; `boxes` (G, 4) in its pixels; `scores` (G,), 0 where nothing is to be learnt."""

    pixels: UInt8Array
    boxes: FloatArray
    scores: FloatArray


def draw_canvas(
    first: Picture,
    another: Callable[[], Picture],
    settings: CanvasAugmentation,
    size: tuple[int, int],
    rng: np.random.Generator,
    cut_outs: CutOuts | None = None,
) -> Canvas:
    """Lay a photograph, and others where a mosaic or a mixture is drawn, on a canvas.

    Args:
        first: The photograph whose turn it is.
        another: Draws one more.
        settings: Shares and strengths of the changes.
        size: (height, width) of the canvas.
        rng: Source of all randomness.
        cut_outs: What is laid over a share of the canvases; None for nothing.
    """
    canvas = _draw(first, another, settings, size, rng, cut_outs)
    if rng.random() >= settings.mixed:
        return canvas
    return _mixed(canvas, _draw(another(), another, settings, size, rng, cut_outs), rng)


def _mixed(canvas: Canvas, other: Canvas, rng: np.random.Generator) -> Canvas:
    """A canvas with another one showing through, of whose people nothing is asked."""
    share = rng.uniform(_FAINTEST, _STRONGEST)
    return Canvas(
        np.asarray(cv2.addWeighted(canvas.pixels, 1 - share, other.pixels, share, 0), np.uint8),
        np.concatenate([canvas.boxes, other.boxes]),
        np.concatenate([canvas.scores, np.zeros_like(other.scores)]),
    )


def _draw(
    first: Picture,
    another: Callable[[], Picture],
    settings: CanvasAugmentation,
    size: tuple[int, int],
    rng: np.random.Generator,
    cut_outs: CutOuts | None,
) -> Canvas:
    kind = rng.random()
    if kind < settings.empty:
        pixels, boxes, scores = _without_people(first, size, rng)
    elif kind < settings.empty + settings.mosaic:
        pixels, boxes, scores = _mosaic([first, another(), another(), another()], settings, size, rng)
    else:
        pixels = _blank(size)
        boxes, scores = _lay(first, pixels, (0, 0, size[1], size[0]), settings, rng)
    if cut_outs is not None and rng.random() < settings.pasted:
        scores = np.where(_hidden_share(cut_outs.paste(pixels, rng), boxes) <= 1 - _LEAST_SEEN, scores, 0)
    if rng.random() < settings.flip:
        pixels = pixels[:, ::-1]
        boxes = np.stack([size[1] - boxes[:, 2], boxes[:, 1], size[1] - boxes[:, 0], boxes[:, 3]], axis=1)
    pixels = cv2.cvtColor(np.ascontiguousarray(pixels), cv2.COLOR_BGR2RGB)
    if settings.colour > 0:
        pixels = cv2.LUT(pixels, colour_table(settings.colour, rng))
    return Canvas(np.asarray(pixels, np.uint8), boxes.astype(np.float32), scores.astype(np.float32))


def _hidden_share(hidden: BoolArray, boxes: FloatArray) -> FloatArray:
    """(G,) of each box."""
    corners = boxes.round().astype(int)
    return np.array([hidden[y1:y2, x1:x2].mean() if hidden[y1:y2, x1:x2].size else 0 for x1, y1, x2, y2 in corners])


def _blank(size: tuple[int, int]) -> UInt8Array:
    return _margin(size).copy()


@cache
def _margin(size: tuple[int, int]) -> UInt8Array:
    # Copying one is ten times as fast as filling another.
    canvas = np.empty((*size, 3), np.uint8)
    canvas[:] = MARGIN[::-1]
    return canvas


def _mosaic(
    pictures: list[Picture], settings: CanvasAugmentation, size: tuple[int, int], rng: np.random.Generator
) -> Picture:
    height, width = size
    canvas = _blank(size)
    x, y = (int(side * rng.uniform(0.3, 0.7)) for side in (width, height))
    places = ((0, 0, x, y), (x, 0, width, y), (0, y, x, height), (x, y, width, height))
    laid = [_lay(picture, canvas, place, settings, rng) for picture, place in zip(pictures, places, strict=True)]
    return canvas, np.concatenate([boxes for boxes, _ in laid]), np.concatenate([scores for _, scores in laid])


def _lay(
    picture: Picture,
    canvas: UInt8Array,
    place: tuple[int, int, int, int],
    settings: CanvasAugmentation,
    rng: np.random.Generator,
) -> tuple[FloatArray, FloatArray]:
    """Draw a photograph, changed in place and shape, into a place x1, y1, x2, y2 of the canvas; its boxes there."""
    pixels, boxes, scores = picture
    left, top, right, bottom = place
    width, height = right - left, bottom - top
    covering = max(width / pixels.shape[1], height / pixels.shape[0])
    scale = covering * np.exp(rng.uniform(np.log(settings.smallest), np.log(settings.largest)))
    linear = scale * _stretched_and_tilted(settings, rng)
    whole = _hulls(np.array([[0, 0, pixels.shape[1], pixels.shape[0]]], np.float32), linear)[0]
    # Where it is smaller than the place it lies anywhere within, where it is larger any part of it shows.
    room = np.array([width, height]) - (whole[2:] - whole[:2])
    shift = room * rng.random(2) - whole[:2]
    reduced, to_reduced = _reduced(pixels, scale)
    matrix = np.column_stack([linear / to_reduced, shift])
    part = canvas[top:bottom, left:right]
    part[:] = cv2.warpAffine(
        reduced, matrix, (width, height), flags=cv2.INTER_LINEAR, borderValue=[float(value) for value in MARGIN[::-1]]
    )
    moved = _hulls(boxes, linear) + np.tile(shift, 2)
    seen = np.clip(moved, 0, [width, height, width, height])
    extents = np.clip(seen[:, 2:] - seen[:, :2], 0, None)
    share = extents.prod(axis=1) / np.maximum((moved[:, 2:] - moved[:, :2]).prod(axis=1), 1e-6)
    there = np.all(extents >= _LEAST_SIDE, axis=1)
    asked = np.where(share >= _LEAST_SEEN, scores, 0)
    on_canvas = seen + np.array([left, top, left, top])
    return on_canvas[there].astype(np.float32), asked[there].astype(np.float32)


def _stretched_and_tilted(settings: CanvasAugmentation, rng: np.random.Generator) -> FloatArray:
    """(2, 2) a change of aspect that keeps the area, then a rotation; draws nothing where both are off."""
    if settings.stretch == 0 and settings.tilt_deg == 0:
        return np.eye(2, dtype=np.float32)
    aspect = np.exp(0.5 * np.log1p(settings.stretch) * rng.uniform(-1, 1))
    angle = np.deg2rad(settings.tilt_deg * rng.uniform(-1, 1))
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return np.asarray(rotation * np.array([aspect, 1 / aspect]), np.float32)


def _hulls(boxes: FloatArray, linear: FloatArray) -> FloatArray:
    """The boxes (G, 4) that hold what boxes become under a linear map (2, 2)."""
    centres = (boxes[:, :2] + boxes[:, 2:]) / 2 @ linear.T
    halves = (boxes[:, 2:] - boxes[:, :2]) / 2 @ np.abs(linear).T
    return np.concatenate([centres - halves, centres + halves], axis=1)


def _reduced(pixels: UInt8Array, scale: float) -> tuple[UInt8Array, tuple[float, float]]:
    """The photograph halved, as an average, while it is more than twice too large; and by what its sides shrank."""
    height, width = pixels.shape[:2]
    halvings = max(0, int(np.floor(np.log2(1 / scale)))) if scale < 1 else 0
    if halvings == 0:
        return pixels, (1.0, 1.0)
    smaller = (max(1, width >> halvings), max(1, height >> halvings))
    reduced = np.asarray(cv2.resize(pixels, smaller, interpolation=cv2.INTER_AREA), np.uint8)
    return reduced, (smaller[0] / width, smaller[1] / height)


def _without_people(picture: Picture, size: tuple[int, int], rng: np.random.Generator) -> Picture:
    """A place of the photograph without a person, enlarged; where none is found, a tone with noise: a covered lens."""
    pixels, boxes, _ = picture
    height, width = pixels.shape[:2]
    none = np.empty((0, 4), np.float32), np.empty(0, np.float32)
    for _ in range(_PLACE_TRIES):
        side = min(height, width) * rng.uniform(_LEAST_PLACE, 1)
        x, y = rng.uniform(0, width - side), rng.uniform(0, height - side)
        apart = (boxes[:, 0] >= x + side) | (boxes[:, 2] <= x) | (boxes[:, 1] >= y + side) | (boxes[:, 3] <= y)
        if np.all(apart):
            part = pixels[int(y) : int(y + side), int(x) : int(x + side)]
            return np.asarray(cv2.resize(part, size[::-1], interpolation=cv2.INTER_LINEAR), np.uint8), *none
    tone = rng.uniform(0, 255, 3) * (1 if rng.random() < 0.5 else rng.uniform(0, 0.2))
    noise = rng.normal(0, rng.uniform(0, 12), (*size, 3))
    return np.clip(tone + noise, 0, 255).astype(np.uint8), *none
