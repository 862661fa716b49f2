"""Joint angles as numbers beside the joints."""

import numpy as np

from app.angles import angle_points, joint_angles
from app.drawing.figures import visible_keypoints
from app.drawing.labels import draw_text, text_size
from app.results import Person
from model.arrays import FloatArray, UInt8Array
from model.skeletons import Skeleton

_DIGIT = 0.9  # of a limb's width
_SMALLEST_DIGIT, _LARGEST_DIGIT = 8.0, 30.0
_SMALLEST_PERSON = 12.0  # digits' heights; on anybody smaller, numbers would cover the skeleton
_GAP = 3.0  # pixels between two numbers at least
_TURNS = np.radians([0, 45, -45, 90, -90, 135, -135, 180])

Box = tuple[float, float, float, float]


class AngleLabels:
    """Writes the angles of one person after another, each number where none is yet.

    Args:
        canvas: (H, W, 3) uint8 BGR, drawn on.
        skeleton: Convention of the keypoints.
        threshold: Angles with keypoints scored lower are left out.
    """

    def __init__(self, canvas: UInt8Array, skeleton: Skeleton, threshold: float) -> None:
        self._canvas = canvas
        self._skeleton = skeleton
        self._threshold = threshold
        self._taken: list[Box] = []

    def draw(self, person: Person, size: float, limb_width: float) -> None:
        """Write a person's angles, where the person is large enough for them.

        Args:
            person: With keypoints in the canvas's pixels.
            size: The person's, in pixels.
            limb_width: In pixels.
        """
        digit = float(np.clip(_DIGIT * limb_width, _SMALLEST_DIGIT, _LARGEST_DIGIT))
        visible = visible_keypoints(person, self._threshold)
        if size < _SMALLEST_PERSON * digit or not visible.any():
            return
        body = person.keypoints[visible].mean(axis=0)
        angles = joint_angles(person.keypoints, person.scores, self._skeleton, self._threshold)
        for (before, joint, after), degrees in zip(angle_points(self._skeleton), angles, strict=True):
            if np.isnan(degrees) or not visible[[before, joint, after]].all():
                continue
            first, place, second = person.keypoints[[before, joint, after]]
            self._write(f"{degrees:.0f}°", place, _outwards(first, place, second, body), digit, limb_width)

    def _write(self, text: str, joint: FloatArray, outwards: FloatArray, digit: float, limb_width: float) -> None:
        half_width, half_height = text_size(text, digit)
        boxes = []
        for turn in _TURNS:
            cosine, sine = np.cos(turn), np.sin(turn)
            x = float(cosine * outwards[0] - sine * outwards[1])
            y = float(sine * outwards[0] + cosine * outwards[1])
            centre_x = float(joint[0]) + x * (1.2 * limb_width + half_width)
            centre_y = float(joint[1]) + y * (1.2 * limb_width + half_height)
            boxes.append((centre_x - half_width, centre_y - half_height, centre_x + half_width, centre_y + half_height))
        free = (box for box in boxes if self._inside(box) and not any(_overlap(box, taken) for taken in self._taken))
        x1, y1, x2, y2 = next(free, boxes[0])
        self._taken.append((x1, y1, x2, y2))
        draw_text(self._canvas, text, ((x1 + x2) / 2, (y1 + y2) / 2), digit)

    def _inside(self, box: Box) -> bool:
        height, width = self._canvas.shape[:2]
        return box[0] >= 1 and box[1] >= 1 and box[2] <= width - 2 and box[3] <= height - 2


def _outwards(first: FloatArray, joint: FloatArray, second: FloatArray, body: FloatArray) -> FloatArray:
    """The direction out of a joint's angle; for a straight limb, across it and away from the body's middle."""
    along = [_unit(first - joint), _unit(second - joint)]
    out = -(along[0] + along[1])
    if np.hypot(*out) < 0.5:
        across = np.array([-along[0][1], along[0][0]])
        out = across if across @ (joint - body) >= 0 else -across
    return _unit(out)


def _unit(vector: FloatArray) -> FloatArray:
    return np.asarray(vector / max(float(np.hypot(*vector)), 1e-6), np.float32)


def _overlap(one: Box, other: Box) -> bool:
    """Whether two numbers touch or nearly do."""
    return (
        one[0] < other[2] + _GAP and other[0] < one[2] + _GAP and one[1] < other[3] + _GAP and other[1] < one[3] + _GAP
    )
