import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from model.arrays import FloatArray, UInt8Array
from model.errors import DatasetError
from model.estimator import PoseEstimate, PoseEstimator, build_estimator
from model.skeletons import COCO_17, MPII_16
from model.training.evaluate import evaluate_detection, evaluate_poses
from model.training.labelled_pictures import LabelledPicture, LabelledPictures, read_pictures
from model.zoo import ensure, resolve
from model.zoo.fetch import MIRROR_VARIABLE
from model.zoo.store import CACHE_VARIABLE


def silent(done: int, total: int) -> None:
    assert 0 < done <= total


def write_set(folder: Path, people: int = 2) -> Path:
    """Three pictures in a folder with Korean letters, `people` in each, every keypoint labelled."""
    rng = np.random.default_rng(0)
    images, annotations = [], []
    for picture in range(3):
        name = f"사진 {picture}.png"
        (folder / name).write_bytes(cv2.imencode(".png", np.full((240, 320, 3), picture, np.uint8))[1].tobytes())
        images.append({"id": picture, "file_name": name, "width": 320, "height": 240})
        for person in range(people):
            x = 20 + 150 * person
            points = np.column_stack([rng.uniform(x, x + 100, 17), rng.uniform(30, 210, 17), np.full(17, 2)])
            annotations.append(
                {
                    "id": len(annotations) + 1, "image_id": picture, "category_id": 1, "iscrowd": 0,
                    "bbox": [x, 20, 100, 200], "area": 12000.0, "num_keypoints": 17,
                    "keypoints": points.ravel().tolist(),
                }
            )  # fmt: skip
    path = folder / "labels.json"
    categories = [{"id": 1, "name": "person"}]
    path.write_text(json.dumps({"images": images, "annotations": annotations, "categories": categories}))
    return path


class Oracle(PoseEstimator):
    """Knows the labels: finds a box's person exactly, or a fixed distance away."""

    def __init__(self, labelled: LabelledPictures, error: float = 0.0) -> None:
        self.skeleton = COCO_17
        self.input_size = (256, 192)
        self.by_colour = dict(enumerate(labelled.pictures))
        self.error = error

    def estimate(self, image: UInt8Array, boxes: FloatArray) -> PoseEstimate:
        picture = self.by_colour[int(image[0, 0, 0])]
        centres = (boxes[:, None, :2] + boxes[:, None, 2:]) / 2
        nearest = [int(np.abs(picture.boxes[:, 0] + 50 - centre[0, 0]).argmin()) for centre in centres]
        keypoints = picture.keypoints[nearest] + np.float32(self.error)
        return PoseEstimate(keypoints, np.full(keypoints.shape[:2], 0.8, np.float32))


@pytest.fixture
def labelled(tmp_path: Path) -> LabelledPictures:
    return read_pictures(write_set(tmp_path), tmp_path, COCO_17)


def test_right_answers_score_one(labelled: LabelledPictures) -> None:
    metrics = evaluate_poses(labelled, Oracle(labelled), silent)
    assert metrics.precision.ap == pytest.approx(1)
    assert (metrics.oks, metrics.pck, metrics.matched, metrics.people) == (1, 1, 1, 6)
    assert metrics.oks_labelled_boxes is None


def test_wrong_answers_score_little(labelled: LabelledPictures) -> None:
    metrics = evaluate_poses(labelled, Oracle(labelled, error=100), silent)
    assert metrics.precision.ap < 0.01
    assert metrics.oks < 0.05
    assert metrics.pck == 0


def test_detected_boxes_match_at_half_overlap_and_above_the_threshold(labelled: LabelledPictures) -> None:
    def detect(picture: LabelledPicture, image: UInt8Array) -> tuple[FloatArray, FloatArray]:
        """The first person well, the second too weakly to count, a third box of nobody."""
        boxes = np.array([[22, 22, 118, 222], [168, 20, 272, 220], [0, 0, 30, 30]], np.float32)
        return boxes, np.array([0.9, 0.2, 0.6], np.float32)

    metrics = evaluate_poses(labelled, Oracle(labelled), silent, detect, threshold=0.5)
    assert metrics.matched == 0.5
    assert metrics.oks == 1
    assert metrics.precision.ar == pytest.approx(1), "weak boxes still count for average precision"
    assert evaluate_detection(labelled, detect, 0.5, silent).recall == 0.5


