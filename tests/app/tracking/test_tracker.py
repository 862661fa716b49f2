from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.results import Detection
from app.tracking import Track, Tracker
from model.skeletons import COCO_17
from tests.app.people import (
    SIZE,
    Detector,
    Estimator,
    World,
    between,
    figure,
    figure_box,
    scored,
    standing,
    walking,
)


def tracker(max_persons: int = 10) -> Tracker:
    return Tracker(COCO_17, max_persons, threshold=0.5)


def follow(
    world: World,
    duration_s: float,
    every_n: int = 3,
    score: Callable[[int, float], float] = lambda number, time_s: 0.9,
    max_persons: int = 10,
    begin_s: float = 0.0,
    following: Tracker | None = None,
) -> list[dict[int, int]]:
    """Ids by person and frame: who is in sight, told by where they are."""
    following = following or tracker(max_persons)
    detector, estimator = Detector(world, score), Estimator(world)
    history = []
    for index in range(round(begin_s * world.fps), round((begin_s + duration_s) * world.fps)):
        frame = world.frame(index)
        proposal = following.propose(frame.time_s, detector.detect(frame.image) if index % every_n == 0 else None)
        poses = estimator.estimate(frame.image, proposal.boxes)
        following.update(proposal, poses.keypoints, poses.scores, frame.size)
        history.append(whose(following.in_sight(), world))
    return history


def whose(tracks: Sequence[Track], world: World) -> dict[int, int]:
    """Track ids by person; every track must be on somebody."""
    ids = {}
    for track in tracks:
        middle = track.keypoints.mean(axis=0)
        distances = {
            number: float(np.linalg.norm(middle - figure(*place).mean(axis=0))) for number, place in world.visible()
        }
        nearest = min(distances, key=distances.__getitem__)
        assert distances[nearest] < 15, "a track is on nobody"
        ids[nearest] = track.id
    assert len(ids) == len(tracks), "two tracks are on one person"
    return ids


def ids_of(history: list[dict[int, int]], person: int) -> set[int]:
    return {ids[person] for ids in history if person in ids}


def test_everybody_in_the_first_frame_is_shown_at_once_under_ids_from_one() -> None:
    history = follow(World([standing(100), standing(300), standing(500)]), 1.0)
    assert sorted(history[0].values()) == [1, 2, 3]
    assert all(ids == history[0] for ids in history)


def test_somebody_who_comes_later_is_shown_by_the_first_detector_run() -> None:
    history = follow(World([standing(100), between(0.5, 9, standing(400))]), 1.0, every_n=5)
    assert [len(ids) for ids in history] == [1] * 15 + [2] * 15
    assert history[-1] == {0: 1, 1: 2}


@pytest.mark.parametrize(("fps", "every_n"), [(10, 1), (10, 4), (30, 1), (30, 5), (60, 10)])
def test_two_who_cross_keep_their_ids(fps: float, every_n: int) -> None:
    world = World([walking(120, 80), walking(520, -80)], fps=fps, tremble=0.5)
    history = follow(world, 4.5, every_n)
    # Where they cover each other, nobody can say whose the one pose is.
    apart = [ids for index, ids in enumerate(history) if abs(400 - 160 * index / fps) > 20]
    assert (ids_of(apart, 0), ids_of(apart, 1)) == ({history[0][0]}, {history[0][1]})
    assert len(history[-1]) == 2
    hidden = sum(len(ids) < 2 for ids in history) / fps
    assert hidden < 1.0  # figures overlap by more than half for a quarter of a second


def test_somebody_who_passes_behind_somebody_who_stands_keeps_their_id() -> None:
    history = follow(World([walking(120, 80), standing(320)], tremble=0.5), 4.5, every_n=5)
    assert ids_of(history, 0) == {history[0][0]}
    assert ids_of(history, 1) == {history[0][1]}
    assert 0 in history[-1]


def hidden_for(seconds: float) -> World:
    def place(time_s: float) -> tuple[float, float] | None:
        return None if 1.0 <= time_s < 1.0 + seconds else (100 + 40 * time_s, 180)

    return World([place, standing(600)])


