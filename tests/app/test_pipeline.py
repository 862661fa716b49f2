import itertools
from collections.abc import Callable

import numpy as np
import pytest

from app.results import Detection, Frame, FrameResult
from app.settings import DetectionSettings, PoseSettings, Settings, SmoothingSettings
from model.arrays import FloatArray, UInt8Array
from model.estimator import PoseEstimate
from tests.app.people import SIZE, Detector, Estimator, World, between, figure, figure_box, standing, walking
from tests.app.pipelines import calls, ids, pipeline, process, settings

STAGES = {"detect", "crop", "infer", "decode", "track", "smooth", "total"}


@pytest.mark.parametrize("every_n", [1, 5, 12])
def test_in_a_calm_scene_the_detector_runs_every_n_frames(every_n: int) -> None:
    world = World([standing(100), standing(400)], tremble=0.5)
    built = pipeline(world, settings(every_n=every_n))
    assert ids(process(built, world, 0, 60)) == [[1, 2]] * 60
    assert calls(built) == 60 / every_n


def test_nobody_is_an_empty_result_and_never_a_box_round_the_frame() -> None:
    world = World([])
    built = pipeline(world, settings(every_n=30))
    assert ids(process(built, world, 0, 30)) == [[]] * 30
    assert calls(built) == 10  # a search: every third frame
    assert isinstance(built.estimator, Estimator)
    assert built.estimator.boxes_seen == 0


@pytest.mark.parametrize("people", [[], [standing(100)]])
def test_a_newcomer_is_shown_in_the_frame_they_come_into(people: list[Callable[[float], tuple[float, float]]]) -> None:
    world = World([*people, between(1.0, 9, standing(400))])
    built = pipeline(world, settings(every_n=60))
    results = process(built, world, 0, 40)
    assert [len(result.persons) for result in results] == [len(people)] * 30 + [len(people) + 1] * 10


@pytest.mark.parametrize(("fps", "heights_per_s"), [(30, 5), (15, 4), (8, 2.5), (4, 1.5)])
def test_who_runs_past_has_one_id_however_slowly_frames_come(fps: float, heights_per_s: float) -> None:
    world = World([standing(600), walking(30, 100 * heights_per_s)], fps=fps, tremble=0.5)
    seen = ids(process(pipeline(world), world, 0, int(fps)))
    assert {number for frame in seen for number in frame} == {1, 2}


def test_ceaseless_motion_elsewhere_does_not_run_the_detector_on_every_frame() -> None:
    world = World([standing(100)])
    built = pipeline(world, settings(every_n=10))
    for index in range(200):
        world.background = np.full((*SIZE, 3), 90, np.uint8)
        world.background[50:250, 300 + 10 * (index % 20) :][:, :100] = 250
        built.process(world.frame(index))
    assert 20 < calls(built) <= 43


def test_fading_keypoints_call_the_detector_which_finds_where_the_person_went() -> None:
    def place(time_s: float) -> tuple[float, float]:
        return (100, 180) if time_s < 1 else (120, 180)

    world = World([place])
    built = pipeline(world, settings(every_n=60))
    estimator = built.estimator
    assert isinstance(estimator, Estimator)
    process(built, world, 0, 30)
    blurred = estimator.estimate

    def blur(image: np.ndarray, boxes: np.ndarray, heatmap_of: None) -> object:
        poses = blurred(image, boxes)
        misplaced = len(boxes) and abs(float(boxes[0, [0, 2]].mean()) - world.visible()[0][1][0]) > 10
        return type(poses)(poses.keypoints, poses.scores * (0.4 if misplaced else 1.0), poses.timings_ms)

    estimator.estimate = blur  # type: ignore[assignment]
    before = calls(built)
    results = process(built, world, 30, 36)
    assert calls(built) > before
    assert ids(results)[-1] == [1]
    np.testing.assert_allclose(results[-1].persons[0].box, figure_box(120, 180), atol=6)


def test_results_carry_the_frame_and_every_stage() -> None:
    world = World([standing(100)])
    for people in ([standing(100)], []):
        world.people = people
        result = pipeline(world).process(Frame(7, 0.25, world.frame(0).image))
        assert (result.frame_index, result.time_s, result.image_size) == (7, 0.25, SIZE)
        assert set(result.timings_ms) == STAGES
        assert all(value >= 0 for value in result.timings_ms.values())


def test_a_persons_score_and_box_are_the_detectors_and_the_keypoints() -> None:
    world = World([standing(10)])
    built = pipeline(world, score=lambda number, time_s: 0.8)
    detect, estimate = built.detector.detect, built.estimator.estimate

    def beyond_the_edge(image: UInt8Array) -> list[Detection]:
        return [Detection(figure_box(10, 180), found.score) for found in detect(image)]

    def overshooting(image: UInt8Array, boxes: FloatArray, heatmap_of: int | None) -> PoseEstimate:
        poses = estimate(image, boxes, heatmap_of)
        poses.scores[:, 0] = 1.1
        return poses

    built.detector.detect = beyond_the_edge  # type: ignore[method-assign]
    built.estimator.estimate = overshooting  # type: ignore[method-assign]
    person = built.process(world.frame(0)).persons[0]
    assert person.box_score == 0.8
    assert person.score == pytest.approx(0.8 * (1.1 + 16 * 0.9) / 17)
    assert person.scores.tolist() == [1.0] + [np.float32(0.9)] * 16, "of maxima, which may overshoot"
    np.testing.assert_allclose(person.keypoints, figure(10, 180), atol=1e-4)
    assert person.box[0] == 0, "within the frame, though the person is not"


