import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.errors import DatasetError
from model.training.coco import read_people


def content(**changes: Any) -> dict[str, Any]:
    annotation = {
        "id": 7, "image_id": 3, "iscrowd": 0, "bbox": [-5, 10, 60, 80], "keypoints": [20, 30, 2] * 16 + [9, 9, 0],
    } | changes  # fmt: skip
    images = [{"id": 1, "file_name": "empty.png", "width": 9, "height": 9}]
    images.append({"id": 3, "file_name": "a b/사람.png", "width": 50, "height": 100})
    return {"images": images, "annotations": [annotation]}


def read(folder: Path, stored: Any) -> Any:
    path = folder / "annotations.json"
    path.write_text(json.dumps(stored), encoding="utf-8")
    return read_people(path, folder / "images", 17)


def test_people_have_clipped_boxes_and_only_their_pictures(tmp_path: Path) -> None:
    people = read(tmp_path, content())
    assert people.pictures == (tmp_path / "images" / "a b" / "사람.png",)
    assert people.picture_sizes.tolist() == [[50, 100]]
    np.testing.assert_allclose(people.boxes, [[0, 10, 49, 90]])
    assert people.keypoints.shape == (1, 17, 2)


def test_unlabelled_keypoints_weigh_nothing(tmp_path: Path) -> None:
    people = read(tmp_path, content())
    assert people.weights[0].tolist() == [1.0] * 16 + [0.0]
    assert people.keypoints[0, 16].tolist() == [0, 0]


def test_the_place_of_an_unlabelled_keypoint_may_be_null(tmp_path: Path) -> None:
    people = read(tmp_path, content(keypoints=[20, 30, 2] * 16 + [None, None, 0]))
    assert people.keypoints[0, 16].tolist() == [0, 0]
    assert people.weights[0, 16] == 0


@pytest.mark.parametrize(
    ("changes", "key"),
    [
        ({"keypoints": [None, 30, 2] * 17}, "keypoints"),
        ({"keypoint_scores": [float("nan")] * 17}, "keypoint_scores"),
        ({"bbox": [0, 0, float("nan"), 5]}, "bbox"),
    ],
)
def test_what_is_no_number_is_refused(tmp_path: Path, changes: dict[str, Any], key: str) -> None:
    with pytest.raises(DatasetError, match=f"annotation 7 has .*{key}"):
        read(tmp_path, content(**changes))


def test_keypoint_scores_become_weights(tmp_path: Path) -> None:
    people = read(tmp_path, content(keypoint_scores=[0.25] * 15 + [1.5, 0.9]))
    assert people.weights[0].tolist() == [0.25] * 15 + [1.0, 0.0]


@pytest.mark.parametrize("changes", [{"iscrowd": 1}, {"keypoints": [0] * 51}, {"keypoints": []}])
def test_crowds_and_unlabelled_people_are_left_out(tmp_path: Path, changes: dict[str, Any]) -> None:
    stored = content()
    stored["annotations"].append(stored["annotations"][0] | changes)
    assert len(read(tmp_path, stored)) == 1


def test_of_several_categories_people_are_read_alone(tmp_path: Path) -> None:
    stored = content(category_id=1)
    stored["annotations"] += content(category_id=2, keypoints=[1, 1, 2] * 20)["annotations"]
    stored["categories"] = [{"id": 1, "name": "person"}, {"id": 2, "name": "dog"}]
    assert len(read(tmp_path, stored)) == 1


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        ([], "not in COCO's format"),
        ({"images": []}, "annotations"),
        (content(bbox=None), "not in COCO's format"),
        (content(bbox=[]), "not in COCO's format"),
        (content(keypoints=["x"] * 51), "not in COCO's format"),
        (content(keypoints=2), "not in COCO's format"),
        (content(keypoints=[1, 1, 2] * 16), "16 keypoints"),
        (content(keypoint_scores=[1.0]), "1 keypoint_scores for 17"),
        (content(image_id=4), "names image 4"),
        (content(iscrowd=1), "labels nobody"),
    ],
)
def test_a_malformed_file_is_told_in_one_line(tmp_path: Path, stored: Any, message: str) -> None:
    with pytest.raises(DatasetError, match=message) as caught:
        read(tmp_path, stored)
    assert "\n" not in str(caught.value)
    assert str(tmp_path / "annotations.json") in str(caught.value)


def test_an_absent_or_broken_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot read"):
        read_people(tmp_path / "none.json", tmp_path, 17)
    (tmp_path / "broken.json").write_text("{")
    with pytest.raises(DatasetError, match="not JSON"):
        read_people(tmp_path / "broken.json", tmp_path, 17)
