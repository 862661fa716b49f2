"""Joint angles: hand-made poses, and what must not change them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from app.angles import ANGLE_JOINTS, AngleHistory, angle_points, joint_angles
from app.results import FrameResult, Person
from model.arrays import FloatArray
from model.skeletons import COCO_17, MPII_16, Skeleton

# Somebody who faces the camera: the left arm straight out to the side, the right one bent at the elbow, the left leg
# straight down, the right thigh lifted level with a hanging shin. The person's left is on the picture's right.
POSE = {
    "left_shoulder": (120, 100), "left_elbow": (160, 100), "left_wrist": (200, 100),
    "right_shoulder": (80, 100), "right_elbow": (80, 140), "right_wrist": (45, 105),
    "left_hip": (120, 200), "left_knee": (120, 260), "left_ankle": (120, 320),
    "right_hip": (80, 200), "right_knee": (20, 200), "right_ankle": (20, 260),
}  # fmt: skip
DEGREES = {
    "left_elbow": 180, "right_elbow": 45, "left_shoulder": 90, "right_shoulder": 0,
    "left_hip": 180, "right_hip": 90, "left_knee": 180, "right_knee": 90,
}  # fmt: skip
EXPECTED = np.array([DEGREES[joint] for joint in ANGLE_JOINTS], np.float32)
SKELETONS = pytest.mark.parametrize("skeleton", [COCO_17, MPII_16], ids=lambda skeleton: skeleton.name)


def pose(skeleton: Skeleton) -> FloatArray:
    return np.array([POSE.get(name, (0, 0)) for name in skeleton.keypoint_names], np.float32)


def sure(skeleton: Skeleton) -> FloatArray:
    return np.full(skeleton.keypoints, 0.9, np.float32)


def person(track_id: int, height: float = 300.0, left_wrist: tuple[float, float] = (200, 100)) -> Person:
    keypoints = pose(COCO_17)
    keypoints[COCO_17.keypoint_names.index("left_wrist")] = left_wrist
    return Person(track_id, np.array([0, 0, 200, height], np.float32), 0.9, keypoints, sure(COCO_17), 0.9)


def frame(time_s: float, *persons: Person) -> FrameResult:
    return FrameResult(round(time_s * 10), time_s, (400, 300), persons)


@SKELETONS
def test_angles_of_a_known_pose(skeleton: Skeleton) -> None:
    angles = joint_angles(pose(skeleton), sure(skeleton), skeleton, 0.3)
    assert angles.dtype == np.float32
    np.testing.assert_allclose(angles, EXPECTED, atol=1e-4)


@SKELETONS
def test_each_angle_lies_at_the_joint_that_names_it(skeleton: Skeleton) -> None:
    points = angle_points(skeleton)
    assert [skeleton.keypoint_names[middle] for middle in points[:, 1]] == list(ANGLE_JOINTS)
    for row in points:
        assert {skeleton.side(keypoint) for keypoint in row} == {skeleton.side(row[1])}


def test_all_people_of_many_frames_at_once() -> None:
    keypoints = np.broadcast_to(pose(COCO_17), (5, 3, 17, 2))
    angles = joint_angles(keypoints, np.ones((5, 3, 17), np.float32), COCO_17, 0.3)
    assert angles.shape == (5, 3, 8)
    np.testing.assert_allclose(angles, np.broadcast_to(EXPECTED, (5, 3, 8)), atol=1e-4)
    assert joint_angles(np.zeros((0, 17, 2), np.float32), np.zeros((0, 17), np.float32), COCO_17, 0.3).shape == (0, 8)


@SKELETONS
@pytest.mark.parametrize(
    ("unsure", "unknown"),
    [
        ("left_wrist", {"left_elbow"}),
        ("right_shoulder", {"right_elbow", "right_shoulder", "right_hip"}),
        ("left_hip", {"left_shoulder", "left_hip", "left_knee"}),
    ],
)
def test_an_angle_with_an_unsure_keypoint_is_unknown(skeleton: Skeleton, unsure: str, unknown: set[str]) -> None:
    scores = sure(skeleton)
    scores[skeleton.keypoint_names.index(unsure)] = 0.29
    angles = joint_angles(pose(skeleton), scores, skeleton, 0.3)
    assert {joint for joint, angle in zip(ANGLE_JOINTS, angles, strict=True) if np.isnan(angle)} == unknown


def test_a_score_at_the_threshold_is_enough() -> None:
    assert not np.isnan(joint_angles(pose(COCO_17), np.full(17, 0.5, np.float32), COCO_17, 0.5)).any()


@pytest.mark.parametrize("place", [(np.nan, 5), (np.inf, 5), (160, 100)], ids=["nan", "infinite", "no length"])
def test_a_limb_without_an_end_or_a_length_has_no_angle(place: tuple[float, float]) -> None:
    keypoints = pose(COCO_17)
    keypoints[COCO_17.keypoint_names.index("left_wrist")] = place
    angles = joint_angles(keypoints, sure(COCO_17), COCO_17, 0.3)
    assert [joint for joint, angle in zip(ANGLE_JOINTS, angles, strict=True) if np.isnan(angle)] == ["left_elbow"]


places = npst.arrays(np.float32, (17, 2), elements=st.floats(0, 1000, width=32).map(np.round))


@given(places, st.floats(-np.pi, np.pi), st.floats(0.1, 10), st.floats(-500, 500), st.booleans())
def test_turning_scaling_moving_and_mirroring_change_no_angle(
    keypoints: FloatArray, turn: float, scale: float, shift: float, mirror: bool
) -> None:
    matrix = scale * np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    moved = keypoints * (np.array([-1, 1]) if mirror else 1) @ matrix.T + shift
    before = joint_angles(keypoints, sure(COCO_17), COCO_17, 0.3)
    np.testing.assert_allclose(joint_angles(moved, sure(COCO_17), COCO_17, 0.3), before, atol=1e-3)
    assert np.all(np.isnan(before) | ((before >= 0) & (before <= 180)))


@given(places)
def test_sides_swap_where_keypoints_do(keypoints: FloatArray) -> None:
    angles = joint_angles(keypoints, sure(COCO_17), COCO_17, 0.3)
    swapped = joint_angles(keypoints[COCO_17.flip_indices], sure(COCO_17), COCO_17, 0.3)
    np.testing.assert_array_equal(swapped.reshape(4, 2)[:, ::-1], angles.reshape(4, 2))


def test_history_keeps_the_last_frames_in_order() -> None:
    history = AngleHistory(4)
    for number in range(6):
        bent = (160, 100 + 10 * number) if number else (200, 100)
        history.add(frame(number / 10, person(1, left_wrist=bent)), COCO_17, 0.3)
    np.testing.assert_allclose(history.times_s, [0.2, 0.3, 0.4, 0.5])
    assert history.degrees.shape == (4, 8)
    np.testing.assert_allclose(history.degrees[:, 0], 90, atol=1e-4)
    assert history.person == 1


def test_history_of_nobody_is_empty() -> None:
    history = AngleHistory(4)
    history.add(frame(0.0), COCO_17, 0.3)
    assert history.person is None
    assert history.times_s.shape == (0,)
    assert history.degrees.shape == (0, 8)


def test_history_follows_the_largest_until_it_leaves() -> None:
    history = AngleHistory(9)
    small, large, largest = person(1, 100), person(2, 200), person(3, 300)
    history.add(frame(0.0, small, large), COCO_17, 0.3)
    history.add(frame(0.1, small, large, largest), COCO_17, 0.3)
    assert (history.person, len(history.times_s)) == (2, 2)
    history.add(frame(0.2, small, largest), COCO_17, 0.3)
    assert (history.person, history.times_s.tolist()) == (3, [0.2])


def test_history_follows_the_chosen_person_and_shows_gaps() -> None:
    history = AngleHistory(9)
    history.add(frame(0.0, person(2)), COCO_17, 0.3)
    history.choose(1)
    history.add(frame(0.1, person(2)), COCO_17, 0.3)
    assert history.person is None
    history.add(frame(0.2, person(1), person(2, 900)), COCO_17, 0.3)
    history.add(frame(0.3, person(2)), COCO_17, 0.3)
    history.choose(1)
    assert history.person == 1
    assert np.isnan(history.degrees[:, 0]).tolist() == [False, True]
    history.choose(None)
    history.add(frame(0.4, person(1), person(2, 900)), COCO_17, 0.3)
    assert history.person == 2


def test_history_begins_anew_where_time_goes_back() -> None:
    history = AngleHistory(9)
    for time_s in (0.0, 0.1, 5.0, 1.0, 1.1):
        history.add(frame(time_s, person(1)), COCO_17, 0.3)
    assert history.times_s.tolist() == [1.0, 1.1]
