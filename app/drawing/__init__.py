"""Skeletons, boxes and labels over a picture, with NumPy and OpenCV alone."""

from app.drawing.drawing import draw_result
from app.drawing.style import DrawingStyle

__all__ = ["DrawingStyle", "draw_result"]
