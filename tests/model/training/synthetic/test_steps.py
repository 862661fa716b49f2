from itertools import pairwise

import numpy as np

from model.training.synthetic.steps import STEP_S, Route, foot_at

WALK = Route([(0.0, 0.0, 0.0, 90.0), (4.0, 3.6, 0.0, 90.0)])


def test_a_route_keeps_its_pace_between_keys_and_stands_beyond_them() -> None:
    np.testing.assert_allclose(WALK(2.0), [1.8, 0, 90], atol=1e-5)
    np.testing.assert_allclose(WALK(-9.0), [0, 0, 90], atol=1e-5)
    np.testing.assert_allclose(WALK(9.0), [3.6, 0, 90], atol=1e-5)


def test_a_standing_foot_does_not_slide() -> None:
    for side in "LR":
        feet = [foot_at(WALK, time_s, side) for time_s in np.arange(0.5, 3.5, 1 / 120)]
        moved = [np.linalg.norm(after.ground - before.ground) for before, after in pairwise(feet)]
        standing = [max(before.lift, after.lift) < 1e-9 for before, after in pairwise(feet)]
        assert sum(standing) > 0.4 * len(standing)
        assert max(np.array(moved)[standing]) < 1e-5


def test_one_foot_or_the_other_always_stands() -> None:
    for time_s in np.arange(0.5, 3.5, 1 / 120):
        assert min(foot_at(WALK, time_s, side).lift for side in "LR") < 1e-6


def test_feet_move_without_a_jump() -> None:
    for side in "LR":
        feet = [foot_at(WALK, time_s, side) for time_s in np.arange(0, 5, 1 / 240)]
        values = np.array([[*foot.ground, foot.lift * 5, foot.pitch / 60, foot.heading / 90] for foot in feet])
        assert np.abs(np.diff(values, axis=0)).max() < 0.03


def test_feet_pass_each_other_and_stay_on_their_own_side() -> None:
    left, right = (np.array([foot_at(WALK, t, side).ground for t in np.arange(0.5, 3.5, 0.02)]) for side in "LR")
    ahead = left[:, 0] - right[:, 0]
    assert ahead.max() > 0.3
    assert ahead.min() < -0.3
    assert (left[:, 1] - right[:, 1] > 0.15).all()  # who faces +x has the left foot at greater y


def test_somebody_who_stands_keeps_both_feet_flat() -> None:
    still = Route([(0.0, 1.0, 2.0, 30.0)])
    for time_s in np.arange(0, 2 * STEP_S, 0.05):
        for side in "LR":
            foot = foot_at(still, time_s, side)
            np.testing.assert_allclose((foot.lift, foot.pitch, foot.heading), (0, 0, 30), atol=1e-5)
