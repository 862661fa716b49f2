"""Who is under the mouse."""

import numpy as np
import pytest

from app.gui.picking import person_at
from app.results import FrameResult, Person
from model.skeletons import COCO_17
from tests.app.people import figure, figure_box


def _somebody(number: int, x: float, y: float, score: float = 0.9) -> Person:
    scores = np.full(17, score, np.float32)
    return Person(number, figure_box(x, y, 200), 0.9, figure(x, y, 200), scores, score)


def _at(x: float, y: float, *persons: Person) -> int | None:
    return person_at(FrameResult(0, 0.0, (360, 640), persons), COCO_17, x, y)


def test_the_one_whose_box_holds_the_point() -> None:
    people = _somebody(4, 100, 150), _somebody(7, 400, 150)
    assert _at(105, 160, *people) == 4
    assert _at(390, 100, *people) == 7
    assert _at(250, 150, *people) is None
    assert _at(5, 5) is None


@pytest.mark.parametrize(("x", "expected"), [(200 + 14, 1), (240 - 14, 2)])
def test_of_two_who_overlap_the_one_whose_limb_is_nearer(x: float, expected: int) -> None:
    assert _at(x, 210, _somebody(1, 200, 150), _somebody(2, 240, 150)) == expected


def test_somebody_of_whom_no_limb_is_seen_can_be_chosen_too() -> None:
    assert _at(100, 150, _somebody(3, 100, 150, score=0.1)) == 3
