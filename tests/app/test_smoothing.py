import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.settings import SmoothingSettings
from app.smoothing import Smoother
from model.arrays import FloatArray
from tests.app.people import HEIGHT, figure, scored

DEFAULTS = SmoothingSettings()


def run(
    poses: list[FloatArray],
    times: list[float],
    smoothing: SmoothingSettings = DEFAULTS,
    scores: list[FloatArray] | None = None,
    size: float = HEIGHT,
) -> FloatArray:
    """(F, 17, 2) calmed poses of F frames."""
    smoother = Smoother(smoothing)
    scores = scores or [scored()] * len(poses)
    return np.array([smoother.smooth(1, *frame, size) for frame in zip(times, poses, scores, strict=True)])


def walk(speed: float, times: list[float]) -> list[FloatArray]:
    return [figure(speed * time_s, 100) for time_s in times]


def lag(speed: float, times: list[float], smoothing: SmoothingSettings = DEFAULTS) -> float:
    """Pixels by which the last pose of somebody who walks trails behind."""
    poses = walk(speed, times)
    return float((poses[-1] - run(poses, times, smoothing)[-1])[:, 0].mean())


def clock(fps: float, duration_s: float = 3.0) -> list[float]:
    return [index / fps for index in range(round(duration_s * fps) + 1)]


def test_trembling_at_rest_is_calmed() -> None:
    random = np.random.default_rng(0)
    poses = [figure(100, 100) + random.normal(0, 0.5, (17, 2)).astype(np.float32) for _ in range(150)]
    calmed = run(poses, clock(30, 149 / 30))
    raw_step, step = (np.abs(np.diff(poses[30:], axis=0)).mean(), np.abs(np.diff(calmed[30:], axis=0)).mean())
    assert step < raw_step / 2.5
    np.testing.assert_allclose(calmed[30:].mean(axis=0), figure(100, 100), atol=0.15)


@pytest.mark.parametrize("speed", [20.0, 100.0, 300.0])
def test_motion_is_followed_within_a_fiftieth_of_the_height(speed: float) -> None:
    assert 0 <= lag(speed, clock(30)) < HEIGHT / 50


@pytest.mark.parametrize("speed", [20.0, 100.0, 300.0])
def test_the_lag_is_that_of_the_papers_formula_at_any_frame_rate(speed: float) -> None:
    cutoff_hz = DEFAULTS.min_cutoff_hz + DEFAULTS.beta * speed / HEIGHT
    for fps in (10, 24, 30, 60, 120):
        assert lag(speed, clock(fps)) == pytest.approx(speed / (2 * np.pi * cutoff_hz), rel=0.01)


@settings(deadline=None, max_examples=30)
@given(steps=st.lists(st.floats(0.01, 0.2), min_size=60, max_size=60))
def test_frames_that_come_irregularly_make_no_difference(steps: list[float]) -> None:
    times = np.cumsum(steps).tolist()
    cutoff_hz = DEFAULTS.min_cutoff_hz + DEFAULTS.beta
    assert lag(HEIGHT, times) == pytest.approx(HEIGHT / (2 * np.pi * cutoff_hz), rel=0.05)


def test_higher_beta_follows_more_closely_and_lower_cutoff_is_calmer() -> None:
    slack, close = (SmoothingSettings(beta=beta) for beta in (1.0, 50.0))
    assert lag(100, clock(30), close) < lag(100, clock(30)) < lag(100, clock(30), slack)
    random = np.random.default_rng(0)
    poses = [figure(100, 100) + random.normal(0, 0.5, (17, 2)).astype(np.float32) for _ in range(60)]
    calm, lively = (
        np.abs(np.diff(run(poses, clock(30, 59 / 30), SmoothingSettings(min_cutoff_hz=cutoff)), axis=0)).mean()
        for cutoff in (0.3, 5.0)
    )
    assert calm < lively


