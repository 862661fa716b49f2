"""A result drawn over its frame."""

import cv2
import numpy as np

from app.drawing.angle_labels import AngleLabels
from app.drawing.figures import draw_figure
from app.drawing.heatmaps import draw_heatmaps
from app.drawing.labels import draw_box, draw_label
from app.drawing.style import DrawingStyle
from app.results import FrameResult, Person
from model.arrays import UInt8Array
from model.skeletons import Skeleton

_BACKGROUND_LIGHT = 0.45  # of the picture's, where it is dimmed


def draw_result(image: UInt8Array, result: FrameResult, skeleton: Skeleton, style: DrawingStyle) -> UInt8Array:
    """Draw everybody found in a frame over a copy of it.

    Larger people, who are mostly nearer, cover smaller ones; labels cover everything.

    Args:
        image: (H, W, 3) uint8 BGR; stays as it is.
        result: Of that frame.
        skeleton: Convention of the keypoints.
        style: What is drawn.

    Returns:
        (H, W, 3) uint8 BGR.

    Raises:
        ValueError: The result is of a frame of another size, or its keypoints are of another convention.
    """
    if result.image_size != image.shape[:2]:
        raise ValueError(f"the result is of a frame of size {result.image_size}, the image of {image.shape[:2]}")
    odd = next((person for person in result.persons if len(person.keypoints) != skeleton.keypoints), None)
    if odd is not None:
        raise ValueError(f"a person has {len(odd.keypoints)} keypoints, {skeleton.name} has {skeleton.keypoints}")
    canvas = cv2.convertScaleAbs(image, alpha=_BACKGROUND_LIGHT) if style.dim_background else image.copy()
    if style.heatmap != "none":
        draw_heatmaps(canvas, [person.heatmap for person in result.persons if person.heatmap is not None])
    far_to_near = sorted(result.persons, key=_apparent_size)
    for person in far_to_near:
        if style.boxes:
            draw_box(canvas, person.box, style.line_width)
        draw_figure(canvas, person, skeleton, style, limb_width(person, result.image_size) * style.line_width)
    if style.angles:
        labels = AngleLabels(canvas, skeleton, style.keypoint_threshold)
        for person in reversed(far_to_near):
            labels.draw(person, _apparent_size(person), limb_width(person, result.image_size))
    for person in far_to_near:
        draw_label(canvas, person, style)
    return canvas


def limb_width(person: Person, image_size: tuple[int, int]) -> float:
    """Pixels across a limb: in proportion to the person, within what is legible in a picture of this size."""
    shorter_side = min(image_size)
    return float(np.clip(0.016 * _apparent_size(person), max(1.5, shorter_side / 450), max(2.0, shorter_side / 60)))


def _apparent_size(person: Person) -> float:
    """Square root of the box's area, in pixels."""
    return float(np.sqrt(np.prod(person.box[2:] - person.box[:2])))
