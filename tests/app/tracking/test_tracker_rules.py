"""Rules of following that show in single frames, each by a case that only it decides."""

import numpy as np
import pytest

from app.results import Detection
from app.tracking import Track, Tracker
from app.tracking.track import carry_box
from model.arrays import FloatArray
from model.skeletons import COCO_17
from tests.app.people import SIZE, figure, figure_box, scored


def tracker(max_persons: int = 10) -> Tracker:
    return Tracker(COCO_17, max_persons, threshold=0.5)


def see(following: Tracker, time_s: float, detections: list[Detection] | None, pose: FloatArray | None = None) -> None:
    """A frame whose candidates all hold the pose, by default the one that fits each one's box."""
    proposal = following.propose(time_s, detections)
    poses = [figure(*(box[:2] + box[2:]) / 2) if pose is None else pose for box in proposal.boxes]
    following.update(proposal, np.array(poses, np.float32).reshape(-1, 17, 2), np.tile(scored(), (len(poses), 1)), SIZE)


@pytest.mark.parametrize(("shift", "persons"), [(2, 1), (12, 2)])
def test_where_no_pose_tells_two_boxes_are_one_person_if_they_hardly_differ(shift: float, persons: int) -> None:
    following = tracker()
    proposal = following.propose(0.0, [Detection(figure_box(x, 180), 0.9) for x in (200, 200 + shift)])
    following.update(proposal, np.stack([figure(200, 180)] * 2), np.tile(scored(0.05), (2, 1)), SIZE)
    assert len(following.tracks) == persons


def test_a_box_that_trembles_is_calmed_and_one_that_jumps_is_taken() -> None:
    following = tracker()
    see(following, 0.0, [Detection(figure_box(200, 180), 0.9)])
    for shift, place in ((4, 202), (12, 212)):
        (candidate,) = following.propose(0.01, [Detection(figure_box(200 + shift, 180), 0.9)]).candidates
        np.testing.assert_allclose(candidate.box, figure_box(place, 180), atol=1e-3)


def test_a_followed_person_keeps_the_place_through_one_poor_box() -> None:
    following = tracker(max_persons=1)
    see(following, 0.0, [Detection(figure_box(200, 180), 0.9)])
    see(following, 0.1, [Detection(figure_box(200, 180), 0.55), Detection(figure_box(400, 180), 0.95)])
    assert [track.id for track in following.in_sight()] == [1]


def test_two_runs_that_miss_somebody_say_little_however_long_after_the_last() -> None:
    following = tracker()
    see(following, 0.0, [Detection(figure_box(200, 180), 0.9)])
    for frame in range(1, 40):
        see(following, frame / 10, None, figure(200, 180))
    shown = []
    for time_s in (4.0, 4.1, 4.2):
        see(following, time_s, [], figure(200, 180))
        shown.append(len(following.in_sight()))
    assert shown == [1, 1, 0]


def test_a_pose_that_collapses_does_not_take_the_box_with_it() -> None:
    box = figure_box(200, 180)
    for scale, height in ((0.1, 50), (0.7, 70), (5, 200)):
        carried = carry_box(box, figure(200, 180), scored(), figure(200, 180, 100 * scale), scored(0.3))
        assert carried is not None
        assert carried[3] - carried[1] == pytest.approx(height, abs=1)


def test_who_was_away_for_long_is_sought_no_further_than_half_their_size() -> None:
    track = Track(figure_box(200, 180), 0.9, figure(200, 180), scored(), 0.0, SIZE)
    assert track.slack(0.1, detected=False) < track.slack(0.1, detected=True) < 0.5
    assert track.slack(100, detected=False) == track.slack(100, detected=True) == 0.5