@settings(deadline=None, max_examples=30)
@given(scale=st.floats(0.2, 8), shift=st.floats(-500, 500))
def test_the_same_settings_suit_near_and_far(scale: float, shift: float) -> None:
    random = np.random.default_rng(1)
    poses = [figure(4 * index, 100) + random.normal(0, 1, (17, 2)).astype(np.float32) for index in range(20)]
    times = clock(30, 19 / 30)
    calmed = run(poses, times)
    elsewhere = run([pose * np.float32(scale) + np.float32(shift) for pose in poses], times, size=HEIGHT * scale)
    np.testing.assert_allclose(elsewhere, calmed * scale + shift, rtol=1e-3, atol=0.02 * max(scale, 1))


def test_somebody_who_comes_nearer_is_soon_measured_by_their_new_height() -> None:
    smoother = Smoother(DEFAULTS)
    smoother.smooth(1, 0.0, figure(100, 100), scored(), HEIGHT)
    for time_s in clock(30, 6)[1:]:
        pose = figure(100 + HEIGHT * time_s, 100)
        calmed = smoother.smooth(1, time_s, pose, scored(), 2 * HEIGHT)
    cutoff_hz = DEFAULTS.min_cutoff_hz + DEFAULTS.beta / 2
    assert (pose - calmed)[:, 0].mean() == pytest.approx(HEIGHT / (2 * np.pi * cutoff_hz), rel=0.02)


def test_a_guess_is_passed_through_and_leaves_the_filter_alone() -> None:
    times = clock(30, 1)
    poses = [figure(100, 100) for _ in times]
    scores = [scored() for _ in times]
    for index in (10, 11, 12):
        poses[index][9] += 500
        scores[index][9] = 0.1
    calmed = run(poses, times, scores=scores)
    np.testing.assert_array_equal(calmed[10:13, 9], np.array(poses)[10:13, 9])
    np.testing.assert_allclose(calmed[13, 9], figure(100, 100)[9], atol=1e-4)
    others = np.delete(calmed[10:13], 9, axis=1)
    np.testing.assert_allclose(others, np.delete([figure(100, 100)] * 3, 9, axis=1), atol=1e-4)


def test_a_joint_seen_again_after_a_while_is_not_dragged_from_where_it_was() -> None:
    times = clock(30, 2)
    poses = [figure(100, 100) for _ in times]
    scores = [scored() for _ in times]
    for index in range(10, 40):
        scores[index][9] = 0.1
    for index in range(40, len(times)):
        poses[index][9] += 60
    calmed = run(poses, times, scores=scores)
    np.testing.assert_array_equal(calmed[40, 9], poses[40][9])


def test_a_person_who_jumps_is_there_at_once() -> None:
    times = clock(30, 1)
    poses = [figure(100 if index < 15 else 180, 100) for index in range(len(times))]
    np.testing.assert_array_equal(run(poses, times)[15], poses[15])


def test_after_a_pause_the_pose_is_taken_as_it_is() -> None:
    times = [0.0, 0.033, 0.066, 1.2]
    poses = walk(20, times)
    np.testing.assert_array_equal(run(poses, times)[3], poses[3])


def test_a_repeated_timestamp_changes_nothing() -> None:
    times = [0.0, 0.1, 0.1, 0.2]
    poses = [figure(100 + index, 100) for index in range(4)]
    calmed = run(poses, times)
    np.testing.assert_array_equal(calmed[1], calmed[2])
    assert np.isfinite(calmed).all()


def test_each_person_has_their_own_past_until_it_is_forgotten() -> None:
    smoother = Smoother(DEFAULTS)
    for track_id, x in ((1, 100.0), (2, 300.0)):
        smoother.smooth(track_id, 0.0, figure(x, 100), scored(), HEIGHT)
    moved = figure(102, 100)
    assert smoother.smooth(1, 0.033, moved, scored(), HEIGHT)[0, 0] < moved[0, 0]
    smoother.keep({1})
    fresh = figure(302, 100)
    np.testing.assert_array_equal(smoother.smooth(2, 0.033, fresh, scored(), HEIGHT), fresh)
    smoother.reset()
    again = figure(104, 100)
    np.testing.assert_array_equal(smoother.smooth(1, 0.066, again, scored(), HEIGHT), again)


def test_switched_off_it_hands_on_what_it_gets() -> None:
    times = clock(30, 0.5)
    poses = walk(100, times)
    np.testing.assert_array_equal(run(poses, times, SmoothingSettings(enabled=False)), poses)