@pytest.mark.parametrize("fps", [5, 15, 60])
def test_a_short_absence_keeps_the_id_and_a_long_one_ends_it(fps: float) -> None:
    for seconds, same in ((0.8, True), (3.0, False)):
        world = hidden_for(seconds)
        world.fps = fps
        history = follow(world, 1.0 + seconds + 1.0, every_n=2)
        first, last = history[0], history[-1]
        assert (first[0] == last[0]) is same
        assert first[1] == last[1]
        middle = history[round((1.0 + 0.7 * seconds) * fps)]
        assert 0 not in middle, "nobody is shown where nobody is"


def seeing(*places: tuple[float, float]) -> Tracker:
    """Has found somebody at each place, at time 0."""
    following = tracker()
    proposal = following.propose(0.0, [Detection(figure_box(*place), 0.9) for place in places])
    following.update(
        proposal, np.stack([figure(*place) for place in places]), np.tile(scored(), (len(places), 1)), SIZE
    )
    return following


def test_whose_legs_somebody_else_hides_is_looked_for_in_the_whole_box() -> None:
    upper_body = figure_box(200, 180)
    upper_body[3] -= 50
    for others, bottom in (([Detection(figure_box(225, 180), 0.9)], 230), ([], 180)):
        proposal = seeing((200, 180)).propose(0.03, [Detection(upper_body, 0.9), *others])
        (own,) = [candidate for candidate in proposal.candidates if candidate.box[0] == upper_body[0]]
        assert own.box[3] == bottom
        assert own.detected


def test_a_pose_that_may_be_in_part_a_neighbours_does_not_take_the_box_along() -> None:
    half_taken = figure(218, 180, 70)
    for others, follows in (([(200, 180)], False), ([], True)):
        following = seeing(*others, (218, 180))
        proposal = following.propose(0.1, None)
        poses = np.stack([*(figure(*place) for place in others), half_taken])
        following.update(proposal, poses, np.tile(scored(), (len(poses), 1)), SIZE)
        track = following.in_sight()[-1]
        np.testing.assert_array_equal(track.keypoints, half_taken)
        assert bool(track.box[3] < 220) is follows
        assert bool(track.velocity.any()) is follows


def test_a_detection_that_lasts_one_run_and_shows_no_pose_never_appears() -> None:
    following = tracker()
    boxes = [figure_box(100, 100), figure_box(300, 100)]
    for index in range(6):
        false = [Detection(boxes[1], 0.6)] if index == 2 else []
        proposal = following.propose(index / 30, [Detection(boxes[0], 0.9), *false])
        keypoints = np.stack([figure(100, 100), figure(300, 100)])[: len(proposal.candidates)]
        following.update(proposal, keypoints, np.stack([scored(), scored(0.25)])[: len(keypoints)], SIZE)
        assert [track.id for track in following.in_sight()] == [1]


def test_a_faint_person_appears_when_the_detector_finds_them_again() -> None:
    following = tracker()
    seen = []
    for index in range(4):
        found = [Detection(figure_box(300, 100), 0.6)] if index else []
        proposal = following.propose(index / 30, found)
        count = len(proposal.candidates)
        following.update(proposal, np.repeat(figure(300, 100)[None], count, 0), np.full((count, 17), 0.3), SIZE)
        seen.append([track.id for track in following.in_sight()])
    assert seen == [[], [], [1], [1]]


def test_a_single_picture_shows_even_faint_people() -> None:
    following = tracker()
    proposal = following.propose(0.0, [Detection(figure_box(300, 100), 0.5)])
    following.update(proposal, figure(300, 100)[None], scored(0.25)[None], SIZE)
    assert [track.id for track in following.in_sight()] == [1]


def test_a_box_under_the_threshold_supports_a_track_and_starts_none() -> None:
    def score(number: int, time_s: float) -> float:
        return 0.9 if number == 0 and time_s < 0.5 else 0.35

    history = follow(World([standing(100), standing(400)]), 5.0, score=score)
    assert all(ids == {0: 1} for ids in history)


