"""Detection metrics against figures worked out by hand. Pictures are 100 pixels high; people 20x40 unless said."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.errors import DatasetError
from model.training.detection_metrics import PictureDetections, detection_metrics

ANNA, BERT, CARL = [0, 0, 20, 40], [100, 0, 120, 40], [200, 0, 220, 40]
NOBODY = [300, 50, 320, 90]


def picture(
    found: list[tuple[list[float], float]], people: list[list[float]], crowd: list[bool] | None = None
) -> PictureDetections:
    return PictureDetections(
        boxes=np.array([box for box, _ in found], np.float32).reshape(-1, 4),
        scores=np.array([score for _, score in found], np.float32),
        people=np.array(people, np.float32).reshape(-1, 4),
        crowd=np.array(crowd or [False] * len(people), np.bool_),
        height=100,
    )


def test_everybody_found_and_nobody_made_up() -> None:
    metrics = detection_metrics([picture([(ANNA, 0.9), (BERT, 0.8)], [ANNA, BERT])], threshold=0.5)
    assert (metrics.ap50, metrics.recall, metrics.precision, metrics.threshold) == (1, 1, 1, 0.5)


def test_a_false_alarm_between_two_right_ones() -> None:
    found = [(ANNA, 0.9), (NOBODY, 0.8), (BERT, 0.7)]
    metrics = detection_metrics([picture(found, [ANNA, BERT])], threshold=0.75)
    # Precision 1 up to recall 1/2 (51 of the 101 recalls), 2/3 beyond.
    assert metrics.ap50 == pytest.approx((51 * 1 + 50 * 2 / 3) / 101)
    assert (metrics.recall, metrics.precision) == (0.5, 0.5)


def test_recalls_never_reached_count_nothing() -> None:
    metrics = detection_metrics([picture([(ANNA, 0.9)], [ANNA, BERT, CARL])], threshold=0.5)
    assert metrics.ap50 == pytest.approx(34 / 101)  # recalls 0.00 to 0.33
    assert metrics.recall == pytest.approx(1 / 3)
    assert metrics.precision == 1


def test_a_person_is_found_once() -> None:
    metrics = detection_metrics([picture([(ANNA, 0.9), (ANNA, 0.8)], [ANNA])], threshold=0.5)
    assert metrics.precision == 0.5
    assert metrics.recall == 1
    assert metrics.ap50 == 1  # full recall comes before the false alarm


def test_the_better_detection_takes_the_person_even_if_it_fits_less() -> None:
    shifted = [5, 0, 25, 40]  # IoU 15/25 with Anna
    metrics = detection_metrics([picture([(ANNA, 0.6), (shifted, 0.9)], [ANNA])], threshold=0.7)
    assert (metrics.recall, metrics.precision) == (1, 1)


def test_a_detection_takes_the_person_it_fits_best() -> None:
    near = [4, 0, 24, 40]  # IoU 16/24 with Anna
    metrics = detection_metrics([picture([(near, 0.9), (ANNA, 0.8)], [ANNA, near])], threshold=0.5)
    assert (metrics.recall, metrics.precision) == (1, 1)


@pytest.mark.parametrize(("width", "right"), [(40, True), (41, False)])
def test_an_overlap_of_exactly_one_half_is_enough(width: int, right: bool) -> None:
    metrics = detection_metrics([picture([([0, 0, width, 40], 0.9)], [ANNA])], threshold=0.5)
    assert metrics.recall == right


def test_small_people_neither_help_nor_harm() -> None:
    small, tall = [50, 0, 60, 9], [50, 0, 60, 10]
    with_small = detection_metrics([picture([(small, 0.9), (ANNA, 0.8)], [ANNA, small, [80, 0, 85, 9]])], 0.5)
    assert (with_small.ap50, with_small.recall, with_small.precision) == (1, 1, 1)
    missed_tall = detection_metrics([picture([(ANNA, 0.8)], [ANNA, tall])], 0.5)
    assert missed_tall.recall == 0.5


def test_detections_that_hit_small_people_are_left_out_whatever_their_own_size() -> None:
    small, on_it = [50, 0, 60, 9], [50, 0, 60, 12]  # IoU 9/12
    metrics = detection_metrics([picture([(on_it, 0.9), (on_it, 0.85), (ANNA, 0.8)], [ANNA, small])], 0.5)
    assert metrics.precision == 1


def test_a_small_false_alarm_is_left_out_and_a_tall_one_is_not() -> None:
    small = detection_metrics([picture([([300, 0, 305, 9], 0.9), (ANNA, 0.8)], [ANNA])], 0.5)
    assert small.precision == 1
    tall = detection_metrics([picture([([300, 0, 305, 11], 0.9), (ANNA, 0.8)], [ANNA])], 0.5)
    assert tall.precision == 0.5


def test_detections_within_a_crowd_are_left_out() -> None:
    crowd = [100.0, 0.0, 400.0, 100.0]
    people, is_crowd = [ANNA, crowd], [False, True]
    metrics = detection_metrics([picture([(CARL, 0.9), (NOBODY, 0.85), (ANNA, 0.8)], people, is_crowd)], 0.5)
    assert (metrics.ap50, metrics.recall, metrics.precision) == (1, 1, 1)


def test_people_are_not_found_across_pictures() -> None:
    pictures = [picture([(BERT, 0.9)], [ANNA]), picture([(ANNA, 0.8)], [BERT]), picture([(CARL, 0.7)], [CARL])]
    metrics = detection_metrics(pictures, threshold=0.5)
    assert metrics.recall == pytest.approx(1 / 3)
    assert metrics.precision == pytest.approx(1 / 3)


def test_nothing_found() -> None:
    metrics = detection_metrics([picture([], [ANNA]), picture([], [])], threshold=0.5)
    assert (metrics.ap50, metrics.recall, metrics.precision) == (0, 0, 0)


def test_an_empty_picture_can_only_cost_precision() -> None:
    metrics = detection_metrics([picture([(ANNA, 0.9)], [ANNA]), picture([(NOBODY, 0.8)], [])], threshold=0.5)
    assert (metrics.recall, metrics.precision) == (1, 0.5)


@pytest.mark.parametrize("people", [[], [[0.0, 0.0, 5.0, 9.0]]])
def test_nobody_to_find_is_an_error(people: list[list[float]]) -> None:
    with pytest.raises(DatasetError, match="no labelled person is at least 10%"):
        detection_metrics([picture([(ANNA, 0.9)], people)], threshold=0.5)


@given(scores=st.lists(st.floats(0.0625, 1, width=16), min_size=3, max_size=3, unique=True), threshold=st.floats(0, 1))
def test_only_the_order_of_scores_makes_average_precision(scores: list[float], threshold: float) -> None:
    def measured(values: list[float]) -> float:
        found = list(zip([ANNA, NOBODY, BERT], values, strict=True))
        return detection_metrics([picture(found, [ANNA, BERT])], threshold).ap50

    assert measured(scores) == measured([score**2 / 2 for score in scores])
