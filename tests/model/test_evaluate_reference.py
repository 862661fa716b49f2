"""Average precision of whole evaluations beside pycocotools on the untouched annotation file.

What comes before pycocotools, the persons' scores and OKS-NMS, is written down here a second time, one pair of poses
after the other as mmpose does it.
"""

import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from model.arrays import FloatArray, UInt8Array
from model.estimator import PoseEstimate, PoseEstimator
from model.input_size import InputSize
from model.skeletons import COCO_17
from model.training.evaluate import evaluate_poses
from model.training.labelled_pictures import LabelledPicture, read_pictures

SIGMAS = np.array([26, 25, 25, 35, 35, 79, 79, 72, 72, 62, 62, 107, 107, 87, 87, 89, 89]) / 1000
KINDS = ["person", "person", "person", "crowd", "unlabelled", "small"]


class Scene:
    """Labelled pictures, the boxes that are looked into, and the poses found there: all drawn from one generator.

    Among the people are crowds, people without keypoints and small ones; there are pictures without people, people
    without a box, boxes of nobody, twins of a pose within and beyond OKS-NMS's reach, and equal scores.
    """

    def __init__(self, rng: np.random.Generator, labelled_boxes: bool) -> None:
        self.images = [
            {"id": 10 + 3 * number, "file_name": "picture.png", "width": 640, "height": 480}
            for number in range(rng.integers(1, 5))
        ]
        self.annotations: list[dict[str, Any]] = []
        self.poses: dict[tuple[float, ...], tuple[FloatArray, FloatArray]] = {}
        self.found: dict[int, list[tuple[list[float], float]]] = {int(image["id"]): [] for image in self.images}
        for image in self.found:
            for _ in range(rng.integers(0, 5)):
                box, points = self._label(rng, image, str(rng.choice(KINDS)))
                if labelled_boxes:
                    if self.annotations[-1]["num_keypoints"] and not self.annotations[-1]["iscrowd"]:
                        self._find(rng, image, box, points, 1.0)
                elif rng.uniform() < 0.8:
                    for _ in range(rng.choice([1, 1, 2, 3])):
                        near = box + rng.uniform(-3, 3, 4).astype(np.float32)
                        self._find(rng, image, near, points, float(rng.choice([0.3, 0.6, 0.9])))
            if not labelled_boxes and rng.uniform() < 0.5:
                nowhere = np.array([5, 5, 60, 160], np.float32) + rng.uniform(0, 5, 4).astype(np.float32)
                self._find(rng, image, nowhere, rng.uniform(5, 160, (17, 2)), float(rng.choice([0.3, 0.9])))

    def _label(self, rng: np.random.Generator, image: int, kind: str) -> tuple[FloatArray, Any]:
        width, height = rng.uniform(8, 25, 2) if kind == "small" else rng.uniform(40, 200, 2)
        x, y = rng.uniform(0, 400), rng.uniform(0, 260)
        x, y, width, height = (round(4 * number) / 4 for number in (x, y, width, height))  # float32 holds them exactly
        points = np.column_stack([rng.uniform(x, x + width, 17), rng.uniform(y, y + height, 17)])
        visible = rng.integers(0, 3, 17)
        visible[rng.integers(17)] = 2
        if kind == "unlabelled":
            visible[:] = 0
        labels = np.column_stack([points * (visible > 0)[:, None], visible])
        self.annotations.append(
            {
                "id": 100 + len(self.annotations), "image_id": image, "category_id": 1, "iscrowd": int(kind == "crowd"),
                "bbox": [x, y, width, height], "area": 0.6 * width * height, "keypoints": labels.ravel().tolist(),
                "num_keypoints": int((visible > 0).sum()),
            }
        )  # fmt: skip
        return np.array([x, y, x + width, y + height], np.float32), points

    def _find(self, rng: np.random.Generator, image: int, box: FloatArray, points: Any, score: float) -> None:
        off = rng.normal(0, rng.choice([0.0, 1.0, 5.0, 20.0]), (17, 2))
        scores = np.full(17, 0.8) if rng.uniform() < 0.5 else rng.uniform(0, 1, 17)
        self.poses[tuple(box.tolist())] = (points + off).astype(np.float32), scores.astype(np.float32)
        self.found[image].append((box.tolist(), score))