def out_of_sight() -> Tracker:
    """Has followed somebody at (200, 180), who was hidden a moment ago."""
    following = seeing((200, 180))
    following.update(following.propose(0.1, []), figure(200, 180)[None], np.zeros((1, 17)), SIZE)
    assert not following.in_sight()
    return following


def test_a_weak_box_without_a_pose_brings_nobody_back() -> None:
    following = out_of_sight()
    proposal = following.propose(0.2, [Detection(figure_box(200, 180), 0.35)])
    following.update(proposal, figure(200, 180)[None], scored(0.1)[None], SIZE)
    assert not following.in_sight()
    proposal = following.propose(0.3, [Detection(figure_box(200, 180), 0.35)])
    following.update(proposal, figure(200, 180)[None], scored()[None], SIZE)
    assert [track.id for track in following.in_sight()] == [1]


def test_who_is_out_of_sight_is_looked_for_in_every_weak_box_nearby() -> None:
    following = out_of_sight()
    nearest, fitting = figure_box(200, 180), figure_box(206, 186)
    proposal = following.propose(0.2, [Detection(nearest, 0.35), Detection(fitting, 0.45)])
    pose = {float(nearest[0]): scored(0.1), float(fitting[0]): scored()}
    scores = np.stack([pose[float(candidate.box[0])] for candidate in proposal.candidates])
    following.update(proposal, np.repeat(figure(206, 186)[None], len(scores), 0), scores, SIZE)
    (track,) = following.in_sight()
    assert track.id == 1
    np.testing.assert_array_equal(track.box, fitting)


def test_a_bad_first_box_gives_way_to_a_weak_one_with_a_pose() -> None:
    following, fitting = tracker(), figure_box(200, 180)
    with_ceiling = fitting - np.array([10, 70, 0, 0], np.float32)
    proposal = following.propose(0.0, [Detection(with_ceiling, 0.55)])
    following.update(proposal, figure(200, 180)[None], scored(0.15)[None], SIZE)
    assert following.fading
    proposal = following.propose(0.1, [Detection(fitting, 0.4)])
    pose = {float(with_ceiling[1]): scored(0.15), float(fitting[1]): scored()}
    scores = np.stack([pose[float(candidate.box[1])] for candidate in proposal.candidates])
    following.update(proposal, np.repeat(figure(200, 180)[None], len(scores), 0), scores, SIZE)
    (track,) = following.in_sight()
    assert track.id == 1
    np.testing.assert_array_equal(track.box, fitting)


def test_keypoints_alone_keep_somebody_for_a_while_and_not_for_ever() -> None:
    history = follow(World([standing(100)]), 8.0, score=lambda number, time_s: 0.9 if time_s < 1 else 0.0)
    shown_s = sum(bool(ids) for ids in history) / 30
    assert 2.0 < shown_s < 6.0
    assert not history[-1]


def test_the_best_scored_are_followed_and_no_more_than_allowed() -> None:
    scores = [0.6, 0.95, 0.7, 0.9]
    world = World([standing(100 + 140 * number) for number in range(4)])
    history = follow(world, 1.0, score=lambda number, time_s: scores[number], max_persons=2)
    assert all(set(ids) == {1, 3} for ids in history)


def test_scores_that_tremble_do_not_make_ids_flicker() -> None:
    random = np.random.default_rng(3)
    world = World([standing(60 + 75 * number) for number in range(8)])
    history = follow(world, 4.0, every_n=1, score=lambda number, time_s: random.uniform(0.7, 0.88), max_persons=3)
    assert all(ids == history[0] for ids in history)


def test_somebody_clearly_better_takes_a_place() -> None:
    def score(number: int, time_s: float) -> float:
        return 0.55 if number == 0 else 0.95

    history = follow(World([standing(100), between(1, 9, standing(400))]), 2.0, score=score, max_persons=1)
    assert history[0] == {0: 1}
    assert history[-1] == {1: 2}


