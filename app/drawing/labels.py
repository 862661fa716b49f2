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
    digit = max(_SMALLEST_DIGIT, min(height, width) / 45)
    scale, thickness = digit / _DIGIT_AT_SCALE_1, max(1, round(digit / 9))
    (text_width, _), _ = cv2.getTextSize(text, _FONT, scale, thickness)

    radius = 0.95 * digit
    reach = text_width / 2 + 0.6 * radius  # from the middle of the label to either end
    x = _within((person.box[0] + person.box[2]) / 2, reach, width)
    y = _within(person.box[1] - 1.4 * radius, radius, height)
    start, end = np.array([[x - reach + radius, y]]), np.array([[x + reach - radius, y]])
    fill(canvas, capsules(start, end, [radius]), [OUTLINE])
    origin = (round(x - text_width / 2), round(y + digit / 2))
    cv2.putText(canvas, text, origin, _FONT, scale, PAPER, thickness, cv2.LINE_AA)


def _within(centre: float, reach: float, size: int) -> float:
    """The centre nearest to the given one from which nothing reaches out of 0..size; the first end counts more."""
    return max(reach, min(float(centre), size - 1 - reach))
