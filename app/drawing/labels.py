"""A person's box, and a label with number and score."""

import cv2
import numpy as np

from app.drawing.shapes import FRACTION_BITS, capsules, fill, fixed_point
from app.drawing.style import OUTLINE, PAPER, DrawingStyle
from app.results import Person
from model.arrays import FloatArray, UInt8Array

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_DIGIT_AT_SCALE_1 = 21  # pixels from baseline to top
_SMALLEST_DIGIT = 8.0
_DEGREE = "°"


def draw_box(canvas: UInt8Array, box: FloatArray, line_width: float) -> None:
    """Draw a box (4,) x1, y1, x2, y2 as a light line with a dark rim."""
    x1, y1, x2, y2 = box
    corners = fixed_point([[x1, y1], [x2, y1], [x2, y2], [x1, y2]])
    thickness = max(1, round(line_width * min(canvas.shape[:2]) / 400))
    cv2.polylines(canvas, [corners], True, OUTLINE, thickness + 2, cv2.LINE_AA, FRACTION_BITS)
    cv2.polylines(canvas, [corners], True, PAPER, thickness, cv2.LINE_AA, FRACTION_BITS)


def draw_label(canvas: UInt8Array, person: Person, style: DrawingStyle) -> None:
    """Write a person's number, score or both above the box, or as near to that as the canvas allows."""
    number = [str(person.track_id)] if style.ids else []
    score = [f"{person.score:.2f}"] if style.scores else []
    text = "  ".join(number + score)
    if not text:
        return
    height, width = canvas.shape[:2]
    x1, y1, x2, y2 = person.box
    if x2 < 0 or y2 < 0 or x1 > width - 1 or y1 > height - 1:
        return  # somebody else's place, where only a part of the picture is shown
    digit = max(_SMALLEST_DIGIT, min(height, width) / 45)
    reach, radius = text_size(text, digit)
    x = _within((person.box[0] + person.box[2]) / 2, reach, width)
    y = _within(person.box[1] - 1.4 * radius, radius, height)
    draw_text(canvas, text, (x, y), digit)


def text_size(text: str, digit: float) -> tuple[float, float]:
    """Half the width and half the height of a text with its dark ground, in pixels, for a digit's height."""
    radius = 0.95 * digit
    return _text_width(text, digit) / 2 + 0.6 * radius, radius


def draw_text(canvas: UInt8Array, text: str, centre: tuple[float, float], digit: float) -> None:
    """Write a text on a dark ground with round ends.

    Args:
        canvas: (H, W, 3) uint8 BGR, drawn on.
        text: ASCII, and the degree sign at its end.
        centre: x, y of its middle, in pixels.
        digit: A digit's height in pixels.
    """
    x, y = centre
    reach, radius = text_size(text, digit)
    start, end = np.array([[x - reach + radius, y]]), np.array([[x + reach - radius, y]])
    fill(canvas, capsules(start, end, [radius]), [OUTLINE])
    origin = (round(x - _text_width(text, digit) / 2), round(y + digit / 2))
    scale, thickness = _font(digit)
    plain = text.removesuffix(_DEGREE)
    cv2.putText(canvas, plain, origin, _FONT, scale, PAPER, thickness, cv2.LINE_AA)
    if plain != text:  # a sign that OpenCV's fonts lack
        ring = fixed_point([origin[0] + _text_width(plain, digit) + 0.28 * digit, y - 0.28 * digit])
        ring_radius = round(0.2 * digit * 2**FRACTION_BITS)
        cv2.circle(canvas, (int(ring[0]), int(ring[1])), ring_radius, PAPER, 1, cv2.LINE_AA, FRACTION_BITS)


def _text_width(text: str, digit: float) -> float:
    """In pixels."""
    scale, thickness = _font(digit)
    plain = text.removesuffix(_DEGREE)
    (width, _), _ = cv2.getTextSize(plain, _FONT, scale, thickness)
    return float(width) + (0.45 * digit if plain != text else 0.0)


def _font(digit: float) -> tuple[float, int]:
    """Scale and thickness."""
    return digit / _DIGIT_AT_SCALE_1, max(1, round(digit / 9))


def _within(centre: float, reach: float, size: int) -> float:
    """The centre nearest to the given one from which nothing reaches out of 0..size; the first end counts more."""
    return max(reach, min(float(centre), size - 1 - reach))