def test_smoothing_calms_what_trembles_and_can_be_switched_off_while_running() -> None:
    def tremble(results: list[FrameResult]) -> float:
        return float(np.abs(np.diff([result.persons[0].keypoints for result in results], axis=0)).mean())

    world = World([standing(100)], tremble=0.5)
    built = pipeline(world)
    process(built, world, 0, 30)
    calmed = tremble(process(built, world, 30, 90))
    assert not built.apply(Settings(smoothing=SmoothingSettings(enabled=False)))
    assert calmed < tremble(process(built, world, 90, 150)) / 2


def test_settings_take_effect_without_building_anew() -> None:
    world = World([standing(100), standing(300), standing(500)])
    built = pipeline(world, score=lambda number, time_s: (0.9, 0.6, 0.3)[number])
    assert ids(process(built, world, 0, 2))[-1] == [1, 2]

    assert not built.apply(settings(max_persons=1))
    assert ids(process(built, world, 2, 4)) == [[1], [1]]

    assert not built.apply(settings(person_threshold=0.25, every_n=1))
    assert [len(result.persons) for result in process(built, world, 4, 6)] == [3, 3]

    before = calls(built)
    assert not built.apply(settings(every_n=2))
    process(built, world, 6, 16)
    assert calls(built) - before == 5
    assert built.settings == settings(every_n=2)


def test_a_person_threshold_of_ones_own_goes_before_the_detectors() -> None:
    world = World([standing(100)])
    faint = pipeline(world, score=lambda number, time_s: 0.4)
    assert (faint.person_threshold, ids(process(faint, world, 0, 1))) == (0.5, [[]])
    bold = pipeline(world, settings(person_threshold=0.35), score=lambda number, time_s: 0.4)
    assert (bold.person_threshold, ids(process(bold, world, 0, 1))) == (0.35, [[1]])


def test_another_threshold_shows_at_once_in_a_paused_picture_too() -> None:
    world = World([standing(100), standing(300), standing(500)])
    built = pipeline(world, settings(every_n=30), score=lambda number, time_s: (0.9, 0.55, 0.3)[number])
    process(built, world, 0, 11)
    paused = world.frame(10)
    shown = []
    for threshold in (0.5, 0.7, 0.5, 0.25, 0.95, 0.25):
        built.apply(settings(every_n=30, person_threshold=threshold))
        shown.append(len(built.process(paused).persons))
    assert shown == [2, 1, 2, 3, 0, 3]


def test_more_people_show_at_once_in_a_paused_picture_too() -> None:
    world = World([standing(100), standing(300), standing(500)])
    built = pipeline(world, settings(every_n=30, max_persons=1))
    process(built, world, 0, 11)
    paused = world.frame(10)
    shown = []
    for most in (3, 1, 3, 2, 3):
        built.apply(settings(every_n=30, max_persons=most))
        shown.append(len(built.process(paused).persons))
    assert shown == [3, 1, 3, 2, 3]


def test_a_file_is_found_in_as_if_there_had_been_none_before() -> None:
    world = World([standing(100), between(0.1, 9, standing(400))])
    runs = []
    for before in (0, 51, 54):
        built = pipeline(world, settings(every_n=12))
        other = World([standing(100)])
        for index in range(before):  # something moves where nobody is
            other.background = np.full((*SIZE, 3), 90, np.uint8)
            other.background[50:250, 300 + 10 * (index % 20) :][:, :100] = 250
            built.process(other.frame(index))
        built.reset()
        runs.append([len(result.persons) for result in process(built, world, 0, 20)])
    assert runs[0] == runs[1] == runs[2] == [1] * 3 + [2] * 17


def test_who_came_back_faintly_stays_when_the_threshold_is_lowered() -> None:
    world = World([standing(300), lambda time_s: None if 1 <= time_s < 1.5 else (100, 180)])
    built = pipeline(
        world, settings(every_n=1), score=lambda number, time_s: 0.35 if number == 1 and time_s > 1 else 0.9
    )
    shown = ids(process(built, world, 0, 50))
    assert (shown[40], shown[49]) == ([1], [1, 2])
    built.apply(settings(every_n=1, person_threshold=0.4))
    assert ids(process(built, world, 50, 60)) == [[1, 2]] * 10


@pytest.mark.parametrize(
    "changed",
    [
        Settings(pose=PoseSettings(model="fast")),
        Settings(pose=PoseSettings(engine="torch")),
        Settings(pose=PoseSettings(device="cpu")),
        Settings(detection=DetectionSettings(detector="whole-frame")),
    ],
)
def test_other_networks_need_another_pipeline(changed: Settings) -> None:
    built = pipeline(World([]))
    assert built.apply(changed)
    assert built.apply(changed), "still not what runs"
    assert not built.apply(Settings())


def test_unrelated_pictures_are_searched_whole_one_by_one() -> None:
    world = World([standing(100)])
    built = pipeline(world, settings(every_n=30), score=lambda number, time_s: 0.5)
    shown = []
    for index in range(4):
        built.reset()
        shown += ids([built.process(Frame(index, 0.0, world.frame(0).image))])
    assert shown == [[1], [2], [3], [4]]
    assert calls(built) == 4


def test_closing_releases_the_detector() -> None:
    built = pipeline(World([]))
    built.close()
    assert isinstance(built.detector, Detector)
    assert built.detector.closed


def test_pipelines_that_follow_one_another_give_no_number_twice() -> None:
    numbers = itertools.count(1)
    seen = []
    for _ in range(2):
        world = World([standing(100)])
        built = pipeline(world)
        built.number_by(numbers)
        seen.append(ids(process(built, world, 0, 3))[-1])
    assert seen == [[1], [2]]
