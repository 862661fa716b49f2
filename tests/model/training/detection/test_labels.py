import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.errors import DatasetError
from model.training.detection.labels import read_boxes


def write(folder: Path, content: Any) -> Path:
    path = folder / "boxes.json"
    path.write_text(json.dumps(content))
    return path


def test_reading(tmp_path: Path) -> None:
    images = [
        {"id": 7, "file_name": "a.jpg", "width": 100, "height": 50},
        {"id": 3, "file_name": "sub/b.jpg", "width": 10, "height": 20},
    ]
    annotations = [
        {"image_id": 7, "bbox": [10, 5, 20, 30]},
        {"image_id": 7, "bbox": [90, -5, 20, 30], "bbox_score": 0.4},
        {"image_id": 7, "bbox": [0, 0, 100, 50], "iscrowd": 1},
        {"image_id": 7, "bbox": [120, 0, 10, 10]},
    ]
    labels = read_boxes(write(tmp_path, {"images": images, "annotations": annotations}), tmp_path)
    assert labels.pictures == (tmp_path / "a.jpg", tmp_path / "sub/b.jpg")
    assert labels.sizes.tolist() == [[100, 50], [10, 20]]
    assert labels.boxes[0].tolist() == [[10, 5, 30, 35], [90, 0, 100, 25], [0, 0, 100, 50]], "clipped; none outside"
    np.testing.assert_allclose(labels.scores[0], [1, 0.4, 0], rtol=1e-6)
    assert labels.boxes[1].shape == (0, 4), "a picture without people is a picture all the same"


def test_of_several_categories_people_are_read_alone(tmp_path: Path) -> None:
    content = {
        "images": [{"id": 1, "file_name": "a.jpg", "width": 100, "height": 50}],
        "annotations": [
            {"image_id": 1, "category_id": 2, "bbox": [0, 0, 10, 20]},
            {"image_id": 1, "category_id": 1, "bbox": [30, 30, 10, 10]},
        ],
        "categories": [{"id": 1, "name": "car"}, {"id": 2, "name": "Person"}],
    }
    assert read_boxes(write(tmp_path, content), tmp_path).boxes[0].tolist() == [[0, 0, 10, 20]]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ([], "not in COCO's format"),
        ({"images": [], "annotations": []}, "lists no pictures"),
        ({"images": [{"id": 1}], "annotations": []}, "not in COCO's format"),
        ({"images": [], "annotations": [{"image_id": 5, "bbox": [0, 0, 1, 1]}]}, "not in COCO's format"),
        ({"images": [], "annotations": [{"bbox": [0, 0, 1, float("nan")]}]}, "nan in its bbox"),
        ({"images": [], "annotations": [{"bbox": [0, 0, 1, 1], "bbox_score": float("inf")}]}, "inf in its bbox_score"),
        ({"images": [{"id": 1, "file_name": "a", "width": float("inf"), "height": 1}], "annotations": []}, "infinity"),
    ],
)
def test_malformed(tmp_path: Path, content: Any, message: str) -> None:
    with pytest.raises(DatasetError, match=message):
        read_boxes(write(tmp_path, content), tmp_path)


def test_absent(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="check the path"):
        read_boxes(tmp_path / "absent.json", tmp_path)
