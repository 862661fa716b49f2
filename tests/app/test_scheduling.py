from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.scheduling import SEARCH_EVERY, DetectionSchedule, Scene
from model.arrays import FloatArray, UInt8Array

BOXES = np.array([[200, 100, 280, 300]], np.float32)


def runs(schedule: DetectionSchedule, frames: int, searching: bool = False, alarm: bool = False) -> list[int]:
    return [index for index in range(frames) if schedule.due(searching, alarm)]


def room(seed: int = 0) -> UInt8Array:
    """A picture (360, 640, 3) of soft blotches."""
    coarse = np.random.default_rng(seed).integers(40, 200, (6, 10, 3), np.uint8)
    return cv2.resize(coarse, (640, 360), interpolation=cv2.INTER_CUBIC)


def with_somebody(image: UInt8Array, x: int) -> UInt8Array:
    changed = image.copy()
    changed[120:280, x : x + 60] = 255 - changed[120:280, x : x + 60]
    return changed


def scene_with(image: UInt8Array, boxes: FloatArray = BOXES) -> Scene:
    scene = Scene()
    scene.see(image)
    scene.look()
    scene.cover(boxes)
    return scene


@pytest.mark.parametrize("every_n", [1, 2, 5, 30])
def test_it_runs_on_the_first_frame_and_every_n_after(every_n: int) -> None:
    assert runs(DetectionSchedule(every_n), 100) == list(range(0, 100, every_n))


def test_a_search_runs_more_often_but_never_less() -> None:
    assert runs(DetectionSchedule(30), 30, searching=True) == list(range(0, 30, SEARCH_EVERY))
    assert runs(DetectionSchedule(2), 30, searching=True) == list(range(0, 30, 2))


def test_an_alarm_is_answered_at_once() -> None:
    schedule = DetectionSchedule(30)
    assert runs(schedule, 10) == [0]
    assert schedule.due(searching=False, alarm=True)


@pytest.mark.parametrize("every_n", [2, 5, 30])
def test_constant_alarm_costs_at_most_about_two_runs_every_n_frames(every_n: int) -> None:
    count = len(runs(DetectionSchedule(every_n), 600, alarm=True))
    assert 600 / every_n < count <= 2 * 600 / every_n + 3


def test_runs_that_find_somebody_do_not_use_up_the_budget() -> None:
    schedule = DetectionSchedule(30)
    runs(schedule, 1)
    for _ in range(20):
        assert schedule.due(searching=False, alarm=True)
        schedule.reward()


@settings(deadline=None)
@given(alarms=st.lists(st.booleans(), min_size=200, max_size=200), every_n=st.integers(1, 40))
def test_no_pattern_of_alarms_breaks_the_budget_or_delays_the_regular_run(alarms: list[bool], every_n: int) -> None:
    schedule = DetectionSchedule(every_n)
    ran = [index for index, alarm in enumerate(alarms) if schedule.due(searching=False, alarm=alarm)]
    assert all(later - earlier <= every_n for earlier, later in pairwise(ran))
    assert len(ran) <= 2 * (200 / every_n) + 3


def test_a_reset_and_a_new_n_take_effect_on_the_next_frame() -> None:
    schedule = DetectionSchedule(30)
    runs(schedule, 5)
    schedule.reset()
    assert schedule.due(searching=False, alarm=False)
    schedule.every_n = 2
    assert runs(schedule, 6) == [1, 3, 5]


def test_noise_and_a_lamp_are_no_change() -> None:
    image = room()
    scene = scene_with(image)
    noisy = np.clip(image + np.random.default_rng(1).normal(0, 12, image.shape) + 25, 0, 255).astype(np.uint8)
    assert not scene.see(noisy)
    assert not scene.changed()


def test_a_newcomer_is_a_change_and_who_is_followed_is_not() -> None:
    image = room()
    scene = scene_with(image)
    scene.see(with_somebody(image, 210))
    assert not scene.changed()
    scene.see(with_somebody(image, 450))
    assert scene.changed()
    scene.look()
    scene.cover(BOXES)
    scene.see(with_somebody(image, 450))
    assert not scene.changed(), "the detector has looked at it"


def test_who_walks_leaves_no_change_behind() -> None:
    image = room()
    scene = scene_with(with_somebody(image, 210))
    for x in range(210, 330, 10):
        scene.see(with_somebody(image, x))
        assert not scene.changed()
        scene.cover(np.array([[x - 10, 110, x + 70, 290]], np.float32))


def test_nothing_was_looked_at_yet() -> None:
    scene = Scene()
    assert not scene.changed()
    scene.see(room())
    assert not scene.changed()


def test_a_cut_is_told_from_motion_and_light() -> None:
    image = room()
    scene = Scene()
    assert not scene.see(image)
    assert not scene.see(with_somebody(image, 300))
    assert not scene.see((image * 0.5).astype(np.uint8))
    assert not scene.see(np.roll(image, 15, axis=1))
    assert scene.see(room(seed=2))
    assert not scene.see(room(seed=2))
    scene.look()
    assert scene.see(room(seed=2)[:, :300]), "another size is another scene"
    assert not scene.changed(), "nothing of it was looked at yet"
    assert scene.see(room(seed=2)[::2, :300:2]), "of the same shape, too"


@pytest.mark.parametrize("brightness", [0.15, 0.25, 0.5])
@pytest.mark.parametrize("seed", range(3))
def test_a_cut_is_one_in_the_dark_too(brightness: float, seed: int) -> None:
    scene = Scene()
    scene.see((room(seed) * brightness).astype(np.uint8))
    assert scene.see((room(seed + 10) * brightness).astype(np.uint8))


def test_who_crosses_a_plain_wall_in_strides_is_no_cut() -> None:
    wall = np.full((360, 640, 3), 180, np.uint8)
    scene = Scene()
    for x in range(0, 580, 70):  # more than their own width
        assert not scene.see(with_somebody(wall, x))
    assert scene.see(room())


def test_noise_of_a_covered_lens_is_no_cut() -> None:
    scene, random = Scene(), np.random.default_rng(0)
    for _ in range(10):
        assert not scene.see(np.clip(random.normal(12, 8, (360, 640, 3)), 0, 255).astype(np.uint8))


def test_blank_pictures_are_one_scene_and_a_picture_after_them_is_another() -> None:
    black = np.zeros((360, 640, 3), np.uint8)
    scene = Scene()
    scene.see(black)
    assert not scene.see(black + 3)
    assert scene.see(room())


@pytest.mark.parametrize("size", [(1, 1), (2, 500), (40, 30), (2160, 3840)])
def test_any_size_of_picture_will_do(size: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 255, (*size, 3), np.uint8)
    scene = scene_with(image, np.array([[-50, -50, 5000, 5000]], np.float32))
    scene.see(255 - image)
    assert not scene.changed()
