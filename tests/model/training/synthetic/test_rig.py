import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.arrays import FloatArray
from model.training.synthetic.rig import Rig, skin
from model.training.synthetic.vectors import rotation

LEG = ("thigh", "shank", "foot")
JOINTS = np.float32([[0, 0, 1], [0.1, 0, 0.95], [0.12, -0.01, 0.5], [0.12, 0, 0.08]])


def leg() -> Rig:
    return Rig(("root", *LEG), np.array([-1, 0, 1, 2]), JOINTS)


def places(rig: Rig) -> FloatArray:
    transforms = rig.transforms()
    return np.einsum("bij,bj->bi", transforms[:, :, :3], JOINTS) + transforms[:, :, 3]


def test_a_rig_at_rest_moves_nothing() -> None:
    np.testing.assert_allclose(leg().transforms(), np.eye(3, 4)[None].repeat(4, 0), atol=1e-6)


@settings(max_examples=60, deadline=None)
@given(st.floats(-60, 60), st.floats(-40, 40), st.floats(0.3, 0.86), st.floats(-180, 180))
def test_a_limb_reaches_its_target_and_keeps_its_lengths(
    forward: float, aside: float, far: float, faces: float
) -> None:
    rig = leg()
    rig.turn("root", rotation((0, 0, 1), faces))
    rig.place((0.3, -0.2, 0.05))
    hip = places(rig)[1]
    target = hip + rotation((1, 0, 0), forward) @ rotation((0, 1, 0), aside) @ np.float32([0, 0, -far])
    rig.reach(LEG, target, (0, -1, 0))
    _, hip_now, knee, ankle = places(rig)
    np.testing.assert_allclose(hip_now, hip, atol=1e-5)
    np.testing.assert_allclose(ankle, target, atol=1e-4)
    for now, then in ((knee - hip, JOINTS[2] - JOINTS[1]), (ankle - knee, JOINTS[3] - JOINTS[2])):
        np.testing.assert_allclose(np.linalg.norm(now), np.linalg.norm(then), rtol=1e-4)


def test_the_knee_points_where_it_should() -> None:
    rig = leg()
    rig.reach(LEG, (0.1, 0.1, 0.3), (0, -1, 0))
    _, hip, knee, ankle = places(rig)
    assert knee[1] < min(hip[1], ankle[1])


def test_a_target_out_of_reach_is_approached_along_a_straight_leg() -> None:
    rig = leg()
    rig.reach(LEG, (0.1, 0, -5), (0, -1, 0))
    _, hip, _, ankle = places(rig)
    length = np.linalg.norm(JOINTS[2] - JOINTS[1]) + np.linalg.norm(JOINTS[3] - JOINTS[2])
    assert np.linalg.norm(ankle - hip) == pytest.approx(length, rel=1e-3)


def test_a_limb_takes_its_directions_in_its_parents_axes() -> None:
    rig = leg()
    rig.turn("root", rotation((0, 0, 1), 90))
    rig.aim_limb(LEG, (0, -1, 0), (0, -0.2, -1))
    _, hip, knee, ankle = places(rig)
    np.testing.assert_allclose((knee - hip) / np.linalg.norm(knee - hip), [1, 0, 0], atol=1e-5)
    np.testing.assert_allclose((ankle - knee)[2] / (ankle - knee)[0], -5, rtol=1e-3)


def test_a_foot_keeps_its_direction_in_the_world_whatever_the_leg_does() -> None:
    rig = leg()
    rig.reach(LEG, (0.2, 0.2, 0.4), (0, -1, 0))
    rig.orient("foot", rotation((0, 0, 1), 30))
    np.testing.assert_allclose(rig.transforms()[3, :, :3], rotation((0, 0, 1), 30), atol=1e-5)


def test_skin_follows_its_bones_and_blends_between_them() -> None:
    rig = leg()
    rig.turn("shank", rotation((1, 0, 0), 90))
    vertices = np.float32([[0.12, -0.01, 0.4], [0.12, -0.01, 0.6], [0.12, -0.01, 0.4]])
    weights = np.float32([[0, 0, 1, 0], [0, 1, 0, 0], [0, 0.5, 0.5, 0]])
    posed = skin(vertices, weights, rig.transforms())
    np.testing.assert_allclose(posed[0], [0.12, 0.09, 0.5], atol=1e-6)
    np.testing.assert_allclose(posed[1], vertices[1], atol=1e-6)
    np.testing.assert_allclose(posed[2], (vertices[2] + posed[0]) / 2, atol=1e-6)


def test_rotations_turn_counter_clockwise_seen_from_the_axis_tip() -> None:
    np.testing.assert_allclose(rotation((0, 0, 2), 90) @ np.float32([1, 0, 0]), [0, 1, 0], atol=1e-6)
