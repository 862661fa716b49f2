"""Detectors on published weights, and labelled photographs to try them on."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from app.detectors import PersonDetector, create_detector, detector_weights
from model.arrays import FloatArray, UInt8Array
from model.zoo import ensure


@dataclass(frozen=True, eq=False)
class Photograph:
    """A picture, and the boxes (G, 4) of the people in it."""

    image: UInt8Array
    people: FloatArray


@pytest.fixture(scope="session")
def photographs(shared_dir: Path) -> list[Photograph]:
    folder = shared_dir / "data" / "coco-val-dev"
    labels = json.loads((folder / "person_keypoints.json").read_text(encoding="utf-8"))
    return [
        Photograph(
            cv2.imdecode(np.fromfile(folder / "images" / image["file_name"], np.uint8), cv2.IMREAD_COLOR),
            corners([label["bbox"] for label in labels["annotations"] if label["image_id"] == image["id"]]),
        )
        for image in labels["images"]
    ]


def corners(coco_boxes: list[list[float]]) -> FloatArray:
    boxes = np.array(coco_boxes, np.float32).reshape(-1, 4)
    return np.hstack([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]])


@pytest.fixture(scope="session")
def fetched(shared_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], list[Path]]]:
    """Brings the weights of a detector to a cache of the tests' own, whose path is not plain ASCII."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LITE_HRNET_LIVE_CACHE", str(tmp_path_factory.mktemp("가중치 cache")))
        patch.setenv("LITE_HRNET_LIVE_MIRROR", str(shared_dir / "weights"))

        def fetch(name: str) -> list[Path]:
            weights = detector_weights(name)
            return ensure(weights, lambda *_: None) if weights else []

        yield fetch


@pytest.fixture(scope="session")
def detector(fetched: Callable[[str], list[Path]]) -> Iterator[Callable[[str], PersonDetector]]:
    """Builds detectors that report from 0.01, each once."""
    built: dict[str, PersonDetector] = {}
    with ExitStack() as stack:

        def build(name: str) -> PersonDetector:
            if name not in built:
                fetched(name)
                built[name] = create_detector(name, threshold=0.01, threads=1)
                stack.callback(built[name].close)
            return built[name]

        yield build
