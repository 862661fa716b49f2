import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tracking.similarity import assign, keypoint_similarity, sigmas_of
from model.skeletons import COCO_17, MPII_16
from tests.app.people import figure, scored

SIGMAS = sigmas_of(COCO_17)
AREA = np.array([5000.0], np.float32)


def test_a_pose_is_its_own_and_a_distant_one_is_not() -> None:
    poses = np.stack([figure(100, 100), figure(300, 100)])
    scores = np.stack([scored(), scored()])
    alike, common = keypoint_similarity(poses, scores, poses, scores, np.repeat(AREA, 2), SIGMAS)
    np.testing.assert_allclose(alike, np.eye(2), atol=1e-6)
    assert (common == 17).all()


def test_it_is_cocos_formula_over_what_both_show() -> None:
    first, second = figure(100, 100)[None], figure(104, 103)[None]
    scores, other_scores = scored()[None].copy(), scored()[None].copy()
    scores[0, :5], other_scores[0, 12:] = 0.1, 0.1
    alike, common = keypoint_similarity(first, scores, second, other_scores, AREA, SIGMAS)
    expected = np.exp(-25 / (2 * 0.53 * 5000 * (2 * COCO_17.sigmas[5:12]) ** 2)).mean()
    assert common[0, 0] == 7
    assert alike[0, 0] == pytest.approx(expected, rel=1e-5)


def test_nothing_in_common_is_no_similarity() -> None:
    pose = figure(100, 100)[None]
    alike, common = keypoint_similarity(pose, scored()[None], pose, scored(0.1)[None], AREA, SIGMAS)
    assert (alike[0, 0], common[0, 0]) == (0.0, 0)


@settings(deadline=None)
@given(shift=st.floats(1, 100), slack=st.floats(0.01, 1))
def test_slack_forgives_distance(shift: float, slack: float) -> None:
    first, second, scores = figure(100, 100)[None], figure(100 + shift, 100)[None], scored()[None]
    strict, _ = keypoint_similarity(first, scores, second, scores, AREA, SIGMAS)
    lenient, _ = keypoint_similarity(first, scores, second, scores, AREA, SIGMAS, slack)
    assert strict[0, 0] <= lenient[0, 0] <= 1


def test_a_convention_without_sigmas_can_still_be_told_apart() -> None:
    assert sigmas_of(MPII_16).shape == (16,)
    assert (sigmas_of(MPII_16) > 0).all()
    np.testing.assert_array_equal(sigmas_of(COCO_17), COCO_17.sigmas)


def test_pairs_have_the_largest_total_and_no_worthless_one() -> None:
    similarity = np.array([[0.9, 0.8, 0.0], [0.85, 0.1, 0.0]], np.float32)
    assert sorted(assign(similarity, 0.2)) == [(0, 1), (1, 0)]  # the best single pair would leave 1.0 in all
    assert assign(similarity[:, 2:], 0.2) == []
    assert assign(np.zeros((0, 3), np.float32), 0.2) == []
