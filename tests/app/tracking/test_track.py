import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.tracking import Track
from app.tracking.track import carry_box
from tests.app.people import SIZE, figure, figure_box, scored


def track(x: float = 100, y: float = 100) -> Track:
    return Track(figure_box(x, y), 0.8, figure(x, y), scored(), seen_s=0.0, frame_size=SIZE)


@settings(deadline=None)
@given(x=st.floats(-50, 50), y=st.floats(-50, 50), scale=st.floats(0.6, 1.8))
def test_a_box_moves_and_grows_with_the_pose_inside(x: float, y: float, scale: float) -> None:
    carried = carry_box(
        figure_box(200, 200), figure(200, 200), scored(), figure(200 + x, 200 + y, 100 * scale), scored()
    )
    np.testing.assert_allclose(carried, figure_box(200 + x, 200 + y, 100 * scale), atol=0.01)


def test_legs_that_are_not_seen_any_more_stay_in_the_box() -> None:
    upper_body = scored()
    upper_body[11:] = 0.05
    nonsense = figure(210, 200)
    nonsense[11:] = 0
    carried = carry_box(figure_box(200, 200), figure(200, 200), scored(), nonsense, upper_body)
    np.testing.assert_allclose(carried, figure_box(210, 200), atol=0.01)


def test_a_raised_arm_widens_the_box_and_does_not_move_it() -> None:
    raised = figure(200, 200)
    raised[9] += (60, -80)
    carried = carry_box(figure_box(200, 200), figure(200, 200), scored(), raised, scored())
    assert carried is not None
    x1, _, _, y2 = figure_box(200, 200)
    assert carried[0] == pytest.approx(x1, abs=0.5)
    assert carried[3] == pytest.approx(y2, abs=0.5)
    assert carried[2] > raised[9, 0]
    assert carried[1] <= raised[9, 1]


def test_keypoints_outside_the_detectors_box_do_not_widen_it_while_nothing_moves() -> None:
    narrow = figure_box(200, 200)
    narrow[2] -= 30
    np.testing.assert_allclose(
        carry_box(narrow, figure(200, 200), scored(), figure(200, 200), scored()), narrow, atol=0.01
    )


def test_who_moves_in_from_where_the_frame_cut_them_brings_more_along() -> None:
    cut = figure_box(100, SIZE[0] - 20)
    cut[3] = SIZE[0]
    person = Track(cut, 0.8, figure(100, SIZE[0] - 20), scored(), seen_s=0.0, frame_size=SIZE)
    person.see_carried(0.1, figure(100, SIZE[0] - 50), scored(), detected=False, trusted=True)
    assert person.box[3] == SIZE[0]
    np.testing.assert_allclose(person.box[:3], figure_box(100, SIZE[0] - 50)[:3], atol=0.01)
    person.see_carried(0.2, figure(100, 100), scored(), detected=False, trusted=True)
    assert person.box[3] - person.box[1] == pytest.approx(2 * (cut[3] - cut[1]), abs=0.01)  # not to the edge for ever


def test_it_tells_how_much_of_a_person_the_frame_shows() -> None:
    assert track().inside == 1.0
    assert track(x=0).inside == pytest.approx(0.5)
    assert track(x=-100).inside == 0.0


def test_two_keypoints_are_too_few_to_carry_a_box() -> None:
    few = scored(0.05)
    few[:2] = 0.9
    assert carry_box(figure_box(200, 200), figure(200, 200), scored(), figure(200, 200), few) is None


def test_a_box_does_not_shrink_over_many_frames_without_the_detector() -> None:
    person = track()
    random = np.random.default_rng(0)
    for frame in range(1, 301):
        pose = figure(100, 100) + random.normal(0, 1.5, (17, 2)).astype(np.float32)
        person.see_carried(frame / 30, pose, scored(), detected=False, trusted=True)
    np.testing.assert_allclose(person.box, figure_box(100, 100), atol=10)
    assert np.prod(person.box[2:] - person.box[:2]) > 0.9 * 3600


@pytest.mark.parametrize("fps", [10, 30, 60])
def test_somebody_who_walks_is_expected_ahead(fps: int) -> None:
    person = track(x=0)
    for frame in range(1, 2 * fps + 1):
        x = 80 * frame / fps
        person.see_carried(frame / fps, figure(x, 100), scored(), detected=False, trusted=True)
    np.testing.assert_allclose(person.velocity, (80, 0), atol=1)
    expected = person.predicted_box(2 + 0.3)
    np.testing.assert_allclose(expected, figure_box(160 + 24, 100), atol=3)
    np.testing.assert_allclose(person.predicted_keypoints(2.3) - person.keypoints, [person.shift(2.3)] * 17, atol=0.01)


def test_nobody_coasts_for_ever() -> None:
    person = track(x=0)
    for frame in range(1, 61):
        person.see_carried(frame / 30, figure(80 * frame / 30, 100), scored(), detected=False, trusted=True)
    assert np.linalg.norm(person.shift(1000)) < 200


def test_a_pose_that_may_be_a_neighbours_moves_neither_box_nor_velocity() -> None:
    person = track()
    person.see_carried(0.1, figure(140, 100, 60), scored(), detected=False, trusted=False)
    np.testing.assert_array_equal(person.box, figure_box(100, 100))
    np.testing.assert_array_equal(person.velocity, (0, 0))


def test_keypoints_fade_against_those_in_the_detectors_box() -> None:
    weak = track()
    weak.see_detected(0.1, weak.box, 0.8, weak.keypoints, scored(0.4))
    assert not weak.fading
    weak.see_carried(0.2, weak.keypoints, scored(0.3), detected=False, trusted=True)
    assert not weak.fading
    weak.see_carried(0.3, weak.keypoints, scored(0.22), detected=False, trusted=True)
    assert weak.fading
    strong = track()
    few = scored(0.05)
    few[:3] = 1.0
    strong.see_carried(0.1, strong.keypoints, few, detected=False, trusted=True)
    assert strong.fading


def test_a_persons_score_is_box_times_visible_keypoints() -> None:
    scores = np.array([0.9, 0.7, 0.2, 0.1] + [0.0] * 13, np.float32)
    assert Track(figure_box(0, 0), 0.5, figure(0, 0), scores, 0.0, SIZE).score == pytest.approx(0.4)
    assert Track(figure_box(0, 0), 0.5, figure(0, 0), scored(0.2), 0.0, SIZE).score == 0.0
