"""The code of docs/onnx.md, as a reader would run it."""

import re
import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch

from model.arrays import UInt8Array
from model.detection import PersonFinder
from model.engines import create_engine
from model.engines.torch_engine import TorchEngine
from model.estimator import PoseEstimator, build_estimator
from model.export import export_onnx
from model.skeletons import COCO_17
from model.zoo import PoseModel, load_catalogue, resolve, resolve_detector, shipped_graph
from tests.model.test_export import TinyNetwork

PAGE = Path(__file__).resolve().parents[2] / "docs" / "onnx.md"
BOXES = [(160.0, 130.0, 300.0, 430.0), (250.0, 250.0, 520.0, 390.0)]
"""Upright and wide, with crops inside the picture: in the black beyond it this network's maps have no one maximum."""


FOR_JOINTS, FOR_PEOPLE = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)


def run_code(code: str, folder: Path, monkeypatch: pytest.MonkeyPatch, picture: np.ndarray) -> dict[str, Any]:
    """What the page's code defines, run in a folder that holds its graph."""
    monkeypatch.chdir(folder)
    cv2.imwrite("photo.jpg", picture)
    names: dict[str, Any] = {}
    exec(compile(code, PAGE.name, "exec"), names)
    return names


def run_page(folder: Path, monkeypatch: pytest.MonkeyPatch, picture: np.ndarray) -> dict[str, Any]:
    """What the page's code for joints defines, run in a folder that holds pose.onnx."""
    names = run_code(FOR_JOINTS, folder, monkeypatch, picture)
    assert (folder / "joints.jpg").stat().st_size > 0
    return names


@pytest.mark.parametrize("code", [FOR_JOINTS, FOR_PEOPLE])
def test_code_is_as_short_as_promised(code: str) -> None:
    running = [line for line in code.splitlines() if line.strip()]
    assert len(running) <= 30
    assert set(re.findall(r"^import (\w+)", code, re.MULTILINE)) == {"cv2", "numpy", "onnxruntime"}


@pytest.mark.parametrize("size", ["256x192", "384x288"])
def test_page_finds_what_the_estimator_finds(size: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    network = TinyNetwork().eval()
    model = PoseModel.model_validate(load_catalogue().bare_network("lite-hrnet-18").model_dump() | {"input_size": size})
    monkeypatch.setattr("model.export.load_network", lambda model: network)
    export_onnx(model, tmp_path / "pose.onnx", with_preprocessing=True)
    noise = np.random.default_rng(5).integers(0, 256, (600, 640, 3), dtype=np.uint8)
    picture = cv2.normalize(cv2.GaussianBlur(noise, (9, 9), 0), None, 0, 255, cv2.NORM_MINMAX)
    page = run_page(tmp_path, monkeypatch, picture)
    engine = TorchEngine(network, "cpu", folded=False)
    estimate = PoseEstimator(engine, COCO_17, model.input_size).estimate(picture, BOXES)
    for person, box in enumerate(BOXES):
        joints, scores = page["find_joints"](picture, box)
        np.testing.assert_allclose(joints, estimate.keypoints[person], atol=0.05)
        np.testing.assert_allclose(scores, estimate.scores[person], atol=1e-3)


def first_frame() -> UInt8Array:
    capture = cv2.VideoCapture(str(PAGE.parents[1] / "assets" / "demo.mp4"))
    _, frame = capture.read()
    capture.release()
    return np.asarray(frame, np.uint8)


@pytest.mark.parametrize("size", [(480, 854), (200, 130)])
def test_page_finds_the_people_that_the_detector_finds(
    size: tuple[int, int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights = resolve_detector("person-416")
    graph = shipped_graph(weights)
    assert graph is not None
    shutil.copyfile(graph, tmp_path / "people.onnx")
    picture = cv2.resize(first_frame(), size[::-1], interpolation=cv2.INTER_AREA)
    find_people = run_code(FOR_PEOPLE, tmp_path, monkeypatch, picture)["find_people"]
    boxes, scores = find_people(picture)
    finder = PersonFinder(create_engine(weights, "onnxruntime", "cpu", threads=1), 416)
    expected_boxes, expected_scores = finder.find(picture, 0.5)
    assert len(expected_boxes) == 2
    np.testing.assert_allclose(boxes, expected_boxes, atol=0.01)
    np.testing.assert_allclose(scores, expected_scores, atol=1e-4)
    boxes, scores = find_people(np.zeros_like(picture))
    assert (boxes.shape, scores.shape) == ((0, 4), (0,))


def test_both_programs_go_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, weights = resolve("built-in"), resolve_detector("person-416")
    for name, graph in (("pose", shipped_graph(model)), ("people", shipped_graph(weights))):
        assert graph is not None
        shutil.copyfile(graph, tmp_path / f"{name}.onnx")
    picture = first_frame()
    page = run_code(FOR_JOINTS + FOR_PEOPLE, tmp_path, monkeypatch, picture)
    boxes, _ = page["find_people"](picture)
    assert len(boxes) == 2
    for box in boxes:
        joints, scores = page["find_joints"](picture, box)
        assert joints.shape == (17, 2)
        assert scores.mean() > 0.5


@pytest.mark.shared_data
def test_page_finds_a_person_in_a_photograph(shared_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = resolve("lite-hrnet-18-256x192")
    graph = shipped_graph(model)
    assert graph is not None
    shutil.copy(graph, tmp_path / "pose.onnx")
    picture = cv2.imread(str(shared_dir / "data" / "coco-val-dev" / "images" / "000000000785.jpg"))
    box = (280.0, 45.0, 498.0, 390.0)
    joints, scores = run_page(tmp_path, monkeypatch, picture)["find_joints"](picture, box)
    estimate = build_estimator(model, "torch-eager", "cpu").estimate(picture, [box])
    assert scores.mean() > 0.5
    np.testing.assert_allclose(joints, estimate.keypoints[0], atol=0.1)