def test_people_who_are_found_are_measured_in_their_labelled_boxes_too(labelled: LabelledPictures) -> None:
    class Framed(Oracle):
        """Is wrong by as much as its box is."""

        def estimate(self, image: UInt8Array, boxes: FloatArray) -> PoseEstimate:
            estimate = super().estimate(image, boxes)
            return PoseEstimate(estimate.keypoints + boxes[:, None, 3:] - 220, estimate.scores)

    def detect(picture: LabelledPicture, image: UInt8Array) -> tuple[FloatArray, FloatArray]:
        return np.array([[20, 20, 120, 230]], np.float32), np.array([0.9], np.float32)

    metrics = evaluate_poses(labelled, Framed(labelled), silent, detect)
    assert metrics.matched == 0.5
    assert 0.1 < metrics.oks < 0.9
    assert metrics.oks_labelled_boxes == 1


def changed(path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    content = json.loads(path.read_text())
    change(content)
    path.write_text(json.dumps(content))
    return path


def without(*keys: str) -> Callable[[dict[str, Any]], object]:
    return lambda content: [annotation.pop(key) for annotation in content["annotations"] for key in keys]


def of_category(number: int, *categories: dict[str, Any]) -> Callable[[dict[str, Any]], object]:
    def change(content: dict[str, Any]) -> None:
        content["categories"] = list(categories)
        for annotation in content["annotations"]:
            annotation["category_id"] = number

    return change


def of_two_categories_named_person(content: dict[str, Any]) -> None:
    content["categories"].append({"id": 5, "name": "Person"})
    for annotation in content["annotations"][:3]:
        annotation["category_id"] = 5


def with_people_of_a_picture_that_is_not_listed(content: dict[str, Any]) -> None:
    content["annotations"].append(content["annotations"][0] | {"id": 70, "image_id": 4711})


def nested(annotation: dict[str, Any]) -> list[list[float]]:
    return np.reshape(annotation["keypoints"], (17, 3)).tolist()


@pytest.mark.parametrize(
    "change",
    [
        without("num_keypoints"),
        without("iscrowd"),
        without("id"),
        without("category_id"),
        lambda content: content.pop("categories"),
        without("id", "iscrowd", "num_keypoints", "area", "category_id"),
        lambda content: content["annotations"][0].update(id=0),
        lambda content: content["annotations"][0].update(area=None, num_keypoints=None, iscrowd=None),
        of_category(7, {"id": 7, "name": "pedestrian"}),
        of_category(7, {"id": 1, "name": "dog"}, {"id": 7, "name": "person"}),
        of_category(0),
        of_two_categories_named_person,
        with_people_of_a_picture_that_is_not_listed,
        lambda content: [image.pop("width") for image in content["images"]],
        lambda content: [entry.update(area=str(entry["area"])) for entry in content["annotations"]],
        lambda content: [
            annotation.update(bbox=[*map(str, annotation["bbox"])]) for annotation in content["annotations"]
        ],
        lambda content: [entry.update(keypoints=nested(entry)) for entry in content["annotations"]],
    ],
)
def test_what_other_tools_leave_out_of_a_file_does_not_count(
    tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    labelled = read_pictures(changed(write_set(tmp_path), change), tmp_path, COCO_17)
    metrics = evaluate_poses(labelled, Oracle(labelled), silent)
    assert metrics.precision.ap == pytest.approx(1)
    assert (metrics.oks, metrics.people) == (1, 6)


@pytest.mark.parametrize("keypoints", [None, []])
def test_a_person_without_keypoints_is_not_counted(tmp_path: Path, keypoints: list[float] | None) -> None:
    def change(content: dict[str, Any]) -> None:
        first, second, *_ = content["annotations"]
        del first["keypoints"], first["num_keypoints"]
        second.update(keypoints=keypoints, num_keypoints=0)

    labelled = read_pictures(changed(write_set(tmp_path), change), tmp_path, COCO_17)
    metrics = evaluate_poses(labelled, Oracle(labelled), silent)
    assert metrics.precision.ap == pytest.approx(1)
    assert metrics.people == 4


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content.update(annotations=[]),
        without("keypoints", "num_keypoints"),
        lambda content: [annotation.update(iscrowd=1) for annotation in content["annotations"]],
    ],
)
def test_where_nobody_counts_there_is_nothing_to_measure(
    tmp_path: Path, change: Callable[[dict[str, Any]], object]
) -> None:
    labelled = read_pictures(changed(write_set(tmp_path), change), tmp_path, COCO_17)
    with pytest.raises(DatasetError, match="nobody in the pictures"):
        evaluate_poses(labelled, Oracle(labelled), silent)


