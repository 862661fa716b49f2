"""A live picture as the screen shows it: scaled to the screen's own pixels first, people drawn on it after that.

So limbs are as sharp as the screen can show them, whatever the camera's resolution, and a mirrored picture has no
mirrored writing on it.
"""

from dataclasses import replace

import cv2
import numpy as np
from PyQt6.QtGui import QImage

from app.drawing import DrawingStyle, draw_result
from app.gui.viewport import Viewport
from app.live.news import LivePicture
from app.results import FrameResult, Heatmap, Person
from model.arrays import FloatArray, UInt8Array


def render(
    picture: LivePicture, viewport: Viewport, style: DrawingStyle, ratio: float
) -> tuple[QImage, tuple[float, float]]:
    """The visible part of a picture.

    Args:
        picture: A frame with its people.
        viewport: In the view's units.
        style: How people are drawn.
        ratio: Screen pixels per unit of the view.

    Returns:
        An image that owns its pixels, and where its top left corner goes in the view.
    """
    x1, y1, x2, y2 = viewport.visible()
    part = picture.frame.image[y1:y2, x1:x2]
    scale = viewport.scale * ratio
    width, height = max(round((x2 - x1) * scale), 1), max(round((y2 - y1) * scale), 1)
    canvas = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    if viewport.mirrored:
        canvas = cv2.flip(canvas, 1)
    canvas = np.ascontiguousarray(canvas, dtype=np.uint8)
    if picture.result is not None and picture.skeleton is not None:
        factor = np.array([width / (x2 - x1), height / (y2 - y1)], np.float32)
        placed = _placed(picture.result, np.array([x1, y1], np.float32), factor, viewport.mirrored, (height, width))
        canvas = draw_result(canvas, placed, picture.skeleton, style)
    left = viewport.to_view((x2 if viewport.mirrored else x1) - 0.5, y1 - 0.5)
    image = to_qimage(canvas)
    image.setDevicePixelRatio(ratio)
    return image, (round(left[0] * ratio) / ratio, round(left[1] * ratio) / ratio)


def to_qimage(pixels: UInt8Array) -> QImage:
    """A picture (H, W, 3) uint8 BGR as an image that owns its memory, which a QImage over an array does not."""
    pixels = np.ascontiguousarray(pixels)
    height, width = pixels.shape[:2]
    image = QImage(pixels.tobytes(), width, height, pixels.strides[0], QImage.Format.Format_BGR888)
    return image.convertToFormat(QImage.Format.Format_RGB32)


def _placed(
    result: FrameResult, corner: FloatArray, factor: FloatArray, mirrored: bool, size: tuple[int, int]
) -> FrameResult:
    """A result in the pixels of a scaled, perhaps mirrored part of its frame; "left" stays the person's own left."""

    def moved(points: FloatArray) -> FloatArray:
        # Pixel centres lie at integers, pixel edges half a pixel before and after.
        placed = (points - corner + 0.5) * factor - 0.5
        if mirrored:
            placed[:, 0] = size[1] - 1 - placed[:, 0]
        return placed.astype(np.float32)

    def box(person: Person) -> FloatArray:
        corners = moved(person.box.reshape(2, 2))
        return np.concatenate([corners.min(axis=0), corners.max(axis=0)]).astype(np.float32)

    def heatmap(person: Person) -> Heatmap | None:
        return person.heatmap and replace(person.heatmap, corners=moved(person.heatmap.corners))

    persons = tuple(replace(p, keypoints=moved(p.keypoints), box=box(p), heatmap=heatmap(p)) for p in result.persons)
    return replace(result, persons=persons, image_size=size)
