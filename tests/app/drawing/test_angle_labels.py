"""Angles as numbers beside the joints."""

import cv2
import numpy as np
import pytest

from app.drawing import DrawingStyle, draw_result
from app.drawing.style import OUTLINE, PAPER
from app.results import FrameResult, Person
from model.arrays import UInt8Array
from model.skeletons import COCO_17, MPII_16, Skeleton
from tests.app.test_angles import pose

SIZE = (480, 640)
GREY = np.full((*SIZE, 3), 90, np.uint8)


def somebody(skeleton: Skeleton = COCO_17, score: float = 0.9, scale: float = 1.0) -> Person:
    keypoints = (pose(skeleton) * scale + 60).astype(np.float32)
    box = np.concatenate([keypoints.min(axis=0), keypoints.max(axis=0)])
    return Person(1, box, 0.9, keypoints, np.full(skeleton.keypoints, score, np.float32), 0.9)


def numbers(*persons: Person, skeleton: Skeleton = COCO_17) -> UInt8Array:
    """(H, W) where the numbers are: with them alone on the picture."""
    style = DrawingStyle(skeleton=False, joints=False, angles=True)
    drawn = draw_result(GREY, FrameResult(0, 0.0, SIZE, persons), skeleton, style)
    return np.any(drawn != GREY, axis=2).astype(np.uint8)


def labels_in(mask: UInt8Array) -> int:
    return cv2.connectedComponents(mask)[0] - 1


@pytest.mark.parametrize("skeleton", [COCO_17, MPII_16], ids=lambda skeleton: skeleton.name)
def test_each_known_angle_has_a_number_near_its_joint_and_off_the_other_numbers(skeleton: Skeleton) -> None:
    person = somebody(skeleton)
    mask = numbers(person, skeleton=skeleton)
    assert labels_in(mask) == 8
    for name in ("left_elbow", "right_shoulder", "left_hip", "right_knee"):
        x, y = np.rint(person.keypoints[skeleton.keypoint_names.index(name)]).astype(int)
        assert mask[y - 30 : y + 31, max(x - 45, 0) : x + 46].any()
        assert not mask[y, x], "the joint itself stays in sight"


def test_numbers_are_light_on_dark() -> None:
    style = DrawingStyle(skeleton=False, joints=False, angles=True)
    for shade in (0, 255):
        image = np.full((*SIZE, 3), shade, np.uint8)
        drawn = draw_result(image, FrameResult(0, 0.0, SIZE, (somebody(),)), COCO_17, style)
        pixels = {tuple(int(value) for value in pixel) for pixel in drawn.reshape(-1, 3)}
        assert {OUTLINE, PAPER} <= pixels


def test_unsure_angles_have_no_number() -> None:
    scores = np.full(17, 0.9, np.float32)
    scores[COCO_17.keypoint_names.index("left_wrist")] = 0.2
    person = somebody()
    assert labels_in(numbers(Person(1, person.box, 0.9, person.keypoints, scores, 0.9))) == 7
    assert labels_in(numbers(somebody(score=0.2))) == 0


def test_somebody_small_has_no_numbers_and_is_not_covered() -> None:
    assert labels_in(numbers(somebody(scale=0.3))) == 0


def test_numbers_stay_within_the_picture_where_they_can() -> None:
    person = somebody()
    moved = Person(1, person.box - 79, 0.9, person.keypoints - 79, person.scores, 0.9)  # joints at the left edge
    mask = numbers(moved)
    assert labels_in(mask) == 8
    assert not mask[:, 0].any()


def test_without_the_style_there_are_none() -> None:
    person = somebody()
    plain = draw_result(GREY, FrameResult(0, 0.0, SIZE, (person,)), COCO_17, DrawingStyle())
    with_angles = draw_result(GREY, FrameResult(0, 0.0, SIZE, (person,)), COCO_17, DrawingStyle(angles=True))
    assert np.any(plain != with_angles)
    assert not DrawingStyle().angles