def test_other_categories_than_people_do_not_count(tmp_path: Path) -> None:
    def change(content: dict[str, Any]) -> None:
        content["categories"] = [{"id": 18, "name": "dog"}, {"id": 1, "name": "person"}]
        content["annotations"][0]["category_id"] = 18
        content["annotations"].append({"image_id": 0, "category_id": 18, "bbox": [0, 0, 9, 9], "keypoints": [1, 1, 2]})

    labelled = read_pictures(changed(write_set(tmp_path), change), tmp_path, COCO_17)
    metrics = evaluate_poses(labelled, Oracle(labelled), silent)
    assert metrics.precision.ap == pytest.approx(1)
    assert metrics.people == 5


def test_an_area_that_is_left_out_is_a_share_of_the_box(tmp_path: Path) -> None:
    labelled = read_pictures(changed(write_set(tmp_path), without("area")), tmp_path, COCO_17)
    np.testing.assert_allclose(labelled.pictures[0].areas, 0.53 * 100 * 200)
    assert [annotation["area"] for annotation in labelled.ground_truth["annotations"]] == pytest.approx([10600.0] * 6)


def test_a_complete_file_is_measured_as_it_is(labelled: LabelledPictures, tmp_path: Path) -> None:
    stored = json.loads((tmp_path / "labels.json").read_text())
    assert labelled.ground_truth["images"] == stored["images"]
    assert labelled.ground_truth["annotations"] == stored["annotations"]
    assert labelled.ground_truth["categories"] == stored["categories"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "is not JSON"),
        ("[1, 2]", "in COCO's format .*it is a list, as of results"),
        ('{"images": [], "annotations": []}', "lists no pictures"),
        ('{"annotations": []}', "not in COCO's format"),
        ('{"images": [], "annotations": [1]}', "not in COCO's format"),
        ('{"images": [{"id": 1}], "annotations": [{"image_id": 1, "bbox": []}]}', "not in COCO's format"),
        ('{"images": [], "annotations": [], "categories": ["person"]}', "not in COCO's format"),
    ],
)
def test_malformed_annotations_are_named(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "labels.json"
    path.write_text(content)
    with pytest.raises(DatasetError, match=message) as caught:
        read_pictures(path, tmp_path, COCO_17)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_labels_of_another_skeleton_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="16 keypoints"):
        read_pictures(write_set(tmp_path), tmp_path, MPII_16)


def test_absent_and_broken_pictures_are_named(tmp_path: Path, labelled: LabelledPictures) -> None:
    path = labelled.pictures[1].path
    path.write_bytes(b"not a picture")
    with pytest.raises(DatasetError, match=path.name):
        evaluate_poses(labelled, Oracle(labelled), silent)
    path.unlink()
    with pytest.raises(DatasetError, match=r"cannot read picture .*images folder"):
        evaluate_poses(labelled, Oracle(labelled), silent)


@pytest.mark.shared_data
def test_published_network_reaches_its_known_accuracy(
    shared_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PP-TinyPose at 128x96 on hand-labelled photographs: figures measured with other code."""
    monkeypatch.setenv(MIRROR_VARIABLE, str(shared_dir / "weights"))
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path))
    folder = shared_dir / "data" / "coco-val-dev"
    weights = resolve("tinypose-128x96")
    ensure(weights, lambda *_: None)
    labelled = read_pictures(folder / "person_keypoints.json", folder / "images", COCO_17)
    metrics = evaluate_poses(labelled, build_estimator(weights, "torch", "cpu"), silent)
    assert metrics.precision.ap == pytest.approx(0.559, abs=0.005)
    assert metrics.precision.ap50 == pytest.approx(0.846, abs=0.01)
    assert metrics.oks == pytest.approx(0.745, abs=0.005)
    assert metrics.pck == pytest.approx(0.843, abs=0.005)


def test_pictures_of_another_size_than_the_labels_are_refused(tmp_path: Path) -> None:
    labelled = read_pictures(write_set(tmp_path), tmp_path, COCO_17)
    half = cv2.resize(cv2.imdecode(np.fromfile(labelled.pictures[1].path, np.uint8), cv2.IMREAD_COLOR), (160, 120))
    labelled.pictures[1].path.write_bytes(cv2.imencode(".png", half)[1].tobytes())
    with pytest.raises(DatasetError, match=r"사진 1\.png is 160x120 where its annotations say 320x240"):
        evaluate_poses(labelled, Oracle(labelled), silent)