def test_fewer_places_take_effect_at_once() -> None:
    world = World([standing(100), standing(300), standing(500)])
    following = tracker()
    follow(world, 0.5, following=following)
    following.max_persons = 1
    history = follow(world, 0.5, every_n=100, begin_s=0.5, following=following)
    assert all(len(ids) == 1 for ids in history)


def test_two_detections_of_one_person_are_one_track() -> None:
    following = tracker()
    upper_body = figure_box(200, 200)
    upper_body[3] -= 55
    for index in range(10):
        proposal = following.propose(index / 30, [Detection(figure_box(200, 200), 0.9), Detection(upper_body, 0.7)])
        count = len(proposal.candidates)
        following.update(proposal, np.repeat(figure(200, 200)[None], count, 0), np.full((count, 17), 0.9), SIZE)
        assert [track.id for track in following.in_sight()] == [1]


def test_where_two_tracks_come_to_lie_on_one_person_the_older_id_stays() -> None:
    following = tracker()
    world = World([standing(200), standing(300)])
    follow(world, 0.5, following=following)
    # Both crops now show the same pose, as near to where either was.
    for index in range(15, 30):
        proposal = following.propose(index / 30, None)
        count = len(proposal.candidates)
        following.update(proposal, np.repeat(figure(250, 180)[None], count, 0), np.full((count, 17), 0.9), SIZE)
    assert [track.id for track in following.in_sight()] == [1]


def test_who_walks_out_of_the_picture_is_gone() -> None:
    history = follow(World([walking(500, 80), standing(100)]), 3.0, every_n=5)
    assert history[0].keys() == {0, 1}
    assert history[-1].keys() == {1}


def test_reset_forgets_everybody_and_counts_on() -> None:
    world = World([standing(100), standing(300)])
    following = tracker()
    follow(world, 0.5, following=following)
    following.reset()
    assert not following.in_sight()
    assert set(follow(world, 0.1, begin_s=0.5, following=following)[0].values()) == {3, 4}


def test_the_detector_is_wanted_where_nobody_is_in_sight_or_somebody_got_lost() -> None:
    following = tracker()
    assert following.searching
    follow(World([standing(100), between(0, 0.5, standing(300))]), 0.5, following=following)
    assert not following.searching
    follow(World([standing(100)]), 0.3, every_n=100, begin_s=0.5, following=following)
    assert following.searching


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_ids_are_unique_sorted_never_reused_and_never_too_many(data: st.DataObject) -> None:
    limit = data.draw(st.integers(1, 4), label="max_persons")
    following = tracker(limit)
    ended: set[int] = set()
    last: set[int] = set()
    time_s = 0.0
    for _ in range(data.draw(st.integers(1, 12), label="frames")):
        time_s += data.draw(st.sampled_from([0.0, 0.03, 0.5, 2.0]))
        place = st.tuples(st.floats(-50, 700), st.floats(-50, 400), st.floats(0.1, 1.0))
        places = data.draw(st.none() | st.lists(place, max_size=6))
        found = None if places is None else [Detection(figure_box(x, y), score) for x, y, score in places]
        proposal = following.propose(time_s, found)
        assert len(proposal.candidates) <= limit
        shifts = data.draw(st.lists(st.floats(-30, 30), min_size=limit, max_size=limit))
        middles = [(box[:2] + box[2:]) / 2 + shift for box, shift in zip(proposal.boxes, shifts, strict=False)]
        keypoints = np.array([figure(*middle) for middle in middles], np.float32).reshape(-1, 17, 2)
        levels = data.draw(st.lists(st.floats(0, 1), min_size=limit, max_size=limit))
        scores = np.array([scored(level) for level in levels[: len(keypoints)]], np.float32).reshape(-1, 17)
        following.update(proposal, keypoints, scores, SIZE)

        shown = [track.id for track in following.in_sight()]
        assert shown == sorted(set(shown))
        assert len(shown) <= limit
        kept = {track.id for track in following.tracks if track.id}
        ended |= last - kept
        assert not kept & ended
        last = kept