class Told(PoseEstimator):
    """Finds in each box what the scene says, nothing in others."""

    def __init__(self, scene: Scene) -> None:
        self.skeleton, self.input_size = COCO_17, InputSize(256, 192)
        self._poses = scene.poses

    def estimate(self, image: UInt8Array, boxes: Any) -> PoseEstimate:
        nothing = np.zeros((17, 2), np.float32), np.zeros(17, np.float32)
        answers = [self._poses.get(tuple(box), nothing) for box in np.asarray(boxes).tolist()]
        points = np.array([points for points, _ in answers], np.float32).reshape(-1, 17, 2)
        return PoseEstimate(points, np.array([scores for _, scores in answers], np.float32).reshape(-1, 17))


def expected_results(scene: Scene) -> list[dict[str, Any]]:
    results = []
    for image, found in scene.found.items():
        candidates = []
        for box, box_score in found:
            points, scores = scene.poses[tuple(box)]
            sure = [score for score in scores if score > 0.2]
            score = min(1.0, box_score * float(np.mean(sure))) if sure else 0.0
            width, height = 1.25 * (box[2] - box[0]), 1.25 * (box[3] - box[1])
            area = max(width, height * 0.75) * max(height, width / 0.75)
            candidates.append((score, points.astype(np.float64), area, scores))
        kept: list[Any] = []
        for candidate in sorted(candidates, key=lambda candidate: -candidate[0]):
            if all(similarity(candidate[1:3], other[1:3]) <= 0.9 for other in kept):
                kept.append(candidate)
        for score, points, _, scores in kept:
            triples = np.column_stack([points, scores]).ravel().tolist()
            results.append({"image_id": image, "category_id": 1, "keypoints": triples, "score": score})
    return results


def similarity(one: Any, other: Any) -> float:
    (points, area), (others, other_area) = one, other
    squared = ((points - others) ** 2).sum(axis=1)
    return float(np.exp(-squared / (2 * SIGMAS) ** 2 / ((area + other_area) / 2) / 2).mean())


def reference(annotations: Path, results: list[dict[str, Any]]) -> list[float]:
    with contextlib.redirect_stdout(io.StringIO()):
        labels = COCO(str(annotations))
        evaluation = COCOeval(labels, labels.loadRes(results), "keypoints")
        evaluation.evaluate()
        evaluation.accumulate()
        evaluation.summarize()
    return [float(figure) for figure in evaluation.stats[:6]]


@pytest.mark.parametrize("labelled_boxes", [True, False], ids=["labelled", "detected"])
@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_average_precision_of_an_evaluation_is_pycocotools(seed: int, labelled_boxes: bool) -> None:
    scene = Scene(np.random.default_rng(seed), labelled_boxes)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cv2.imencode(".png", np.zeros((480, 640, 3), np.uint8))[1].tofile(folder / "picture.png")
        path = folder / "person_keypoints_val2017.json"
        content = {"info": {}, "images": scene.images, "annotations": scene.annotations}
        path.write_text(json.dumps(content | {"categories": [{"id": 1, "name": "person"}]}))

        def detect(picture: LabelledPicture, image: UInt8Array) -> tuple[FloatArray, FloatArray]:
            boxes, scores = (
                zip(*scene.found[picture.image_id], strict=True) if scene.found[picture.image_id] else ((), ())
            )
            return np.array(boxes, np.float32).reshape(-1, 4), np.array(scores, np.float32)

        labelled = read_pictures(path, folder, COCO_17)
        assume(any(picture.counted.any() for picture in labelled.pictures))  # of nobody there is nothing to measure
        measured = evaluate_poses(labelled, Told(scene), lambda *_: None, None if labelled_boxes else detect)
        results = expected_results(scene)
        if not results:
            assert measured.precision == (0,) * 6
            return
        np.testing.assert_allclose(measured.precision, reference(path, results), rtol=0, atol=1e-6)
