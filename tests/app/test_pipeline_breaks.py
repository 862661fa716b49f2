"""What the pipeline remembers across pauses, jumps in time, cuts and flashes."""

import numpy as np
import pytest

from app.results import Frame
from model.arrays import UInt8Array
from tests.app.people import World, between, figure, standing, walking
from tests.app.pipelines import calls, ids, pipeline, process, settings


def checkered(seed: int) -> UInt8Array:
    fields = np.random.default_rng(seed).integers(0, 255, (6, 8, 3))
    return np.kron(fields, np.ones((60, 80, 1))).astype(np.uint8)


def test_time_that_runs_backwards_begins_anew() -> None:
    world = World([standing(100)])
    built = pipeline(world, settings(every_n=30))
    process(built, world, 0, 20)
    assert ids(process(built, world, 0, 3)) == [[2]] * 3
    assert calls(built) == 2


def test_people_keep_their_ids_while_frames_are_stepped_back() -> None:
    world = World([walking(100, 40), between(0.5, 9, standing(400)), standing(550)])
    built = pipeline(world, settings(every_n=30))
    process(built, world, 0, 20)
    shown = [process(built, world, index, index + 1)[0] for index in reversed(range(19))]
    assert ids(shown) == [[1, 2, 3]] * 4 + [[1, 2]] * 15
    for index, result in zip(reversed(range(19)), shown, strict=True):
        world.frame(index)
        np.testing.assert_allclose(result.persons[0].keypoints, figure(*world.visible()[0][1]), atol=1e-3)
    assert ids(process(built, world, 1, 20))[-1] == [1, 2, 3], "forwards again"


def test_a_step_back_over_a_cut_begins_anew() -> None:
    world = World([standing(100)], background=checkered(0))
    built = pipeline(world, settings(every_n=30))
    process(built, world, 0, 10)
    world.background = 255 - world.background
    assert ids(process(built, world, 9, 10)) == [[2]]


@pytest.mark.parametrize("gap_s", [3.5, 3600])
def test_who_is_there_after_a_long_gap_is_somebody_else(gap_s: float) -> None:
    world = World([standing(200)])
    built = pipeline(world, settings(every_n=30))
    process(built, world, 0, 10)
    frame = world.frame(10)
    jumps = [built.process(Frame(10, frame.time_s + jump * gap_s, frame.image)) for jump in (1, 2, 4)]
    assert ids(jumps) == [[2], [3], [4]]


def test_a_pause_calls_the_detector_and_ends_smoothing_and_ids_last() -> None:
    world = World([walking(100, 10)])
    built = pipeline(world, settings(every_n=100))
    process(built, world, 0, 10)
    result = process(built, world, 46, 47)[0]  # 1.2 s later, 12 pixels on
    assert calls(built) == 2
    assert [person.track_id for person in result.persons] == [1]
    np.testing.assert_allclose(result.persons[0].keypoints, figure(*world.visible()[0][1]), atol=1e-4)


@pytest.mark.parametrize("fps", [0.7, 0.1])
def test_slow_frames_keep_ids(fps: float) -> None:
    world = World([standing(100), standing(300)], fps=fps, tremble=0.5)
    assert ids(process(pipeline(world), world, 0, 10)) == [[1, 2]] * 10


def test_a_cut_begins_anew() -> None:
    world = World([standing(100)], background=checkered(0))
    built = pipeline(world, settings(every_n=30))
    process(built, world, 0, 10)
    world.background = 255 - world.background
    assert ids(process(built, world, 10, 12)) == [[2], [2]]
    assert calls(built) == 2


@pytest.mark.parametrize("flashes", [[255], [0], [255, 0, 200]])
def test_people_keep_their_ids_through_a_flash(flashes: list[int]) -> None:
    world = World([walking(100, 10), standing(400)])
    world.background = checkered(0)
    built = pipeline(world, settings(every_n=30))
    process(built, world, 0, 10)
    for index, grey in enumerate(flashes):
        flash = world.frame(10 + index)
        flash.image[:] = grey
        built.process(flash)
    assert ids(process(built, world, 10 + len(flashes), 20)) == [[1, 2]] * (10 - len(flashes))


def test_a_scene_that_is_back_later_begins_anew() -> None:
    world = World([standing(100)])
    scenes = [checkered(seed) for seed in (0, 1)]
    built = pipeline(world, settings(every_n=30))
    shown = []
    for begin, end, which in ((0, 10, 0), (10, 30, 1), (30, 33, 0), (33, 36, 1)):
        world.background = scenes[which]
        shown.append(ids(process(built, world, begin, end))[-1])
    # 0.7 s away: somebody new; then the other scene is back 0.1 s after it was left.
    assert shown == [[1], [2], [3], [2]]


def test_a_flash_in_another_size_begins_anew() -> None:
    world = World([standing(100)])
    world.background = checkered(0)
    built = pipeline(world, settings(every_n=30))
    process(built, world, 0, 10)
    flash = world.frame(10)
    flash.image[:] = 255
    built.process(flash)
    frame = world.frame(11)
    smaller = Frame(11, frame.time_s, np.ascontiguousarray(frame.image[:-2]))
    assert ids([built.process(smaller)]) == [[3]]  # 2 stood in the flash


def test_a_change_of_picture_size_begins_anew() -> None:
    world = World([standing(100)])
    built = pipeline(world, settings(every_n=30))
    process(built, world, 0, 10)
    frame = world.frame(10)
    smaller = Frame(10, frame.time_s, frame.image[:300])
    assert ids([built.process(smaller)]) == [[2]]
    halved = Frame(11, frame.time_s + 0.03, np.ascontiguousarray(frame.image[::2, ::2]))
    assert ids([built.process(halved)]) == [[3]]
