"""Heatmaps come with the people they belong to, when they are asked for and only then."""

from typing import get_args

import numpy as np
import pytest

from app.pipeline import PosePipeline
from app.results import Frame
from app.settings import DrawingSettings, JointName, Settings, SmoothingSettings
from model.arrays import FloatArray, UInt8Array
from model.estimator import PoseEstimator
from model.heatmaps import encode
from model.skeletons import COCO_17, MPII_16
from tests.app.people import SIZE, Detector, World, standing

INPUT_SIZE = (256, 192)


class DarkEngine:
    """Stands for a network: every keypoint lies in the middle of what is dark in the crop."""

    name, device = "fake", "CPU"

    def infer(self, crops: UInt8Array) -> FloatArray:
        places = []
        for crop in crops:
            rows, columns = np.nonzero((crop > 0).all(axis=2) & (crop < 60).all(axis=2))
            places.append((columns.mean(), rows.mean()))
        spread = np.repeat(np.array(places)[:, None], 17, axis=1)
        return encode(spread, np.ones(spread.shape[:2]), INPUT_SIZE, unbiased=True).heatmaps


def built(heatmap: str) -> tuple[World, PosePipeline]:
    world = World([standing(120), standing(320), standing(520)])
    settings = Settings(
        drawing=DrawingSettings.model_validate({"heatmap": heatmap}), smoothing=SmoothingSettings(enabled=False)
    )
    return world, PosePipeline(Detector(world), PoseEstimator(DarkEngine(), COCO_17, INPUT_SIZE), settings)


def test_everybody_has_their_own_whose_peak_is_the_keypoint() -> None:
    world, pipeline = built("left_wrist")
    for index in range(8):  # with and without the detector, whose order of people is another
        result = pipeline.process(world.frame(index))
        assert len(result.persons) == 3
        for person in result.persons:
            assert person.heatmap is not None
            values, (first, past) = person.heatmap.values, person.heatmap.corners
            row, column = np.unravel_index(values.argmax(), values.shape)
            cell = (past - first) / values.shape[::-1]
            peak = first + cell * (column, row)
            assert peak == pytest.approx(person.keypoints[9], abs=float(cell.max()) / 2 + 0.1)


def test_none_are_kept_unless_asked_for_and_the_wish_acts_at_once() -> None:
    world, pipeline = built("none")
    assert all(person.heatmap is None for person in pipeline.process(world.frame(0)).persons)
    assert pipeline.estimator.estimate(world.frame(0).image, [[60, 80, 180, 280]]).heatmaps is None
    pipeline.apply(Settings(drawing=DrawingSettings(heatmap="nose")))
    assert all(person.heatmap is not None for person in pipeline.process(world.frame(1)).persons)


def test_nobody_has_none() -> None:
    _, pipeline = built("nose")
    empty = Frame(0, 0.0, np.full((*SIZE, 3), 90, np.uint8))
    pipeline.detector.detect = lambda image: []  # type: ignore[method-assign]
    assert pipeline.process(empty).persons == ()


def test_a_joint_that_the_network_does_not_know_has_none() -> None:
    world, pipeline = built("thorax")
    assert all(person.heatmap is None for person in pipeline.process(world.frame(0)).persons)


def test_every_joint_of_every_convention_can_be_asked_for() -> None:
    assert set(get_args(JointName)) == {"none", *COCO_17.keypoint_names, *MPII_16.keypoint_names}
